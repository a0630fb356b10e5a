from __future__ import annotations

import collections
import gc
import itertools
import linecache
import logging
import pathlib
import subprocess
import sys
import threading
import time

import pytest
from temporalio.api.failure.v1 import Failure
from temporalio.bridge.proto.workflow_activation import DoUpdate, WorkflowActivationJob
from temporalio.bridge.proto.workflow_commands import UpdateResponse, WorkflowCommand
from temporalio.client import WorkflowHistory
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from tests.replay import naughty
from tests.support import recorded
from tests.support.histories import DATA, line_of
from tests.support.long_histories import Loop, history_of
from tests.support.waiting import BACKSTOP, wait_until
from tutorial_lib.errors import HistoryError
from tutorial_lib.history.reading import read_history
from tutorial_lib.replay import replaying
from tutorial_lib.replay.linking.command_events import becomes
from tutorial_lib.replay.recorder import Detail, Recorder, record_replay
from tutorial_lib.replay.recording.guard import Guard
from tutorial_lib.replay.recording.jobs import OpenBook
from tutorial_lib.replay.steps import Recording, Step


def ran(step: Step) -> list[int]:
    return [line.line for line in step.lines]


async def no_replay_runs() -> None:
    await wait_until(lambda: not [one for one in threading.enumerate() if one.name == "replay"])


async def replayed(name: str, **options) -> Recording:
    recording = await record_replay(DATA / f"{name}.json", recorded.ALL, **options)
    assert recording.error is None
    return recording


@pytest.mark.parametrize("sandboxed", [True, False])
@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("saga", 6),
        ("family", 4),
        ("cart", 8),
        ("locals", 5),
        ("locals_heartbeat", 5),
        ("loop_run1", 3),
        ("many50", 9),
        ("mixed", 4),
    ],
)
async def test_a_recorded_history_replays_in_steps(name: str, steps: int, sandboxed: bool) -> None:
    recording = await replayed(name, sandboxed=sandboxed)
    assert len(recording.steps) == steps
    started = {e.id for e in recording.history.events if e.type == "WorkflowTaskStarted"}
    assert {step.started_id for step in recording.steps} <= started
    asked = [event.id for event in recording.history.events if event.task is not None]
    linked = {one.event_id for step in recording.steps for one in (*step.commands, *step.jobs)}
    # All that commands made is explained, but for what Core adds to a patch by itself.
    assert [recording.history.event(one).type for one in set(asked) - linked] in (
        [],
        ["UpsertWorkflowSearchAttributes"],
    )


async def test_a_step_tells_lines_state_commands_and_what_it_waits_for() -> None:
    first, second, *_ = (await replayed("saga")).steps
    call = line_of(recorded.Saga, "workflow.execute_activity(step")
    assert [job.text for job in first.jobs] == ["start of workflow Saga"]
    assert first.jobs[0].event_id == 1
    assert ran(first)[0] == line_of(recorded.Saga, "self.undo: list[str] = []")
    assert ran(first)[-1] == call
    assert first.state == {"undo": "[]"}
    (scheduled,) = first.commands
    assert (scheduled.text, scheduled.event_id) == ("schedule activity reserve", 5)
    assert scheduled.place is not None
    assert (scheduled.place.line, scheduled.place.function) == (call, "Saga.run")
    (waiting,) = first.waiting
    assert (waiting.text, waiting.event_id) == ("activity reserve", 5)
    (task,) = first.tasks
    assert task.name == "run"
    assert task.frames[0].place.line == call
    assert task.frames[0].locals["order"].startswith("'")

    assert [(job.text, job.event_id) for job in second.jobs] == [("activity reserve completed", 7)]
    assert (second.lines[0].line, second.lines[0].resumed) == (call, True)
    assert second.state == {"undo": "['reserve']"}
    assert second.changed == ("undo",)


async def test_where_a_workflow_ends_is_the_line_of_its_last_command() -> None:
    last = (await replayed("saga")).steps[-1]
    (end,) = last.commands
    assert end.text == "complete workflow"
    assert end.place is not None
    assert end.place.line == line_of(recorded.Saga, 'return "rolled back"')
    assert not last.waiting
    assert not last.tasks


async def test_a_condition_is_told_in_its_own_words() -> None:
    first = (await replayed("cart")).steps[0]
    (waiting,) = first.waiting
    assert waiting.text == "condition self.closed"
    assert waiting.place is not None
    assert waiting.place.line == line_of(recorded.Cart, "lambda: self.closed")


async def test_updates_are_joined_to_the_event_that_comes_after_their_task() -> None:
    recording = await replayed("cart")
    jobs = [job for step in recording.steps for job in step.jobs if job.kind == "do_update"]
    assert [job.name for job in jobs] == ["add", "add", "add", "close"]
    for job in jobs:
        assert job.event_id is not None
        assert recording.history.event(job.event_id).type == "WorkflowExecutionUpdateAccepted"
    found = recording.step_of(jobs[0].event_id or 0)
    assert found is recording.steps[1]


async def test_an_update_that_was_accepted_and_then_fails_was_not_rejected() -> None:
    recording = await record_replay(DATA / "cart.json", [recorded.RefusingCart])
    assert recording.error is None
    answers = [one for step in recording.steps for one in step.commands if one.kind == "update_response"]
    became = [(one.text, recording.history.event(one.event_id or 0).type) for one in answers]
    assert collections.Counter(became) == {
        ("update add accepted", "WorkflowExecutionUpdateAccepted"): 3,
        ("update add failed", "WorkflowExecutionUpdateCompleted"): 3,
        ("update close accepted", "WorkflowExecutionUpdateAccepted"): 1,
        ("update close completed", "WorkflowExecutionUpdateCompleted"): 1,
    }


def test_an_update_that_was_not_accepted_is_rejected_and_leaves_no_event() -> None:
    book = OpenBook()
    book.job(WorkflowActivationJob(do_update=DoUpdate(name="add", protocol_instance_id="7")))
    (answer,) = book.commands(
        [WorkflowCommand(update_response=UpdateResponse(protocol_instance_id="7", rejected=Failure()))], []
    )
    assert answer.text == "update add rejected"
    assert becomes(answer) is None


async def test_the_source_is_part_of_the_recording() -> None:
    recording = await replayed("saga")
    (source,) = recording.sources.values()
    assert source.label == "recorded.py"
    assert source.lines == tuple(pathlib.Path(recorded.__file__).read_text(encoding="utf-8").splitlines())
    assert recording.source_line(source.file, line_of(recorded.Saga, 'return "done"')) == 'return "done"'
    linecache.checkcache()


async def test_with_values_each_line_says_which_locals_changed() -> None:
    recording = await replayed("many50", detail=Detail(values=True))
    second = [dict(line.changed) for line in recording.steps[1].lines]
    assert second[0] == {"rounds": "8", "done": "0", "number": "0"}  # it goes on after the await
    assert second[1:] == [{}, {"done": "1"}, {"number": "1"}]
    plain = await replayed("many50")
    assert [ran(step) for step in plain.steps] == [ran(step) for step in recording.steps]
    assert not any(line.changed for step in plain.steps for line in step.lines)


async def test_with_values_a_line_that_wrote_an_attribute_is_the_one_before_its_new_value() -> None:
    recording = await replayed("saga", detail=Detail(values=True))
    written = [
        recording.source_line(earlier.file, earlier.line).strip()
        for step in recording.steps
        for earlier, line in itertools.pairwise(step.lines)
        if any(name == "self.undo" for name, _ in line.changed)
    ]
    assert len(written) > 1
    assert all("self.undo" in source for source in written), written


async def test_a_long_step_keeps_its_first_lines_and_knows_its_last() -> None:
    recording = await replayed("saga", detail=Detail(max_lines=2))
    assert all(len(step.lines) <= 2 for step in recording.steps)
    first = recording.steps[0]
    assert first.truncated
    assert first.last is not None
    assert first.last.line == line_of(recorded.Saga, "workflow.execute_activity(step")


async def test_a_long_run_keeps_the_detail_of_its_first_and_last_steps() -> None:
    history = read_history(history_of(300))
    recording = await record_replay(history, [Loop], detail=Detail(max_detailed=10))
    assert recording.error is None
    thinned = [step.number for step in recording.steps if step.thinned]
    assert thinned == list(range(5, len(recording.steps) - 5))
    assert not recording.steps[10].lines
    assert recording.steps[10].commands[0].event_id is not None


async def test_equal_pieces_of_a_recording_are_the_same_objects() -> None:
    recording = await record_replay(read_history(history_of(300)), [Loop])
    assert recording.steps[5].lines is recording.steps[6].lines


async def test_a_handle_a_path_json_and_a_history_give_the_same_steps() -> None:
    path = DATA / "saga.json"
    text = path.read_text(encoding="utf-8")
    history = read_history(text)
    sources = [path, str(path), text, history, history.source]
    recordings = [await record_replay(source, recorded.ALL) for source in sources]
    assert all(one.steps == recordings[0].steps for one in recordings)


async def test_a_machine_may_take_its_time_to_begin() -> None:
    class Slow(SandboxedWorkflowRunner):
        def prepare_workflow(self, defn) -> None:
            time.sleep(1.2)  # of a replay whose code may take a quarter of that
            super().prepare_workflow(defn)

    recording = await record_replay(DATA / "saga.json", [recorded.Saga], runner=Slow(), deadline=0.3)
    assert recording.error is None


@pytest.mark.parametrize("workflow", naughty.SPINNING, ids=lambda made: made.__name__)
@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
async def test_code_that_does_not_come_back_ends_in_an_error_that_names_its_line(workflow: type) -> None:
    words = "the code ran for 0.3 s without coming to an await (naughty.py, line "
    try:
        recording = await record_replay(DATA / "many50.json", [workflow], deadline=0.3)
    except HistoryError as error:  # nothing at all could be recorded
        assert workflow is naughty.HoldsSomethingRude
        told = str(error)
    else:
        told = str(recording.error)
        assert recording.steps[-1].failed_at is not None
        assert recording.steps[-1].failure is not None
    assert words in told or workflow is naughty.SpinsWithAwait
    gc.collect()  # the SDK's coroutine that never began warns when it goes: here, where that is expected


@pytest.mark.parametrize("workflow", [naughty.NeverLetsGo, naughty.BlocksOnItsWayOut])
async def test_a_workflow_that_cannot_be_torn_down_does_not_hold_the_replay_up(
    workflow: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    if workflow is naughty.BlocksOnItsWayOut:
        monkeypatch.setattr(replaying, "_GIVE_UP", 0.1)
    recording = await record_replay(DATA / "many50.json", [workflow], deadline=0.5)
    assert recording.divergence is not None
    assert recording.divergence.command is not None
    assert recording.divergence.command.text == "start timer 1 s"
    await no_replay_runs()


async def test_code_that_catches_its_end_is_ended_though_nobody_waits_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(replaying, "_GIVE_UP", 0.0)
    with pytest.raises(HistoryError, match=r"the code ran for 0\.3 s without coming to an await"):
        await record_replay(DATA / "many50.json", [naughty.CatchesTenTimes], deadline=0.3)
    await no_replay_runs()


async def test_what_ends_the_code_does_not_end_the_record_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "_AFTERWARDS", BACKSTOP)
    recording = await record_replay(DATA / "many50.json", [naughty.HoldsSomethingSlow], deadline=0.3)
    assert recording.steps[-1].state["slow"] == "slow"
    assert recording.steps[-1].failure is not None


def test_code_that_runs_is_not_idle() -> None:
    guard = Guard()
    with guard.watching():
        assert guard.working > 0
        assert guard.idle == 0
    assert guard.working == 0
    assert guard.idle > 0


async def test_code_that_raises_is_a_failed_step_with_the_line_that_raised() -> None:
    recording = await record_replay(DATA / "many50.json", [naughty.Fails])
    assert recording.error == "workflow task failed: KeyError: 'apple'"
    assert recording.divergence is None
    (step,) = recording.steps
    assert step.failure == "KeyError: 'apple'"
    assert step.failed_at is not None
    assert step.failed_at.line == line_of(naughty.Fails, "# here")


REPLAY = """
import asyncio
from tests.replay import naughty
from tests.support.histories import DATA
from tutorial_lib.replay.recorder import record_replay
asyncio.run(record_replay(DATA / "many50.json", [naughty.Fails]))
"""


def test_a_replay_prints_nothing() -> None:
    """In a process of its own: here, workers of other tests may ask for servers that are gone."""
    root = pathlib.Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", REPLAY], cwd=root, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")


async def test_a_replay_is_quiet_and_leaves_nothing_behind(caplog: pytest.LogCaptureFixture) -> None:
    hook = sys.breakpointhook
    with caplog.at_level(logging.DEBUG, logger="temporalio.worker"):
        await record_replay(DATA / "many50.json", [naughty.Fails])
    assert caplog.messages == []
    assert sys.breakpointhook is hook
    assert sys.gettrace() is None
    await no_replay_runs()


async def test_a_history_of_another_workflow_is_refused_by_name() -> None:
    with pytest.raises(HistoryError, match=r"workflow type 'Saga'; the given classes are: Cart, Family"):
        await record_replay(DATA / "saga.json", [recorded.Family, recorded.Cart])
    with pytest.raises(HistoryError, match="no class of workflow type 'Saga' is known here"):
        await record_replay(DATA / "saga.json")
    with pytest.raises(HistoryError, match="'line_of' is no workflow class"):
        await record_replay(DATA / "saga.json", [line_of])


async def test_a_history_that_no_worker_has_begun_with_says_so() -> None:
    events = read_history(DATA / "saga.json").source.events[:2]
    with pytest.raises(HistoryError, match="no worker has begun with"):
        await record_replay(WorkflowHistory("saga", events), recorded.ALL)


async def test_a_run_that_was_not_recorded_live_says_what_to_do() -> None:
    recorder = Recorder()
    assert recorder.run_ids == ()
    with pytest.raises(HistoryError, match=r"Worker\(\.\.\., workflow_runner=recorder\.runner\(\)\)"):
        recorder.recording(DATA / "saga.json")
