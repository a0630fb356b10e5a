"""What if that activity had returned something else? Changes one answer, and shows what the code does then.

The history is cut after the workflow task that delivers the answer, as if that task had just been handed to a
worker: everything before is replayed, and in the last step the code takes its own way. Nothing is executed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from temporalio.api.common.v1 import Payloads
from temporalio.api.enums.v1 import EventType as E
from temporalio.api.enums.v1 import RetryState
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError

from tutorial_lib.errors import HistoryError
from tutorial_lib.history.events import History
from tutorial_lib.history.reading import read_history
from tutorial_lib.replay.recorder import Recordable, fetched, record_replay
from tutorial_lib.replay.steps import Recording

_UNCHANGED: Any = object()

# Events that carry a value, and the field of it. What ends a run is not among them: no code runs after it.
_RESULTS = {
    E.EVENT_TYPE_ACTIVITY_TASK_COMPLETED: ("activity_task_completed_event_attributes", "result"),
    E.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED: (
        "child_workflow_execution_completed_event_attributes",
        "result",
    ),
    E.EVENT_TYPE_NEXUS_OPERATION_COMPLETED: ("nexus_operation_completed_event_attributes", "result"),
    E.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: ("workflow_execution_signaled_event_attributes", "input"),
    E.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED: ("workflow_execution_started_event_attributes", "input"),
}
_INPUTS = {E.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED, E.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED}


async def what_if(
    history: Recordable,
    event_id: int,
    workflows: Sequence[type] | None = None,
    *,
    result: Any = _UNCHANGED,
    failure: str | BaseException | None = None,
    **options: Any,
) -> Recording:
    """Replays up to an answer, with another answer; the last step shows what the code would have done.

    Args:
        history: A history in any form, or a handle.
        event_id: ActivityTaskCompleted, ChildWorkflowExecutionCompleted or NexusOperationCompleted; or, with
            `result` as the new argument (a tuple for several), WorkflowExecutionSignaled or -Started.
        workflows: Classes to choose from by workflow type; the notebook's own if None.
        result: What it gives instead.
        failure: Or how it fails instead: a message, or an exception. For activities and children.
        options: As `record_replay` takes them.

    Raises:
        HistoryError: There is no such event, it carries no answer, or no workflow task delivers it.
    """
    converter: DataConverter = options.get("data_converter") or DataConverter.default
    read = await fetched(history, converter)
    event = read.event(event_id)
    if (result is _UNCHANGED) == (failure is None):
        raise HistoryError(
            "what_if takes either a result or a failure", f"what_if(history, {event_id}, result=...)"
        )
    if read.source.events[event_id - 1].event_type not in _RESULTS:
        raise HistoryError(
            f"event {event_id} ({event.type}) carries no answer that could be another",
            f"take one of these: {_candidates(read) or 'this history has none'}",
        )
    changed = _copy(read, event_id)
    target = changed[event_id - 1]
    if failure is not None:
        await _fail(target, failure, converter)
    else:
        await _answer(target, result, converter)
    return await record_replay(_cut(read, changed, converter), workflows, **options)


def _copy(history: History, event_id: int) -> list[HistoryEvent]:
    """The events up to the WorkflowTaskStarted that delivers an event."""
    for event in history.events[event_id:]:
        if event.type == "WorkflowTaskStarted" and _is_worked_on(history, event.id):
            copies = [HistoryEvent() for _ in range(event.id)]
            for copy, original in zip(copies, history.source.events, strict=False):
                copy.CopyFrom(original)
            return copies
    raise HistoryError(
        f"no workflow task follows event {event_id}: the workflow never saw it", "take an earlier event"
    )


def _is_worked_on(history: History, started_id: int) -> bool:
    """Whether a workflow task did not fail; it is open if it is the last event."""
    return started_id == len(history.events) or history.event(started_id + 1).type == "WorkflowTaskCompleted"


def _cut(history: History, events: Sequence[HistoryEvent], converter: DataConverter) -> History:
    source = WorkflowHistory(workflow_id=history.workflow_id, events=list(events))
    return dataclasses.replace(
        read_history(source, data_converter=converter), workflow_id=history.workflow_id
    )


async def _answer(event: HistoryEvent, result: Any, converter: DataConverter) -> None:
    attributes, field = _RESULTS[event.event_type]
    several = event.event_type in _INPUTS and isinstance(result, tuple)
    payloads = await converter.encode(result if several else [result])
    said = getattr(getattr(event, attributes), field)
    if isinstance(said, Payloads):
        said.CopyFrom(Payloads(payloads=payloads))
    else:
        said.CopyFrom(payloads[0])


async def _fail(event: HistoryEvent, failure: str | BaseException, converter: DataConverter) -> None:
    turn = _FAILURES.get(event.event_type)
    if turn is None:
        raise HistoryError(
            f"event {event.event_id} cannot fail instead", "only activities and child workflows can"
        )
    said = turn(event)
    error = ApplicationError(failure) if isinstance(failure, str) else failure
    await converter.encode_failure(error, said.failure)
    said.retry_state = RetryState.RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED


def _activity_fails(event: HistoryEvent) -> Any:
    was = event.activity_task_completed_event_attributes
    scheduled, started, identity = was.scheduled_event_id, was.started_event_id, was.identity
    event.event_type = E.EVENT_TYPE_ACTIVITY_TASK_FAILED
    said = event.activity_task_failed_event_attributes
    said.scheduled_event_id, said.started_event_id, said.identity = scheduled, started, identity
    return said


def _child_fails(event: HistoryEvent) -> Any:
    was = event.child_workflow_execution_completed_event_attributes
    execution, kind, namespace = was.workflow_execution, was.workflow_type, was.namespace
    initiated, started = was.initiated_event_id, was.started_event_id
    said = type(event)().child_workflow_execution_failed_event_attributes
    said.workflow_execution.CopyFrom(execution)
    said.workflow_type.CopyFrom(kind)
    said.namespace, said.initiated_event_id, said.started_event_id = namespace, initiated, started
    event.event_type = E.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_FAILED
    event.child_workflow_execution_failed_event_attributes.CopyFrom(said)
    return event.child_workflow_execution_failed_event_attributes


_FAILURES: dict[int, Callable[[HistoryEvent], Any]] = {
    E.EVENT_TYPE_ACTIVITY_TASK_COMPLETED: _activity_fails,
    E.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED: _child_fails,
}


def _candidates(history: History) -> str:
    """The events that `what_if` can change, for a message: `7 (greet), 13 (greet)`."""
    found = [
        f"{event.id} ({event.name or event.type})"
        for event, proto in zip(history.events, history.source.events, strict=True)
        if proto.event_type in _RESULTS and proto.event_type != E.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED
    ]
    return ", ".join(found[:12])
