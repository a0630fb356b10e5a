"""Workers that run beside the cells, and workers that can really be killed."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import timedelta

import psutil
import pytest
from temporalio import activity
from temporalio.worker import Worker

from tests.support.waiting import wait_for
from tests.support.workflows import (
    Greeting,
    Sleeping,
    SyncGreeting,
    Ticking,
    WhoRunsIt,
    greet,
    greet_sync,
    stubborn,
    whoami,
)
from tutorial_lib.errors import WorkerStartError, WorkerStopError
from tutorial_lib.stage import start_dev_server
from tutorial_lib.stage.workers.embedded import EmbeddedWorker
from tutorial_lib.stage.workers.spec import WorkerSpec


async def test_an_embedded_worker_goes_on_while_a_cell_blocks(lab):
    ticks: list[str] = []

    @activity.defn(name="greet")
    async def counted(name: str) -> str:
        ticks.append(name)
        return name

    lab.start_worker(task_queue="ticks", workflows=[Ticking], activities=[counted])
    handle = await lab.client.start_workflow(Ticking.run, id="ticking", task_queue="ticks")
    wait_for(lambda: len(ticks) > 3)  # this blocks the loop, as a careless cell does
    await handle.signal(Ticking.stop)
    assert await lab.result(handle) > 2


async def test_making_a_worker_again_replaces_the_old_one(lab):
    old = lab.start_worker(task_queue="greetings", workflows=[Greeting], activities=[greet])
    new = lab.start_worker(
        task_queue="greetings", workflows=[Greeting, SyncGreeting], activities=[greet, greet_sync]
    )
    assert not old.alive
    assert new.alive
    assert list(lab.workers) == [new]
    handle = await lab.client.start_workflow(SyncGreeting.run, "Ada", id="sync", task_queue="greetings")
    assert await lab.result(handle) == "Hi, Ada!"


async def test_stopping_twice_is_fine(lab):
    worker = lab.start_worker(task_queue="greetings", workflows=[Greeting], activities=[greet])
    worker.stop()
    worker.stop()
    assert repr(worker) == "EmbeddedWorker('greetings', stopped)"


async def test_a_worker_that_cannot_be_made_says_why(lab):
    with pytest.raises(WorkerStartError, match="no worker on 'empty': At least one activity"):
        lab.start_worker(task_queue="empty")
    with pytest.raises(WorkerStartError, match="run_as_admin"):
        lab.start_worker(task_queue="q", workflows=[Greeting], run_as_admin=True)
    assert len(lab.workers) == 0


async def test_a_worker_that_was_made_and_never_ran_is_named_and_can_be_ended(lab):
    made = Worker(lab.client, task_queue="q", workflows=[Greeting])
    with pytest.raises(WorkerStartError) as told:
        lab.start_worker(task_queue="q", workflows=[Greeting], activities=[greet])
    assert "was made and never ended" in told.value.hint
    assert told.value.seen == "no worker on 'q': this kernel has registered another worker for it"
    async with made:
        pass
    assert lab.start_worker(task_queue="q", workflows=[Greeting], activities=[greet]).alive


async def test_a_worker_process_runs_the_definitions_in_another_process(lab):
    worker = lab.spawn_worker(task_queue="who", workflows=[WhoRunsIt], activities=[whoami])
    handle = await lab.client.start_workflow(WhoRunsIt.run, id="who", task_queue="who")
    assert await lab.result(handle) == worker.pid != os.getpid()
    assert repr(worker) == "WorkerProcess('who', pid <pid>, alive)"


async def test_a_killed_process_is_really_dead_and_the_work_goes_on_elsewhere(lab):
    options = {"sticky_queue_schedule_to_start_timeout": timedelta(seconds=1)}
    first = lab.spawn_worker(
        task_queue="q", workflows=[Sleeping], activities=[greet], name="worker-1", **options
    )
    handle = await lab.client.start_workflow(Sleeping.run, 0.5, id="sleeper", task_queue="q")
    while (await handle.describe()).history_length < 5:  # noqa: ASYNC110 - the server knows
        await asyncio.sleep(0.02)
    first.kill()
    assert not psutil.pid_exists(first.pid)
    assert first.state == f"killed ({signal.Signals.SIGKILL.name})"
    lab.spawn_worker(task_queue="q", workflows=[Sleeping], activities=[greet], name="worker-2", **options)
    assert await lab.result(handle) == "rested"
    assert [worker.alive for worker in lab.workers] == [False, True]


async def test_a_stopped_process_finishes_what_it_does(lab):
    worker = lab.spawn_worker(
        task_queue="q",
        workflows=[Greeting],
        activities=[greet],
        graceful_shutdown_timeout=timedelta(seconds=5),
    )
    worker.stop()
    assert worker.state == "stopped"


async def test_spawning_again_replaces_the_one_of_the_same_name(lab):
    first = lab.spawn_worker(task_queue="q", workflows=[Greeting], activities=[greet], name="worker-1")
    second = lab.spawn_worker(task_queue="q", workflows=[Greeting], activities=[greet], name="worker-1")
    assert not first.alive
    assert list(lab.workers) == [second]


async def test_a_process_that_cannot_start_says_why(lab):
    with pytest.raises(WorkerStartError, match=r"worker process on 'q' did not start: .*run_as_admin"):
        lab.spawn_worker(task_queue="q", workflows=[Greeting], run_as_admin=True)
    assert len(lab.workers) == 0


async def test_the_fleet_is_a_table_without_numbers_that_change(lab):
    assert repr(lab.workers) == "no workers yet"
    lab.start_worker(task_queue="greetings", workflows=[Greeting], activities=[greet])
    worker = lab.spawn_worker(
        task_queue="greetings", workflows=[Greeting], activities=[greet], name="worker-1"
    )
    worker.kill()
    assert repr(lab.workers).splitlines() == [
        "worker       pid    task queue  runs             state",
        "this kernel  <pid>  greetings   Greeting, greet  ● alive",
        "worker-1     <pid>  greetings   Greeting, greet  ✕ killed (SIGKILL)",
    ]
    assert "<td" in lab.workers._repr_html_()


async def test_a_worker_whose_activity_blocks_is_still_killed_with_the_lab(lab):
    worker = lab.spawn_worker(task_queue="stuck", activities=[stubborn])
    await lab.client.start_activity(
        stubborn, 600.0, id="stuck", task_queue="stuck", start_to_close_timeout=timedelta(seconds=900)
    )
    pid = worker.pid
    lab.close()
    assert not psutil.pid_exists(pid)


async def test_a_worker_whose_server_is_gone_says_so_and_blames_no_activity():
    server = await start_dev_server()
    spec = WorkerSpec("alone", [Greeting], [greet], {})
    worker = EmbeddedWorker(await server.connect(), spec)
    await asyncio.to_thread(worker.start)
    address = server.address
    server.kill()
    with pytest.raises(WorkerStopError, match=f"cannot stop: nobody answers at {address}"):
        await asyncio.to_thread(worker.stop)
    server.start()  # on the same port: what it asks for is answered
    await asyncio.to_thread(worker.stop)
    assert not worker.alive
    server.close()
