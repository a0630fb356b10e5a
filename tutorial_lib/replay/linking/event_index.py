"""A history indexed for linking: which event answers which, and what each workflow task made."""

from __future__ import annotations

import bisect
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from temporalio.api.enums.v1 import EventType as E
from temporalio.api.history.v1 import HistoryEvent

from tutorial_lib.replay.linking.command_events import UPDATE_EVENTS, attributes, local_activity_of, patch_of
from tutorial_lib.replay.steps import Job

# What a job answers: the opener's kind, and how the types of the events begin that can bring the answer.
_RESULTS = {
    "fire_timer": ("timer", "TIMER_FIRED"),
    "resolve_activity": ("activity", "ACTIVITY_TASK_"),
    "resolve_child_workflow_execution": ("child", "CHILD_WORKFLOW_EXECUTION_"),
    "resolve_nexus_operation": ("nexus", "NEXUS_OPERATION_"),
    "resolve_signal_external_workflow": ("signal", ""),
    "resolve_request_cancel_external_workflow": ("cancel", ""),
}
_STARTS = {
    "resolve_child_workflow_execution_start": (
        "child",
        {E.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED, E.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_FAILED},
    ),
    "resolve_nexus_operation_start": ("nexus", {E.EVENT_TYPE_NEXUS_OPERATION_STARTED}),
}
_NO_RESULT = {
    E.EVENT_TYPE_ACTIVITY_TASK_STARTED,
    E.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED,
    E.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED,
    E.EVENT_TYPE_NEXUS_OPERATION_STARTED,
    E.EVENT_TYPE_NEXUS_OPERATION_CANCEL_REQUESTED,
    E.EVENT_TYPE_NEXUS_OPERATION_CANCEL_REQUEST_COMPLETED,
    E.EVENT_TYPE_NEXUS_OPERATION_CANCEL_REQUEST_FAILED,
}
_RESET = "reset"

Opened = dict[tuple[str, int], int]
"""Ids of the events that opened something, by its kind and Core's number."""


class EventIndex:
    """The index of one history.

    Args:
        events: All of it.

    Attributes:
        completed: Ids of WorkflowTaskCompleted by id of WorkflowTaskStarted.
    """

    def __init__(self, events: Sequence[HistoryEvent]) -> None:
        self.completed: dict[int, int] = {}
        self._made: dict[int, list[HistoryEvent]] = {}
        self._answers: dict[int, list[HistoryEvent]] = {}
        self._singles: dict[tuple[int, str], list[int]] = {}
        self._starts: list[int] = []
        self._locals: dict[int, HistoryEvent] = {}
        latest = 0
        for event in events:
            said = attributes(event)
            if event.event_type == E.EVENT_TYPE_WORKFLOW_TASK_STARTED:
                self._starts.append(event.event_id)
            if event.event_type == E.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
                self.completed[said.started_event_id] = latest = event.event_id
                self._made[latest] = []
                continue
            # Updates do not tell their task: it is the one before them.
            is_update = event.event_type in UPDATE_EVENTS
            made_by = latest if is_update else getattr(said, "workflow_task_completed_event_id", 0)
            if made_by in self._made:
                self._made[made_by].append(event)
            self._read(event, said)
        self._started = sorted(self.completed)

    def _read(self, event: HistoryEvent, said: Any) -> None:
        for field in ("scheduled_event_id", "initiated_event_id"):
            if opener := getattr(said, field, 0):
                self._answers.setdefault(opener, []).append(event)
        key = patch_of(event) or ""
        if event.event_type == E.EVENT_TYPE_TIMER_FIRED:
            self._answers.setdefault(said.started_event_id, []).append(event)
        elif event.event_type == E.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
            key = said.protocol_instance_id
        elif event.event_type == E.EVENT_TYPE_WORKFLOW_TASK_FAILED and said.new_run_id:
            key = _RESET
        elif local := local_activity_of(event):
            self._locals.setdefault(local[0], event)
        self._singles.setdefault((event.event_type, key), []).append(event.event_id)

    def made_between(self, started: int, until: int | None) -> Iterator[HistoryEvent]:
        """What the workflow tasks made that were started from one event on, until another.

        Local activities that take long make tasks of their own, which Core folds into one on replay.
        """
        begin = bisect.bisect_left(self._started, started)
        end = len(self._started) if until is None else bisect.bisect_left(self._started, until)
        for first in self._started[begin:end]:
            yield from self._made[self.completed[first]]

    def marker_of(self, seq: int | None) -> HistoryEvent | None:
        """The marker of a local activity."""
        return self._locals.get(seq or 0)

    def newest_start(self, known: int) -> int | None:
        """The last WorkflowTaskStarted up to an event; None if there is none."""
        at = bisect.bisect_right(self._starts, known)
        return self._starts[at - 1] if at else None

    def source_of(self, job: Job, opened: Opened, known: int, taken: Collection[int]) -> int | None:
        """The event that a job is about.

        Args:
            job: What Core delivered.
            opened: What the workflow opened before it.
            known: The last event that the code knew. What Core answers by itself, as the cancellation of an
                activity that the code does not wait for, is in none of the events until then.
            taken: Events that jobs before it were about.
        """
        if job.kind == "initialize_workflow":
            return 1
        if job.kind == "resolve_activity" and job.is_local:
            marker = self.marker_of(job.seq)
            return marker.event_id if marker is not None else None
        if job.kind in _RESULTS:
            kind, begin = _RESULTS[job.kind]
            return _until(known, self._result(opened.get((kind, job.seq or 0)), begin))
        if job.kind in _STARTS:
            return _until(known, self._start(job, opened))
        single = {
            "cancel_workflow": (E.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED, ""),
            "update_random_seed": (E.EVENT_TYPE_WORKFLOW_TASK_FAILED, _RESET),
            "notify_has_patch": (E.EVENT_TYPE_MARKER_RECORDED, job.name),
            "do_update": (E.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED, job.protocol_instance_id),
        }.get(job.kind)
        if single is None:
            return job.event_id
        # A run may be reset again and again: each time Core delivers a seed.
        return next((each for each in self._singles.get(single, ()) if each not in taken), None)

    def _start(self, job: Job, opened: Opened) -> int | None:
        kind, types = _STARTS[job.kind]
        opener = opened.get((kind, job.seq or 0))
        found = self._first(opener, types)
        if found is None and kind == "nexus":  # a synchronous one answers at once
            return self._result(opener, "NEXUS_OPERATION_")
        return found

    def _first(self, opener: int | None, types: Collection[int]) -> int | None:
        events = self._answers.get(opener or 0, ())
        return next((event.event_id for event in events if event.event_type in types), None)

    def _result(self, opener: int | None, begin: str) -> int | None:
        for event in self._answers.get(opener or 0, ()):
            named = E.Name(event.event_type)
            if event.event_type not in _NO_RESULT and named.startswith(f"EVENT_TYPE_{begin}"):
                return event.event_id
        return None


def _until(known: int, event_id: int | None) -> int | None:
    return event_id if event_id is not None and event_id <= known else None
