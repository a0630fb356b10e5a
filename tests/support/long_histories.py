"""Histories of any length, as the server would write them: a workflow calls one activity in a loop."""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.api.enums.v1 import EventType as E
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter

SOON = timedelta(seconds=10)


@activity.defn
async def step(number: int) -> int:
    return number


@workflow.defn
class Loop:
    """Six events a round; four more around them all."""

    def __init__(self) -> None:
        self.done = 0
        self.seen: list[int] = []

    @workflow.run
    async def run(self, rounds: int) -> int:
        for number in range(rounds):
            result = await workflow.execute_activity(step, number, start_to_close_timeout=SOON)
            self.seen.append(result)
            self.done += 1
        return self.done


def history_of(events: int) -> WorkflowHistory:
    """A finished run of `Loop` with about this many events."""
    rounds = max(1, (events - 5) // 6)
    pack = DataConverter.default.payload_converter.to_payloads
    found: list[HistoryEvent] = []

    def add(name: str) -> HistoryEvent:
        number = len(found) + 1
        event = HistoryEvent(event_id=number, event_type=E.Value(f"EVENT_TYPE_{name}"))
        event.event_time.FromMilliseconds(1_790_000_000_000 + number)
        found.append(event)
        return event

    started = add("WORKFLOW_EXECUTION_STARTED").workflow_execution_started_event_attributes
    started.workflow_type.name, started.workflow_id, started.attempt = "Loop", "loop", 1
    started.original_execution_run_id = started.first_execution_run_id = "a-run"
    started.task_queue.name = "loops"
    started.workflow_task_timeout.FromSeconds(10)
    started.input.payloads.extend(pack([rounds]))

    def task() -> int:
        scheduled = add("WORKFLOW_TASK_SCHEDULED")
        scheduled.workflow_task_scheduled_event_attributes.attempt = 1
        begun = add("WORKFLOW_TASK_STARTED")
        begun.workflow_task_started_event_attributes.scheduled_event_id = scheduled.event_id
        done = add("WORKFLOW_TASK_COMPLETED")
        attributes = done.workflow_task_completed_event_attributes
        attributes.scheduled_event_id, attributes.started_event_id = scheduled.event_id, begun.event_id
        return done.event_id

    for number in range(rounds):
        by = task()
        scheduled = add("ACTIVITY_TASK_SCHEDULED")
        asked = scheduled.activity_task_scheduled_event_attributes
        asked.activity_id, asked.activity_type.name = str(number + 1), "step"
        asked.workflow_task_completed_event_id, asked.task_queue.name = by, "loops"
        asked.input.payloads.extend(pack([number]))
        begun = add("ACTIVITY_TASK_STARTED")
        begun.activity_task_started_event_attributes.scheduled_event_id = scheduled.event_id
        begun.activity_task_started_event_attributes.attempt = 1
        answer = add("ACTIVITY_TASK_COMPLETED").activity_task_completed_event_attributes
        answer.scheduled_event_id, answer.started_event_id = scheduled.event_id, begun.event_id
        answer.result.payloads.extend(pack([number]))
    end = task()
    last = add("WORKFLOW_EXECUTION_COMPLETED").workflow_execution_completed_event_attributes
    last.workflow_task_completed_event_id = end
    last.result.payloads.extend(pack([rounds]))
    return WorkflowHistory(workflow_id="loop", events=found)
