from __future__ import annotations

import pathlib

import pytest
from temporalio.exceptions import ApplicationError

from tests.support import recorded
from tests.support.histories import DATA, line_of
from tutorial_lib.errors import HistoryError
from tutorial_lib.history.reading import read_history
from tutorial_lib.replay.recorder import record_replay
from tutorial_lib.replay.what_if import what_if


def answers(name: str, event_type: str) -> list[int]:
    return [event.id for event in read_history(DATA / f"{name}.json").events if event.type == event_type]


async def test_an_unchanged_answer_changes_nothing() -> None:
    history = read_history(DATA / "many50.json")
    event = answers("many50", "ActivityTaskCompleted")[3]
    (was,) = history.event(event).payloads["result"]
    recording = await what_if(history, event, recorded.ALL, result=was)
    whole = await record_replay(history, recorded.ALL)
    assert recording.error is None
    assert [step.lines for step in recording.steps] == [step.lines for step in whole.steps[:5]]
    assert [one.text for one in recording.steps[-1].commands] == ["schedule activity undo"]
    assert not recording.steps[-1].replaying
    assert recording.steps[-1].completed_id is None


async def test_the_code_goes_another_way_when_an_activity_fails_instead() -> None:
    first = answers("saga", "ActivityTaskCompleted")[0]
    recording = await what_if(DATA / "saga.json", first, recorded.ALL, failure="out of stock")
    assert recording.error is None
    last = recording.steps[-1]
    assert [job.text for job in last.jobs] == ["activity reserve failed"]
    assert [one.text for one in last.commands] == ["complete workflow"]
    assert last.last is not None
    assert last.last.line == line_of(recorded.Saga, 'return "rolled back"')


async def test_an_exception_may_say_how_it_fails() -> None:
    second = answers("saga", "ActivityTaskCompleted")[1]
    error = ApplicationError("declined", type="Declined", non_retryable=True)
    recording = await what_if(DATA / "saga.json", second, recorded.ALL, failure=error)
    assert recording.steps[-1].state == {"undo": "['reserve']"}
    assert recording.history.event(second).failure is not None
    assert recording.history.event(second).failure.type == "Declined"


async def test_a_child_may_give_something_else_or_fail() -> None:
    child = answers("family", "ChildWorkflowExecutionCompleted")[-1]
    recording = await what_if(DATA / "family.json", child, recorded.ALL, result=1000)
    # `self.total += await ...` reads the total before it waits: the other child's part is lost.
    assert recording.steps[-1].state["total"] == "1000"
    recording = await what_if(DATA / "family.json", child, recorded.ALL, failure="ill")
    assert [one.text for one in recording.steps[-1].commands] == ["fail workflow"]


async def test_a_signal_and_the_start_may_have_other_arguments() -> None:
    signal = answers("mixed", "WorkflowExecutionSignaled")[0]
    recording = await what_if(DATA / "mixed.json", signal, recorded.ALL, result=77)
    assert "77" in recording.steps[-1].state["got"]
    recording = await what_if(DATA / "loop_run1.json", 1, recorded.ALL, result=(9, 9))
    assert recording.steps[0].tasks[0].frames[0].locals["left"] == "9"


async def test_what_cannot_be_changed_is_refused_with_what_can() -> None:
    path: pathlib.Path = DATA / "saga.json"
    with pytest.raises(
        HistoryError, match=r"event 3 \(WorkflowTaskStarted\) carries no answer.*\n.*7 \(reserve\)"
    ):
        await what_if(path, 3, recorded.ALL, result=1)
    with pytest.raises(HistoryError, match="no event 9999"):
        await what_if(path, 9999, recorded.ALL, result=1)
    with pytest.raises(HistoryError, match="either a result or a failure"):
        await what_if(path, 7, recorded.ALL)
    with pytest.raises(HistoryError, match="cannot fail instead"):
        await what_if(path, 1, recorded.ALL, failure="no")
