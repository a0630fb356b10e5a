"""The four timeouts: what a call's options say, and that a real server does just that."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType, PendingActivityState, TimeoutType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowFailureError, WorkflowHandle
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

from tests.support.waiting import looks_async, wait_for
from tests.views.timeouts_workflows import Call, Works, work
from tutorial_lib.errors import TutorialError
from tutorial_lib.lab import Lab
from tutorial_lib.views.execution.tries import (
    HEARTBEAT,
    START_TO_CLOSE,
    ActivityReader,
    ObservedActivity,
    Try,
    with_event,
)
from tutorial_lib.views.timeouts.layout import Layout, timeouts_layout
from tutorial_lib.views.timeouts.options import Options
from tutorial_lib.views.timeouts.view import Timeouts

ONE = timedelta(seconds=1)
START, CLOSE, QUEUE, BEAT = "start-to-close", "schedule-to-close", "schedule-to-start", "heartbeat"


def options(**given: float | RetryPolicy) -> Options:
    """Options of a call; timeouts in seconds."""
    return Options.of(
        {
            name if name == "retry_policy" else f"{name}_timeout": (
                each if isinstance(each, RetryPolicy) else timedelta(seconds=each)
            )
            for name, each in given.items()
        }
    )


def spans(chart: Layout, name: str) -> list[tuple[float, float | None, float | None, str]]:
    """From, to, deadline and state of the spans of a row."""
    (row,) = [row for row in chart["rows"] if row["name"] == name]
    return [(s["from"], s["to"], s["deadline"], s["state"]) for s in row["spans"]]


def states(chart: Layout) -> dict[str, str]:
    """The state of each timeout."""
    return {row["name"]: row["state"] for row in chart["rows"] if row["name"] != "attempts"}


# ---- before it runs ----------------------------------------------------------------------------------


def test_each_timeout_begins_and_ends_where_it_does():
    chart = timeouts_layout(
        options(start_to_close=2, schedule_to_start=1, schedule_to_close=9, heartbeat=1.5)
    )
    assert spans(chart, "attempts") == [(1, 2.5, None, "planned"), (4.5, 6, None, "planned")]
    assert spans(chart, QUEUE) == [(0, 1, 1, "planned"), (3.5, 4.5, 4.5, "planned")]
    assert spans(chart, START) == [(1, 2.5, 3, "planned"), (4.5, 6, 6.5, "planned")]
    assert spans(chart, BEAT) == [(1, 2.5, 2.5, "planned"), (4.5, 6, 6, "planned")]
    assert spans(chart, CLOSE) == [(0, 6, 9, "planned")]
    assert states(chart) == dict.fromkeys((QUEUE, START, BEAT, CLOSE), "planned")


def test_a_timeout_that_is_not_given_is_not_set():
    chart = timeouts_layout(options(start_to_close=2))
    assert states(chart) == {QUEUE: "not set", START: "planned", BEAT: "not set", CLOSE: "not set"}
    assert len(spans(chart, START)) == 3
    assert chart["lines"] == [
        "Drawn as if no attempt ever answered. And so on: retried without limit, as no option ends it."
    ]
    assert chart["options"] == (
        "Timeouts: start-to-close 2 s. Not set: schedule-to-start, heartbeat, schedule-to-close."
    )


def test_the_policy_ends_the_plan():
    chart = timeouts_layout(options(start_to_close=2, retry_policy=RetryPolicy(maximum_attempts=2)))
    assert spans(chart, "attempts") == [(0, 2, None, "planned"), (3, 5, None, "planned")]
    assert chart["lines"][0].endswith("At most 2 attempts.")
    once = timeouts_layout(options(start_to_close=2, retry_policy=RetryPolicy(maximum_attempts=1)))
    assert once["lines"][0].endswith("One attempt, no retry.")


def test_a_timeout_is_told_in_full_or_as_about():
    assert (
        options(start_to_close=7325, heartbeat=12.345)
        .sentence()
        .startswith(f"Timeouts: {START_TO_CLOSE} about 2 h 2 min, {HEARTBEAT} 12.345 s.")
    )
    assert f"{START_TO_CLOSE} 1 d 5 s." in options(start_to_close=86405).sentence()


def test_schedule_to_close_cuts_the_last_attempt():
    chart = timeouts_layout(options(start_to_close=2, schedule_to_close=4))
    assert spans(chart, "attempts")[-1][:2] == (3, 4)
    alone = timeouts_layout(options(schedule_to_close=4))
    assert spans(alone, "attempts") == [(0, 4, None, "planned")]


def test_a_call_that_the_sdk_refuses_is_drawn_as_that():
    chart = timeouts_layout(options(heartbeat=2))
    assert spans(chart, "attempts") == []
    assert chart["warning"].startswith("Neither start_to_close_timeout nor schedule_to_close_timeout")
    assert "the SDK refuses the call" in Timeouts.of(Options()).picture().alt


def test_what_the_server_cuts_is_told():
    given = options(start_to_close=2, heartbeat=20, schedule_to_close=100, schedule_to_start=200)
    assert given.warning() == (
        "The server takes schedule-to-start 1 min 40 s, not 3 min 20 s; heartbeat 2 s, not 20 s: "
        "no timeout is longer than the one that holds it."
    )
    assert options(start_to_close=2, heartbeat=1).warning() == ""


def test_the_picture_has_a_lane_each_and_says_what_is_drawn():
    picture = Timeouts.of(options(start_to_close=2, heartbeat=1)).picture()
    assert all(name in picture.svg for name in ("attempts", START, CLOSE, QUEUE, BEAT))
    assert (
        picture.alt
        == "Timeouts: start-to-close 2 s, heartbeat 1 s. Not set: schedule-to-start, schedule-to-close."
    )
    assert "Attempt" not in picture.svg


# ---- over attempts -----------------------------------------------------------------------------------


def run_of(*tries: Try, **more: Any) -> ObservedActivity:
    known = {START: 1.0, BEAT: 0.5}
    policy = RetryPolicy(maximum_attempts=2)
    return ObservedActivity(
        "charge", "1", 1000.0, policy, None, {each.number: each for each in tries}, timeouts=known, **more
    )


def test_a_heartbeat_begins_its_timeout_anew():
    chart = timeouts_layout(
        options(start_to_close=1, heartbeat=0.5), run_of(Try(1, "running", 1000.25, beats=(1000.5,)))
    )
    (row,) = [row for row in chart["rows"] if row["name"] == BEAT]
    assert [(span["from"], span["deadline"], span["beats"]) for span in row["spans"]] == [(0.25, 1.0, [0.5])]
    assert row["state"] == "running"
    assert chart["real"] == ""


def test_an_attempt_that_nobody_saw_has_no_span():
    chart = timeouts_layout(options(start_to_close=1), run_of(Try(1, "failed"), Try(2, "running", 1002.0)))
    assert [span[0] for span in spans(chart, "attempts")] == [2.0]


def test_an_attempt_that_has_ended_is_not_drawn_as_one_that_lasts():
    gone = run_of(
        Try(1, "failed", 1000.0, timeout=""), Try(2, "completed", 1001.2, 1001.3), closed="completed"
    )
    assert [span[:2] for span in spans(timeouts_layout(options(start_to_close=1), gone), "attempts")] == [
        (0, 0),
        pytest.approx((1.2, 1.3)),
    ]


def test_the_end_of_an_attempt_is_known_from_the_timeout_that_ended_it():
    run = replace(run_of(Try(1, "running", 1000.0)), limit=None)
    started = HistoryEvent(event_type=EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED)
    attributes = started.activity_task_started_event_attributes
    attributes.scheduled_event_id, attributes.attempt = 5, 2
    kind = TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE
    attributes.last_failure.timeout_failure_info.timeout_type = kind
    assert with_event(run, 5, started).tries[1].ended == 1001.0


def test_what_fired_and_what_followed_is_said():
    first = Try(1, "failed", 1000.0, 1001.0, "activity StartToClose timeout", START)
    second = replace(first, number=2, started=1002.0, ended=1003.0, state="timed out")
    run = run_of(first, second, closed="timed out", fired=START, given_up="no attempt left", ended=1003.0)
    chart = timeouts_layout(Options.seen(run), run)
    assert chart["lines"] == [
        "Attempt 1: start-to-close timeout. Retried.",
        "Attempt 2: start-to-close timeout. Not retried: maximum_attempts is 2.",
    ]
    assert chart["real"] == f"charge: 2 attempts. {' '.join(chart['lines'])}"
    assert states(chart) == {QUEUE: "not set", START: "fired", BEAT: "kept", CLOSE: "not set"}


# ---- on the server -----------------------------------------------------------------------------------

Start = Callable[[Call], Any]


@pytest.fixture
async def works(lab: Lab) -> Lab:
    lab.start_worker(task_queue="works", workflows=[Works], activities=[work])
    return lab


async def followed(lab: Lab, call: Call) -> Layout:
    """What is seen of a call until it is over."""
    handle: WorkflowHandle[Any, str] = await lab.client.start_workflow(
        Works.run, call, id="works", task_queue="works"
    )
    view = await lab.timeouts(handle=handle, **call.options())
    assert (await view.over()) is view
    wait_for(lambda: not view.live)
    assert repr(view).endswith(view.chart["real"])
    return view.chart


async def test_start_to_close_ends_an_attempt_and_is_retried(works):
    chart = await followed(works, Call(start_to_close=3, attempts=2))
    assert chart["lines"] == [
        "Attempt 1: start-to-close timeout. Retried.",
        "Attempt 2: start-to-close timeout. Not retried: maximum_attempts is 2.",
    ]
    assert states(chart)[START] == "fired"
    assert [each[3] for each in spans(chart, START)] == ["fired", "fired"]
    # The server's own times: an attempt had all of its three seconds.
    assert [each for each in spans(chart, START) if each[1] - each[0] < 2.95] == []


async def test_a_heartbeat_that_stays_away_ends_an_attempt_and_is_retried(works):
    chart = await followed(works, Call(start_to_close=30, lasts=9, heartbeat=3, silent_after=4, attempts=2))
    assert chart["lines"] == [
        "Attempt 1: heartbeat timeout, no heartbeat came in time. Retried.",
        "Attempt 2: heartbeat timeout, no heartbeat came in time. Not retried: maximum_attempts is 2.",
    ]
    assert states(chart) | {START: "kept", BEAT: "fired"} == states(chart)
    (row,) = [row for row in chart["rows"] if row["name"] == BEAT]
    assert all(span["beats"] for span in row["spans"])


async def test_schedule_to_start_is_not_retried(works):
    chart = await followed(
        works, Call(start_to_close=9, schedule_to_start=1, task_queue="nobody", attempts=5)
    )
    assert chart["real"] == (
        "work: no attempt. Schedule-to-start timeout: no worker took the task in time. Not retried."
    )
    assert states(chart)[QUEUE] == "fired"
    assert spans(chart, "attempts") == []


async def test_schedule_to_close_holds_for_the_waiting_too(works):
    chart = await followed(works, Call(start_to_close=1, schedule_to_close=1.5, task_queue="nobody"))
    assert chart["real"].startswith("work: no attempt. Schedule-to-start timeout")
    assert states(chart)[QUEUE] == "fired"  # though it was not given


async def test_schedule_to_close_ends_an_attempt_and_all(works):
    chart = await followed(works, Call(lasts=9, schedule_to_close=4))
    assert chart["lines"] == ["Schedule-to-close timeout: its time is over. Not retried."]
    assert states(chart)[CLOSE] == "fired"


async def test_schedule_to_close_leaves_no_time_for_a_retry(works):
    chart = await followed(works, Call(start_to_close=3, schedule_to_close=9, wait=10))
    assert chart["lines"] == [
        (
            "Attempt 1: start-to-close timeout. "
            "Not retried: a retry would begin after the schedule-to-close timeout."
        )
    ]
    assert states(chart) | {START: "fired", CLOSE: "fired"} == states(chart)


async def test_a_failure_that_has_no_time_for_a_retry_is_the_attempts_own(works):
    # A busy worker may need seconds to report the failure: no timeout is to come before it.
    chart = await followed(works, Call(fails=9, start_to_close=40, schedule_to_close=50, wait=60))
    assert chart["real"] == (
        "work: 1 attempt. Attempt 1: RuntimeError: the bank is closed. "
        "Not retried: a retry would begin after the schedule-to-close timeout."
    )
    assert chart["closed"] == "failed"
    assert states(chart)[CLOSE] == "fired"


class EndsBetween:
    """A handle whose activity ends after it was told as running, and before its history is read."""

    def __init__(self, client: Client) -> None:
        self._handle = client.get_workflow_handle("works")
        self._activity = client.get_async_activity_handle(workflow_id="works", run_id=None, activity_id="1")

    async def describe(self) -> WorkflowExecutionDescription:
        running = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
        async for _ in looks_async():
            found = await self._handle.describe()
            if any(each.state == running for each in found.raw_description.pending_activities):
                return found
        raise AssertionError

    async def fetch_history_events(self) -> AsyncIterator[HistoryEvent]:
        await self._activity.fail(ApplicationError("the bank is closed", non_retryable=True))
        with suppress(WorkflowFailureError):
            await self._handle.result()
        async for event in self._handle.fetch_history_events():
            yield event


async def test_an_activity_that_ends_between_two_answers_is_over(works):
    call = Call(lasts=300, start_to_close=600)
    await works.client.start_workflow(Works.run, call, id="works", task_queue="works")
    reader = ActivityReader(works.client, "works")
    reader._handle = EndsBetween(works.client)
    run = await reader.read()
    assert reader.over
    assert (run.closed, run.tries[1].state, run.tries[1].failure) == (
        "failed", "failed", "the bank is closed"
    )  # fmt: skip


async def test_the_failure_before_a_timeout_is_not_taken_for_its_cause(works):
    # Attempt 1 fails at once, and has the time to say so on a busy machine; attempt 2 lasts too long.
    chart = await followed(works, Call(fails=1, lasts=30, start_to_close=4, attempts=2))
    assert chart["lines"] == [
        "Attempt 1: RuntimeError: the bank is closed. Retried.",
        "Attempt 2: start-to-close timeout. Not retried: maximum_attempts is 2.",
    ]


async def test_what_holds_is_kept(works):
    chart = await followed(works, Call(lasts=0.1, start_to_close=5, schedule_to_close=9, schedule_to_start=3))
    assert chart["real"] == "work: 1 attempt. Attempt 1 completed."
    assert states(chart) == {QUEUE: "kept", START: "kept", BEAT: "not set", CLOSE: "kept"}


async def test_afterwards_the_server_knows_the_timeouts(works):
    handle = await works.client.start_workflow(
        Works.run, Call(lasts=0, start_to_close=5, heartbeat=60), id="works", task_queue="works"
    )
    view = await works.timeouts(handle=handle, activity=work)
    await handle.result()
    await view.over()
    assert view.chart["options"] == (
        "Timeouts: start-to-close 5 s, heartbeat 5 s. Not set: schedule-to-start, schedule-to-close."
    )  # as the server has cut it


async def test_afterwards_the_history_has_why_the_last_retry_was_made(works):
    handle = await works.client.start_workflow(
        Works.run, Call(fails=1, lasts=0, start_to_close=5), id="works", task_queue="works"
    )
    await handle.result()
    view = await works.timeouts(handle=handle)
    assert not view.live
    assert view.chart["real"] == (
        "work: 2 attempts. Attempt 1: RuntimeError: the bank is closed. Retried. Attempt 2 completed."
    )


async def test_an_option_that_there_is_not_is_told(lab):
    with pytest.raises(TutorialError, match="no option 'start_to_close'") as told:
        lab.timeouts(start_to_close=ONE)
    assert told.value.hint == "did you mean 'start_to_close_timeout'?"
