from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Callable

import pytest
from temporalio import workflow
from temporalio.client import Client, WorkflowFailureError
from temporalio.worker import Worker

from tests.replay import activities, versions
from tests.replay.more_workflows import Kid
from tests.support.waiting import looks_async
from tutorial_lib.exercises.checks.replays import where_they_part
from tutorial_lib.history.events import History
from tutorial_lib.history.reading import fetch_history
from tutorial_lib.replay.recorder import Recorder, record_replay
from tutorial_lib.replay.steps import Recording
from tutorial_lib.views.stepper.layout import side_of

# What the history has next, what the code asked for instead; the line is marked in the changed version.
EXPECTED = [
    (versions.OtherActivityType, "ActivityTaskScheduled", "schedule activity add"),
    (versions.ExtraSleep, "ActivityTaskScheduled", "start timer 0.01 s"),
    (versions.RemovedSleep, "TimerStarted", "schedule activity greet"),
    (versions.DroppedCall, "ActivityTaskScheduled", "complete workflow"),
    (versions.AddedCall, "ActivityTaskScheduled", "schedule activity add"),
    (versions.AddedCallAtTheEnd, "WorkflowExecutionCompleted", "schedule activity add"),
    (versions.RemovedTimeout, "TimerStarted", None),
    (versions.OtherChildId, "StartChildWorkflowExecutionInitiated", "start child workflow Kid"),
    (versions.ActivityForChild, "StartChildWorkflowExecutionInitiated", "schedule activity greet"),
    (versions.UpdatedWithout, "ActivityTaskScheduled", "update say completed"),
    (versions.Concurrent, "ActivityTaskScheduled", "schedule activity greet"),
    (versions.InARow, "ActivityTaskScheduled", None),
    (versions.LostPatch, "MarkerRecorded", "schedule activity greet"),
    (versions.LocalInstead, "ActivityTaskScheduled", None),
    (versions.CallsAfar, "MarkerRecorded", "schedule activity greet"),
    (versions.OtherLocal, "MarkerRecorded", "run local activity declines"),
    (versions.OtherBeforeLocal, "ActivityTaskScheduled", "schedule activity add"),
    (versions.OtherBeforeOtherLocal, "TimerStarted", "schedule activity add"),
    (versions.OtherId, "ActivityTaskScheduled", "schedule activity greet (id two)"),
    (versions.OtherLocalId, "MarkerRecorded", "run local activity greet (id far)"),
    (versions.OtherTimer, "TimerStarted", "start timer 0.01 s"),
    (versions.Raises, "ActivityTaskScheduled", "fail workflow"),
    (versions.WaitsForNothing, "ActivityTaskScheduled", None),
    (versions.ContinuesAsNew, "WorkflowExecutionCompleted", "continue as new"),
]


def name_of(made: type) -> str:
    return str(workflow._Definition.must_from_class(made).name)


def marked(made: type) -> tuple[int, str]:
    lines, first = inspect.getsourcelines(made)
    ((number, line),) = [(first + at, line) for at, line in enumerate(lines) if "# here" in line]
    return number, line.strip()


_histories: dict[str, History] = {}


@pytest.fixture
async def histories(client: Client, unique: Callable[[str], str]) -> dict[str, History]:
    """What the first versions left, made once for all tests."""
    if _histories:
        return _histories
    queue = unique("versions")

    async def one(made: type) -> None:
        name = name_of(made)
        handle = await client.start_workflow(name, id=f"{queue} {name}", task_queue=queue)
        if made is versions.UpdatedWithActivity:
            await handle.execute_update("say", "Ada")
        await handle.result()
        _histories[name] = await fetch_history(handle)

    async with Worker(client, task_queue=queue, workflows=[*versions.RAN, Kid], activities=activities.ALL):
        await asyncio.gather(*map(one, versions.RAN))
    return _histories


async def replay(histories: dict[str, History], made: type) -> Recording:
    return await record_replay(histories[name_of(made)], [made])


@pytest.mark.parametrize(
    ("made", "expected", "asked"), EXPECTED, ids=lambda one: getattr(one, "__name__", "")
)
async def test_a_divergence_has_its_event_its_command_and_its_line(
    histories: dict[str, History], made: type, expected: str, asked: str | None
) -> None:
    recording = await replay(histories, made)
    found = recording.divergence
    assert found is not None
    assert found.expected is not None
    assert found.expected.type == expected
    assert (found.command.text if found.command else "").startswith(asked or "")
    assert (found.command is None) == (asked is None)
    assert (found.line, found.source) == marked(made)
    assert found.file == inspect.getsourcefile(made)
    assert found.message.startswith("[TMPRL1100] Nondeterminism error: ")
    assert recording.error == found.message
    assert recording.steps[found.step].started_id < found.expected.id


@pytest.mark.parametrize(
    ("made", "theirs", "ours"),
    [
        (
            versions.OtherId,
            "is ActivityTaskScheduled `greet` with id `one`",
            "activity `greet` with id `two`",
        ),
        (versions.OtherLocalId, "is MarkerRecorded `greet` with id `1`", "activity `greet` with id `far`"),
        (versions.OtherTimer, "is TimerStarted `1`", "a timer of 0.01 s with id `2`"),
        (versions.OtherChildId, "Initiated `Kid` with id `{id}/one`", "workflow `Kid` with id `{id}/two`"),
    ],
)
async def test_of_two_that_are_called_the_same_it_is_told_what_differs(
    histories: dict[str, History], made: type, theirs: str, ours: str
) -> None:
    recording = await replay(histories, made)
    ids = {"id": recording.history.workflow_id}
    shown = side_of(recording)["divergence"]
    assert f"{theirs}, but the code".format(**ids) in shown["told"]
    assert f"{ours} in line".format(**ids) in shown["told"]
    for name, words in (("expected", theirs), ("produced", ours)):
        (*_, one, _) = words.format(**ids).split("`")
        assert re.search(rf" {re.escape(one)}\)?$", shown[name])
    check = where_they_part(recording)  # the same, as an exercise has it
    assert f"{theirs}, and the code".format(**ids) in check
    assert shown["produced"] in check


async def test_where_the_names_differ_ids_are_not_told(histories: dict[str, History]) -> None:
    shown = side_of(await replay(histories, versions.OtherActivityType))["divergence"]
    assert "with id" not in shown["told"] + shown["expected"] + shown["produced"]


async def test_a_call_over_several_lines_is_told_whole(histories: dict[str, History]) -> None:
    found = (await replay(histories, versions.OverLines)).divergence
    assert found is not None
    assert found.source == "two = await workflow.execute_activity(add, args=[1, 2], **QUICK)"


@pytest.mark.parametrize(
    "made", [*versions.RAN, versions.OtherArguments, versions.OtherLength, versions.AtOnceAfterAll]
)
async def test_what_temporal_does_not_notice_is_no_divergence(
    histories: dict[str, History], made: type
) -> None:
    recording = await replay(histories, made)
    assert recording.error is None
    assert recording.divergence is None
    unlinked = [one for step in recording.steps for one in step.commands if one.event_id is None]
    assert [one.kind for one in unlinked] in ([], ["schedule_local_activity"])


async def test_a_live_divergence_is_told_as_well(client: Client, unique: Callable[[str], str]) -> None:
    queue = unique("live")
    async with Worker(
        client, task_queue=queue, workflows=[versions.Sleeps], activities=[], no_remote_activities=True
    ):
        handle = await client.start_workflow("a sleep", id=queue, task_queue=queue)
        async for _ in looks_async():
            if (await fetch_history(handle)).events[-1].type == "ActivityTaskScheduled":
                break
    recorder = Recorder()
    async with Worker(
        client,
        task_queue=queue,
        workflows=[versions.RemovedSleep],
        activities=activities.ALL,
        workflow_runner=recorder.runner(),
        workflow_failure_exception_types=[workflow.NondeterminismError],
    ):
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        async for _ in looks_async():
            recording = recorder.recording(await fetch_history(handle))
            if recording.divergence is not None:
                break
    found = recording.divergence
    assert found is not None
    assert found.line == marked(versions.RemovedSleep)[0]
    assert found.expected is not None
    assert found.expected.type == "TimerStarted"
