"""Which event a command becomes: what Core checks when it replays, as far as an event shows it."""

from __future__ import annotations

import json
from typing import Any

from temporalio.api.enums.v1 import EventType as E
from temporalio.api.history.v1 import HistoryEvent

from tutorial_lib.replay.steps import Command

ENDINGS = {
    "complete_workflow_execution": E.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
    "fail_workflow_execution": E.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
    "cancel_workflow_execution": E.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
    "continue_as_new_workflow_execution": E.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
}
# Their events come only if the thing is still open for the server, and not for every cancellation type.
CANCELS = {
    "cancel_timer": E.EVENT_TYPE_TIMER_CANCELED,
    "request_cancel_activity": E.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED,
    "cancel_child_workflow_execution": E.EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
    "request_cancel_nexus_operation": E.EVENT_TYPE_NEXUS_OPERATION_CANCEL_REQUESTED,
}
_BECOMES = {
    "schedule_activity": E.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
    "start_timer": E.EVENT_TYPE_TIMER_STARTED,
    "start_child_workflow_execution": E.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED,
    "signal_external_workflow_execution": E.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
    "request_cancel_external_workflow_execution": (
        E.EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED
    ),
    "schedule_nexus_operation": E.EVENT_TYPE_NEXUS_OPERATION_SCHEDULED,
    "set_patch_marker": E.EVENT_TYPE_MARKER_RECORDED,
    "upsert_workflow_search_attributes": E.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
    "modify_workflow_properties": E.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED,
    **CANCELS,
    **ENDINGS,
}
_ANSWERS_TO_UPDATES = {
    "accepted": E.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
    "completed": E.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED,
    "failed": E.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED,
}
UPDATE_EVENTS = frozenset(_ANSWERS_TO_UPDATES.values())
# Cancelled in the task that asked for it: Core tells the server of neither.
CANCELLED_BY = {
    "cancel_timer": "start_timer",
    "request_cancel_activity": "schedule_activity",
    "cancel_child_workflow_execution": "start_child_workflow_execution",
    "request_cancel_nexus_operation": "schedule_nexus_operation",
    "cancel_signal_workflow": "signal_external_workflow_execution",
}


def attributes(event: HistoryEvent) -> Any:
    """The attributes message of an event; the event itself when it has none."""
    which = event.WhichOneof("attributes")
    return getattr(event, which) if which else event


def becomes(command: Command) -> int | None:
    """The type of the event that a command becomes; None if it becomes none.

    An update that is rejected leaves no event: the history never hears of it.
    """
    if command.kind == "update_response":
        return _ANSWERS_TO_UPDATES.get(command.detail)
    return _BECOMES.get(command.kind)


def fits(command: Command, event: HistoryEvent) -> bool:
    """Whether this command can have made this event."""
    if event.event_type != becomes(command):
        return False
    said = attributes(event)
    match command.kind:
        case "schedule_activity":
            is_same = said.activity_type.name == command.name
        case "start_child_workflow_execution":
            is_same = said.workflow_type.name == command.name
        case "schedule_nexus_operation":
            is_same = said.operation == command.name
        case "signal_external_workflow_execution":
            is_same = said.signal_name == command.name
        case "set_patch_marker":
            is_same = patch_of(event) == command.name
        case _:
            is_same = True
    return is_same and ids_of(command, event) is None


def ids_of(command: Command, event: HistoryEvent) -> tuple[str, str] | None:
    """What differs where a command would become an event of this type: ids that Core compares, beside names.

    Returns:
        That of the event and that of the command; None if they are equal, or of different types.
    """
    said = attributes(event)
    local = local_activity_of(event)
    default = str(command.seq)  # of what the code gives no id
    match command.kind:
        case "schedule_local_activity" if local is not None:
            ids = (local[2], command.detail or default)
        case _ if event.event_type != becomes(command):
            return None
        case "schedule_activity":
            ids = (said.activity_id, command.detail or default)
        case "start_timer":
            ids = (said.timer_id, default)
        case "start_child_workflow_execution":
            ids = (said.workflow_id, command.detail)
        case "schedule_nexus_operation":
            ids = (f"{said.service} at {said.endpoint}", command.detail)
        case _:
            return None
    return ids if ids[0] != ids[1] else None


def patch_of(event: HistoryEvent) -> str | None:
    """The id of the patch that a marker is for; None for other events."""
    found = _marker(event, "core_patch", "patch-data")
    return str(found.get("id", "")) if found is not None else None


def is_deprecated_patch(event: HistoryEvent) -> bool:
    """Whether a marker is of `workflow.deprecate_patch`: code may lack the call again."""
    return bool((_marker(event, "core_patch", "patch-data") or {}).get("deprecated"))


def local_activity_of(event: HistoryEvent) -> tuple[int, str, str] | None:
    """Number, type and id of the local activity that a marker is for; None for other events."""
    found = _marker(event, "core_local_activity", "data")
    if found is None:
        return None
    seq = int(found.get("seq") or 0)
    return seq, str(found.get("activity_type", "")), str(found.get("activity_id") or seq)


def is_of_patch(event: HistoryEvent) -> bool:
    """Whether this is the search attribute that Core sets by itself after a patch marker."""
    if event.event_type != E.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:
        return False
    fields = attributes(event).search_attributes.indexed_fields
    return set(fields) == {"TemporalChangeVersion"}


def _marker(event: HistoryEvent, name: str, field: str) -> dict[str, Any] | None:
    if event.event_type != E.EVENT_TYPE_MARKER_RECORDED:
        return None
    said = event.marker_recorded_event_attributes
    if said.marker_name != name:
        return None
    try:
        found = json.loads(said.details[field].payloads[0].data) if field in said.details else {}
    except (ValueError, IndexError):
        found = {}
    return found if isinstance(found, dict) else {}
