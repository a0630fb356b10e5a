from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from tests.replay import activities
from tests.replay.cases import LONG_TASK, WORKFLOWS, stage
from tests.replay.compare import differences, runs_of
from tests.replay.workflows import BeginsWithALongLocalActivity, Sequential
from tutorial_lib.history.reading import fetch_history
from tutorial_lib.replay.recorder import Recorder, record_replay
from tutorial_lib.stage.namespaces import make_namespace

# What Core answers by itself, and what the server never hears of: it has no event.
UNHEARD = {
    "schedule_local_activity",
    "cancel_timer",
    "request_cancel_activity",
    "cancel_child_workflow_execution",
    "resolve_activity",
    "resolve_child_workflow_execution",
}
# Cancelled in the task that asked for them.
CANCELLED_AT_ONCE = {"start_timer", "schedule_activity"}
# What all workflows together must leave; one that the server does not write any more would be missed here.
MANY = 40


@pytest.mark.slow
async def test_replayed_steps_equal_live_steps(client: Client, unique: Callable[[str], str]) -> None:
    began = time.process_time()
    namespace = unique("recorder")
    await make_namespace(client, namespace)
    own = await Client.connect(client.service_client.config.target_host, namespace=namespace)
    recorder = Recorder()
    async with stage(own, namespace, recorder.runner()) as case:
        cases = case.all()
        assert len(cases) >= 30
        await asyncio.gather(*cases)
        await case.long_local_activity()
    histories = await runs_of(own)
    found, compared, types = [], 0, set()
    for history in histories:
        types |= {event.type for event in history.events}
        if history.run_id not in recorder.run_ids:  # closed before a worker came to it
            assert history.status in ("Terminated", "TimedOut")
            continue
        live = recorder.recording(history)
        replayed = await record_replay(history, WORKFLOWS)
        assert replayed.error is None, (history.workflow_id, replayed.error)
        found += [f"{history.workflow_id}: {one}" for one in differences(live, replayed)]
        compared += 1
        for step in replayed.steps:
            for one in (*step.jobs, *step.commands):
                is_heard = one.kind not in UNHEARD | CANCELLED_AT_ONCE
                assert one.event_id is not None or not is_heard or step.completed_id is None, (
                    history.workflow_id,
                    step.number,
                    one,
                )
    print(f"\n  {compared} runs, {len(types)} event types, {time.process_time() - began:.1f} s of CPU")
    assert not found, "\n".join(found)
    assert compared >= 45
    assert len(types) >= MANY, sorted(types)


async def test_tasks_before_anything_has_happened_are_replayed_as_one(
    client: Client, unique: Callable[[str], str]
) -> None:
    """A long local activity in the very first task: Core hands events 1 to 6 to the code at once, on replay.

    So even `workflow.now()` says something else than it said live. A recording tells what the code was told.
    """
    recorder, queue = Recorder(), unique("first")
    async with Worker(
        client,
        task_queue=queue,
        workflows=[BeginsWithALongLocalActivity],
        activities=activities.ALL,
        workflow_runner=recorder.runner(),
    ):
        handle = await client.start_workflow(
            BeginsWithALongLocalActivity.run, id=queue, task_queue=queue, task_timeout=LONG_TASK
        )
        await handle.result()
    history = await fetch_history(handle)
    live = recorder.recording(history)
    replayed = await record_replay(history, [BeginsWithALongLocalActivity])
    assert [(step.started_id, step.completed_id) for step in live.steps] == [(3, 4), (6, 7), (13, 14)]
    assert [(step.started_id, step.completed_id) for step in replayed.steps] == [(6, 7), (6, 7), (13, 14)]
    assert live.steps[0].time < 5 < replayed.steps[0].time
    found = [one.split(":")[1].strip() for one in differences(live, replayed)]
    assert found == ["started_id", "completed_id", "time"]


async def test_without_a_cache_each_task_is_a_life_of_its_own(
    client: Client, unique: Callable[[str], str]
) -> None:
    recorder = Recorder()
    queue, told = unique("lives"), []
    recorder = Recorder(on_step=lambda run_id, step: told.append((run_id, step.started_id)))
    async with Worker(
        client,
        task_queue=queue,
        workflows=[Sequential],
        activities=activities.ALL,
        workflow_runner=recorder.runner(),
        max_cached_workflows=0,
        max_concurrent_workflow_task_polls=1,
    ):
        handle = await client.start_workflow(Sequential.run, [1, 2], id=queue, task_queue=queue)
        assert await handle.result() == 3
    recording = recorder.recording(await fetch_history(handle))
    assert [[step.replaying for step in life] for life in recording.lives] == [
        [False],
        [True, False],
        [True, True, False],
    ]
    assert [step.life for step in recording.steps] == [0, 1, 1, 2, 2, 2]
    assert [started for _, started in told] == [step.started_id for step in recording.steps]
    replayed = await record_replay(handle, [Sequential])
    assert list(differences(recording, replayed)) == []


async def test_a_live_recording_without_a_sandbox_is_the_same(
    client: Client, unique: Callable[[str], str]
) -> None:
    recorder = Recorder()
    queue = unique("unsandboxed")
    async with Worker(
        client,
        task_queue=queue,
        workflows=[Sequential],
        activities=activities.ALL,
        workflow_runner=recorder.runner(UnsandboxedWorkflowRunner()),
    ):
        handle = await client.start_workflow(Sequential.run, [1, 2], id=queue, task_queue=queue)
        await handle.result()
    live = recorder.recording(await fetch_history(handle))
    assert not live.steps[-1].replaying
    for sandboxed in (True, False):
        replayed = await record_replay(handle, [Sequential], sandboxed=sandboxed)
        assert list(differences(live, replayed)) == []
