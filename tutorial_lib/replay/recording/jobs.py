"""Core's jobs and the SDK's commands as plain values, and what is open between them.

Both are protobuf messages of the bridge between Python and Core; their field names are the kinds that steps
show. The name of an activity or timer is in the command that opens it, only; the book keeps it for
the job that answers.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from tutorial_lib.history.explain_words import duration
from tutorial_lib.replay.steps import Command, Job, Place, Waiting

# Commands that open something, and what it is called while it is open.
OPENERS = {
    "start_timer": "timer",
    "schedule_activity": "activity",
    "schedule_local_activity": "local activity",
    "start_child_workflow_execution": "child",
    "schedule_nexus_operation": "nexus",
    "signal_external_workflow_execution": "signal",
    "request_cancel_external_workflow_execution": "cancel",
}
# What answers them. Local activities count together with the others; a child and a Nexus operation are
# answered twice, by a start and a result.
_FAMILY = {"local activity": "activity"}
_ANSWERS = {
    "fire_timer": "timer",
    "resolve_activity": "activity",
    "resolve_child_workflow_execution_start": "child",
    "resolve_child_workflow_execution": "child",
    "resolve_nexus_operation_start": "nexus",
    "resolve_nexus_operation": "nexus",
    "resolve_signal_external_workflow": "signal",
    "resolve_request_cancel_external_workflow": "cancel",
}
# Commands that are about something open, and take its name.
_ABOUT = {
    "cancel_timer": "timer",
    "request_cancel_activity": "activity",
    "request_cancel_local_activity": "activity",
    "cancel_child_workflow_execution": "child",
    "request_cancel_nexus_operation": "nexus",
    "cancel_signal_workflow": "signal",
}
_STARTS = {"resolve_child_workflow_execution_start", "resolve_nexus_operation_start"}
_STARTED = {"succeeded": "started", "operation_token": "started", "started_sync": "started"}


@dataclasses.dataclass
class OpenBook:
    """What one life of a workflow has asked for that is not answered yet."""

    _open: dict[tuple[str, int], Waiting] = dataclasses.field(default_factory=dict)
    _updates: dict[str, str] = dataclasses.field(default_factory=dict)  # names, by protocol instance id
    _accepted: set[str] = dataclasses.field(default_factory=set)

    def job(self, message: Any) -> Job:
        """Reads a job of an activation, and closes what it answers."""
        kind: str = message.WhichOneof("variant")
        body = getattr(message, kind)
        fields = body.DESCRIPTOR.fields_by_name
        seq = body.seq if "seq" in fields else None
        status = _status(kind, body)
        answered = (_ANSWERS.get(kind, ""), seq or 0)
        name = next(
            (
                getattr(body, field)
                for field in ("workflow_type", "signal_name", "name", "patch_id")
                if field in fields
            ),
            "",
        )
        if answered in self._open:
            name = self._open[answered].name
            if kind not in _STARTS or status != "started":
                del self._open[answered]
        if kind == "do_update":
            self._updates[body.protocol_instance_id] = name
        return Job(
            kind,
            name,
            status,
            seq,
            event_id=getattr(body, "originating_event_id", 0) or None,
            protocol_instance_id=getattr(body, "protocol_instance_id", ""),
            is_local=kind == "resolve_activity" and body.is_local,
        )

    def commands(self, messages: Sequence[Any], places: Sequence[Place | None]) -> tuple[Command, ...]:
        """Reads the commands of a completion with the line of each, and opens what they ask for."""
        found = []
        for number, message in enumerate(messages):
            command = _command(message, places[number] if number < len(places) else None)
            if command.kind == "update_response":
                command = self._answer(command)
            about = self._open.get((_ABOUT.get(command.kind, ""), command.seq or 0))
            if about is not None:
                command = dataclasses.replace(command, name=about.name)
                if command.kind == "cancel_timer":
                    del self._open["timer", command.seq or 0]
            found.append(command)
            opened = OPENERS.get(command.kind)
            key = (_FAMILY.get(opened or "", opened or ""), command.seq or 0)
            if opened:
                called = command.name or command.detail
                self._open[key] = Waiting(opened, called, command.seq, None, command.place)
        return tuple(found)

    def _answer(self, command: Command) -> Command:
        """An answer to an update, with its name. Core has one word for a refused one and one that fails."""
        update = command.protocol_instance_id
        detail = command.detail
        if detail == "accepted":
            self._accepted.add(update)
        elif detail == "rejected" and update in self._accepted:
            detail = "failed"
        return dataclasses.replace(command, name=self._updates.get(update, ""), detail=detail)

    def waiting(self) -> tuple[Waiting, ...]:
        """What is open, oldest first."""
        return tuple(self._open.values())


def _status(kind: str, body: Any) -> str:
    if kind in ("resolve_activity", "resolve_child_workflow_execution", "resolve_nexus_operation"):
        found: str | None = body.result.WhichOneof("status")
        return found or ""
    if kind in _STARTS:
        which = body.WhichOneof("status") or ""
        return _STARTED.get(which, which)
    if kind in ("resolve_signal_external_workflow", "resolve_request_cancel_external_workflow"):
        return "failed" if body.HasField("failure") else "delivered"
    return ""


def _command(message: Any, place: Place | None) -> Command:
    kind: str = message.WhichOneof("variant") or ""
    if not kind:
        return Command("", place=place)
    body = getattr(message, kind)
    fields = body.DESCRIPTOR.fields_by_name
    name = next(
        (
            getattr(body, field)
            for field in ("activity_type", "workflow_type", "patch_id", "signal_name", "operation")
            if field in fields
        ),
        "",
    )
    seq = next((getattr(body, field) for field in ("seq", "child_workflow_seq") if field in fields), None)
    return Command(
        kind,
        name,
        _detail(kind, body),
        seq,
        None if kind == "update_response" and body.HasField("accepted") else place,
        protocol_instance_id=getattr(body, "protocol_instance_id", ""),
    )


def _detail(kind: str, body: Any) -> str:
    match kind:
        case "schedule_activity" | "schedule_local_activity":
            detail = body.activity_id if body.activity_id != str(body.seq) else ""
        case "start_child_workflow_execution":
            detail = body.workflow_id
        case "start_timer":
            detail = duration(body.start_to_fire_timeout.ToMilliseconds() / 1000)
        case "update_response":
            detail = body.WhichOneof("response")
        case "signal_external_workflow_execution":
            detail = body.child_workflow_id or body.workflow_execution.workflow_id
        case "request_cancel_external_workflow_execution":
            detail = body.workflow_execution.workflow_id
        case "schedule_nexus_operation":
            detail = f"{body.service} at {body.endpoint}"
        case "set_patch_marker":
            detail = "deprecated" if body.deprecated else ""
        case _:
            detail = ""
    return str(detail or "")
