"""Histories that end in the middle of a workflow task, or before the next one, and runs that were reset."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import orders
from tests.support.replays import ends_otherwise, history
from tutorial_lib.replay.recorder import record_replay
from tutorial_lib.replay.steps import Recording
from tutorial_lib.views.stepper import words
from tutorial_lib.views.stepper.layout import side_of
from tutorial_lib.views.stepper.view import Stepper

Event = tuple[str, dict[str, Any]]

FIRST, STARTED = 3, 9  # where the two tasks of a history with one parcel start
BEFORE = 7  # what the second one delivers
FAILED, TIMED_OUT = "WorkflowTaskFailed", "WorkflowTaskTimedOut"
TERMINATED: Event = ("WorkflowExecutionTerminated", {"reason": "enough"})
RUN_TIMED_OUT: Event = ("WorkflowExecutionTimedOut", {})
SIGNALED: Event = ("WorkflowExecutionSignaled", {"signalName": "hurry"})


def scheduled(attempt: int = 1) -> Event:
    return "WorkflowTaskScheduled", {"taskQueue": {"name": "orders"}, "attempt": attempt}


def ended(started: int, how: str = FAILED, **more: str) -> Event:
    return how, {"scheduledEventId": f"{started - 1}", "startedEventId": f"{started}", **more}


def reset(started: int) -> Event:
    more = {
        "cause": "WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW",
        "baseRunId": "run-1",
        "newRunId": f"run-{started}",
    }
    return ended(started, **more)


async def replayed(until: int, *events: Event) -> Recording:
    recording = await record_replay(ends_otherwise(1, until, *events), [orders.Order])
    assert recording.error is None
    return recording


@pytest.mark.parametrize(
    ("started", "rest"),
    [
        (STARTED, ()),
        (STARTED, (ended(STARTED),)),
        (STARTED, (ended(STARTED, TIMED_OUT),)),
        (STARTED, (ended(STARTED), scheduled(2))),
        # Of a closed run, Core delivers a task without a result only if it is the first one.
        (FIRST, (ended(FIRST), TERMINATED)),
        (FIRST, (ended(FIRST, TIMED_OUT), RUN_TIMED_OUT)),
        (FIRST, (ended(FIRST), scheduled(2), TERMINATED)),
    ],
)
async def test_a_task_without_a_result_starts_where_it_was_started(
    started: int, rest: tuple[Event, ...]
) -> None:
    recording = await replayed(started, *rest)
    last = recording.steps[-1]
    assert (last.started_id, last.completed_id, last.begun) == (started, None, True)
    assert last.jobs[0].event_id == (BEFORE if started == STARTED else 1)
    shown = side_of(recording)["steps"][-1]
    assert (shown["s"], shown.get("next", 0)) == (started, 0)


@pytest.mark.parametrize(
    ("until", "rest", "delivered"),
    [
        (BEFORE, (), BEFORE),
        (BEFORE, (scheduled(),), BEFORE),
        (STARTED, (ended(STARTED), SIGNALED), 11),  # the task that failed had not heard of the signal
        (10, (SIGNALED,), 11),
    ],
)
async def test_what_no_task_was_started_for_is_no_task_that_starts(
    until: int, rest: tuple[Event, ...], delivered: int
) -> None:
    recording = await replayed(until, *rest)
    *before, last = recording.steps
    assert not last.begun
    assert delivered in [job.event_id for job in last.jobs]
    assert all(step.begun for step in before)
    side = side_of(recording)
    assert side["tasks"] == len(before)
    assert [step.get("next", 0) for step in side["steps"]] == [0] * len(before) + [1]
    assert words.NEXT in side["pool"][side["steps"][-1]["story"]]
    picture = Stepper.of(recording).picture().svg
    assert "The next workflow task" in picture
    assert "not begun" in picture


async def test_a_closed_run_counts_the_tasks_that_were_begun() -> None:
    recording = await replayed(BEFORE, TERMINATED)
    assert words.summary(recording).startswith("Replay of workflow `Order`: 1 workflow task,")


async def test_each_reset_of_a_run_has_its_own_event() -> None:
    activity = {"scheduledEventId": "8", "startedEventId": "9"}
    events = [
        *(reset(3), scheduled(), ("WorkflowTaskStarted", {"scheduledEventId": "5"})),
        ("WorkflowTaskCompleted", {"scheduledEventId": "5", "startedEventId": "6"}),
        (
            "ActivityTaskScheduled",
            {"activityId": "1", "activityType": {"name": "ship"}, "workflowTaskCompletedEventId": "7"},
        ),
        ("ActivityTaskStarted", {"scheduledEventId": "8", "attempt": 1}),
        ("ActivityTaskCompleted", activity),
        *(scheduled(), ("WorkflowTaskStarted", {"scheduledEventId": "11"})),
        *(reset(12), scheduled(), ("WorkflowTaskStarted", {"scheduledEventId": "14"})),
        ("WorkflowTaskCompleted", {"scheduledEventId": "14", "startedEventId": "15"}),
        ("WorkflowExecutionCompleted", {"workflowTaskCompletedEventId": "16"}),
    ]
    assert seeds(await replayed(FIRST, *events)) == [(6, 4), (15, 13)]


async def test_two_resets_before_one_task_have_their_own_events_too() -> None:
    begun = ("WorkflowTaskStarted", {"scheduledEventId": "11"})
    again = ("WorkflowTaskStarted", {"scheduledEventId": "14"})
    events = [reset(STARTED), scheduled(), begun, reset(12), scheduled(), again]
    assert seeds(await replayed(STARTED, *events)) == [(15, 10), (15, 13)]


def seeds(recording: Recording) -> list[tuple[int, int | None]]:
    return [
        (step.started_id, job.event_id)
        for step in recording.steps
        for job in step.jobs
        if job.kind == "update_random_seed"
    ]


async def test_a_whole_history_has_no_task_to_come() -> None:
    recording = await record_replay(history(1), [orders.Order])
    assert [(step.started_id, step.begun) for step in recording.steps] == [(3, True), (9, True)]
