"""Who hears that an execution is to stop: what the picture says is what its history has."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHandle

from tests.support.story import happen, history, scheduled
from tests.support.waiting import BACKSTOP
from tests.views.heard_workflows import Sauna, Stay, heat
from tutorial_lib.errors import TutorialError
from tutorial_lib.history.events import Event
from tutorial_lib.views import WhoHeard
from tutorial_lib.views.heard.layout import HEARS, LATER, NEVER, NOTHING, heard_layout

BEGINS = (
    happen(1, "WorkflowExecutionStarted", 0.0, "Stay"),
    happen(2, "WorkflowTaskScheduled", 0.0),
    happen(3, "WorkflowTaskStarted", 0.1, opened_by=2),
    happen(4, "WorkflowTaskCompleted", 0.2, opened_by=2),
)
ASKED = happen(6, "WorkflowExecutionCancelRequested", 5.0)
DELIVERED = (
    happen(7, "WorkflowTaskScheduled", 5.0),
    happen(8, "WorkflowTaskStarted", 6.5, opened_by=7),
    happen(9, "WorkflowTaskCompleted", 6.6, opened_by=7),
)
HANDED_ON = happen(10, "ActivityTaskCancelRequested", 6.6, "heat", opened_by=5, task=9)


def read(*events: Event) -> dict[str, Any]:
    return heard_layout(history(*BEGINS, *events, workflow_type="Stay"))


def marks(layout: dict[str, Any]) -> list[tuple[int, str, str, str]]:
    """Each row's event, and what stands before the words of code, activities and caller."""
    return [
        (row["event"], *(row[name]["mark"] for name in ("code", "activities", "caller")))
        for row in layout["rows"]
    ]


def test_a_cancellation_is_heard_by_a_workflow_task_and_awaited_results_come_last():
    layout = read(ASKED, *DELIVERED, happen(10, "WorkflowExecutionCanceled", 6.6, opened_by=1))
    assert marks(layout) == [
        (6, LATER, NOTHING, NOTHING),
        (8, HEARS, NOTHING, NOTHING),
        (10, NOTHING, NOTHING, HEARS),
    ]
    assert [row["time"] for row in layout["rows"]] == [0.0, 1.5, 1.6]
    assert layout["alt"] == (
        "Who heard of it: workflow Stay, canceled. "
        "Event 6: A client asked the workflow to cancel itself. "
        "The workflow's code: will hear (by a workflow task). "
        "Event 8: The server gave the workflow task to a worker. "
        "The workflow's code: hears (told at its await). "
        "Event 10: The workflow cleaned up and ended as canceled. "
        "Who awaits the result: hears (WorkflowFailureError from CancelledError)."
    )


def test_without_a_worker_the_code_has_yet_to_hear():
    layout = read(ASKED, happen(7, "WorkflowTaskScheduled", 5.0))
    assert marks(layout) == [(6, LATER, NOTHING, NOTHING)]
    assert layout["rows"][0]["code"]["words"] == "by a workflow task, when a worker takes one"


def test_a_task_that_was_running_when_it_came_has_not_brought_it():
    running = (
        happen(5, "WorkflowTaskScheduled", 4.0),
        happen(6, "WorkflowTaskStarted", 4.1, opened_by=5),
        happen(7, "WorkflowExecutionCancelRequested", 5.0),
        happen(8, "WorkflowTaskCompleted", 5.1, opened_by=5),
    )
    assert marks(read(*running)) == [(7, LATER, NOTHING, NOTHING)]


def test_a_termination_tells_the_code_nothing_and_an_open_activity_by_a_heartbeat():
    layout = read(scheduled(5, 0.2, "heat"), happen(6, "WorkflowExecutionTerminated", 3.0, opened_by=1))
    assert marks(layout) == [(6, NEVER, LATER, HEARS)]
    assert layout["rows"][0]["activities"]["words"] == "`heat`: by a heartbeat, if it sends any"
    assert "TerminatedError" in layout["rows"][0]["caller"]["words"]


def test_a_request_that_is_only_handed_on_may_leave_the_code_waiting():
    """As with `WAIT_CANCELLATION_COMPLETED`: the `await` raises when the activity has heard, or never."""
    layout = read(scheduled(5, 0.2, "heat"), ASKED, *DELIVERED, HANDED_ON)
    assert layout["rows"][1]["code"] == {"mark": NOTHING, "words": "its `await` hands it on, and may wait"}


def test_code_that_answers_a_request_with_more_has_heard():
    more = happen(11, "TimerStarted", 6.6, task=9)
    layout = read(scheduled(5, 0.2, "heat"), ASKED, *DELIVERED, HANDED_ON, more)
    assert layout["rows"][1]["code"] == {"mark": HEARS, "words": "told at its `await`"}


@pytest.mark.parametrize(
    ("ending", "mark", "words"),
    [
        ("ActivityTaskCanceled", HEARS, "`heat` heard, and has ended"),
        ("ActivityTaskCompleted", NEVER, "`heat` had not heard when it ended"),
        ("ActivityTaskTimedOut", NEVER, "`heat` had not heard when it ended"),
    ],
)
def test_how_an_activity_ends_says_whether_it_heard(ending: str, mark: str, words: str):
    started = happen(11, "ActivityTaskStarted", 0.3, "heat", opened_by=5, attempt=1)
    ended = happen(12, ending, 7.0, "heat", opened_by=5)
    layout = read(scheduled(5, 0.2, "heat"), ASKED, *DELIVERED, HANDED_ON, started, ended)
    assert marks(layout)[2:] == [(10, NOTHING, LATER, NOTHING), (12, NOTHING, mark, NOTHING)]
    assert layout["rows"][-1]["activities"]["words"] == words


def test_an_activity_that_nobody_had_taken_is_canceled_without_a_word_to_anybody():
    never = happen(11, "ActivityTaskCanceled", 6.6, "heat", opened_by=5)
    layout = read(scheduled(5, 0.2, "heat"), ASKED, *DELIVERED, HANDED_ON, never)
    assert layout["rows"][-1]["activities"] == {"mark": NOTHING, "words": "`heat` had not begun"}


def test_the_end_of_an_activity_that_nobody_asked_to_stop_is_no_news():
    done = happen(11, "ActivityTaskCompleted", 0.4, "heat", opened_by=5)
    assert marks(read(scheduled(5, 0.2, "heat"), done, ASKED)) == [(6, LATER, NOTHING, NOTHING)]


def test_what_nobody_asked_to_stop_has_a_note():
    layout = read(happen(5, "WorkflowExecutionCompleted", 1.0, opened_by=1))
    assert layout["rows"] == []
    assert layout["alt"] == "Who heard of it: workflow Stay, completed. Nobody asked it to stop."


def test_several_executions_are_one_picture():
    terminated = history(
        *BEGINS, happen(6, "WorkflowExecutionTerminated", 3.0, opened_by=1), workflow_id="Bob"
    )
    view = WhoHeard.of(history(*BEGINS, workflow_id="Ada"), terminated)
    picture = view.picture()
    drawn = "".join(ET.fromstring(picture.svg).itertext())  # noqa: S314 - our own
    assert "Ada: Order, running" in drawn
    assert "Bob: Order, terminated" in drawn
    assert "✗ nobody tells it" in drawn
    assert picture.alt == " ".join(story["alt"] for story in view.stories) == repr(view)


# ---- on the server -------------------------------------------------------------------------------------


@pytest.fixture
async def hotel(lab: Any) -> Any:
    soon = timedelta(milliseconds=100)
    lab.start_worker(
        task_queue="hotel",
        workflows=[Stay, Sauna],
        activities=[heat],
        max_heartbeat_throttle_interval=soon,
        default_heartbeat_throttle_interval=soon,
    )
    return lab


async def waiting(lab: Any, workflow: type) -> WorkflowHandle[Any, Any]:
    """An execution that waits for its timer, or for an activity that a worker has."""
    handle: WorkflowHandle[Any, Any] = await lab.client.start_workflow(
        workflow.__name__, id=workflow.__name__, task_queue="hotel"
    )
    async with asyncio.timeout(BACKSTOP):
        while True:
            now = (await handle.describe()).raw_description
            begun = any(each.HasField("last_started_time") for each in now.pending_activities)
            if begun or (workflow is Stay and now.workflow_execution_info.history_length > len(BEGINS)):
                return handle
            await asyncio.sleep(0.02)


async def caught(handle: WorkflowHandle[Any, Any]) -> str:
    """The class of what its caller gets."""
    with pytest.raises(WorkflowFailureError) as error:
        await handle.result()
    return type(error.value.cause).__name__


async def test_code_activity_and_caller_hear_of_a_cancellation_one_after_the_other(hotel: Any):
    handle = await waiting(hotel, Sauna)
    await handle.cancel()
    error = await caught(handle)
    (story,) = (await hotel.who_heard(handle)).stories
    assert [row[1:] for row in marks(story)] == [
        (LATER, NOTHING, NOTHING),
        (NOTHING, NOTHING, NOTHING),  # handed on: this `await` waits until the activity has stopped
        (NOTHING, LATER, NOTHING),
        (NOTHING, HEARS, NOTHING),
        (NOTHING, NOTHING, HEARS),
    ]
    assert story["rows"][1]["code"]["words"] == "its `await` hands it on, and may wait"
    assert story["rows"][-1]["caller"]["words"] == f"`WorkflowFailureError` from `{error}`"


async def test_of_a_termination_only_the_caller_hears_at_once(hotel: Any):
    handle = await waiting(hotel, Sauna)
    await handle.terminate()
    error = await caught(handle)
    (story,) = (await hotel.who_heard(handle)).stories
    assert [row[1:] for row in marks(story)] == [(NEVER, LATER, HEARS)]
    assert story["rows"][0]["caller"]["words"] == f"`WorkflowFailureError` from `{error}`"


async def test_a_reset_ends_one_run_and_begins_another_and_no_code_is_told(hotel: Any):
    handle = await waiting(hotel, Stay)
    hotel.cli(f"workflow reset --workflow-id {handle.id} --event-id 4 --reason bug")
    error = await caught(handle)
    old = hotel.client.get_workflow_handle(handle.id, run_id=handle.result_run_id)
    new = hotel.client.get_workflow_handle(handle.id)
    before, after = (await hotel.who_heard(old, new)).stories
    assert [row[1:] for row in marks(before)] == [(NEVER, NOTHING, HEARS)]
    assert before["rows"][0]["caller"]["words"] == f"of this run: `WorkflowFailureError` from `{error}`"
    assert [row["code"]["words"] for row in after["rows"]] == ["hears nothing: it is replayed, and goes on"]
    await new.terminate()


async def test_there_is_something_to_show(lab: Any):
    with pytest.raises(TutorialError, match="no execution to show"):
        await lab.who_heard()
