"""A worker that is stopped or replaced loses no task."""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any, cast

import pytest
from temporalio import activity
from temporalio.api.enums.v1 import EventType, TimeoutType
from temporalio.client import Client, WorkflowHandle
from temporalio.plugin import SimplePlugin
from temporalio.worker import (
    FixedSizeSlotSupplier,
    SlotMarkUsedContext,
    SlotReleaseContext,
    SlotReserveContext,
    Worker,
    WorkerConfig,
    WorkerTuner,
)

from tests.support.waiting import BACKSTOP, wait_until
from tests.support.workflows import Greeting, Touching, greet, touch
from tutorial_lib import open_lab
from tutorial_lib.stage.workers import draining
from tutorial_lib.stage.workers.draining import Draining, Gate, Permit, instance_key
from tutorial_lib.stage.workers.embedded import EmbeddedWorker
from tutorial_lib.stage.workers.spec import WorkerSpec

NO_CONTEXT = cast("SlotReserveContext", None)


async def lost(handle: WorkflowHandle[Any, Any]) -> list[str]:
    """Workflow and activity tasks of a run that a worker was given and never answered."""
    found = []
    async for event in handle.fetch_history_events():
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
            kind = event.workflow_task_timed_out_event_attributes.timeout_type
            if kind == TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE:
                found.append(f"workflow task, event {event.event_id}")
        if event.activity_task_started_event_attributes.attempt > 1:
            found.append(f"activity, event {event.event_id}")
    return found


async def test_no_task_is_lost_when_a_worker_is_replaced_while_workflows_begin(dev_server_address):
    """Without the cure half of these rounds lose one."""
    client = await Client.connect(dev_server_address)
    queue = "replaced-while-workflows-begin"
    spec = WorkerSpec(queue, [Touching], [touch])
    handles = []
    worker = EmbeddedWorker(client, spec)
    await asyncio.to_thread(worker.start)
    for number in range(12):
        for half in "ab":
            handle = await client.start_workflow(Touching.run, id=f"{queue}-{number}{half}", task_queue=queue)
            handles.append(handle)
            if half == "a":
                await asyncio.sleep(number * 0.004)
                stopping = asyncio.create_task(asyncio.to_thread(worker.stop))
        await stopping
        worker = EmbeddedWorker(client, spec)
        await asyncio.to_thread(worker.start)
    assert [await handle.result() for handle in handles] == [2] * len(handles)
    await asyncio.to_thread(worker.stop)
    assert [found for handle in handles for found in await lost(handle)] == []


@pytest.mark.skipif(os.name != "posix", reason="a server cannot be suspended there")
async def test_a_server_that_is_late_to_answer_is_asked_again(own_state, monkeypatch):
    """A busy machine may be so. Polls that are open when the worker shuts down may lose what they bring."""
    lab = await open_lab("late")
    worker = lab.start_worker(task_queue="late", workflows=[Touching], activities=[touch])
    asked, still_out = threading.Event(), []
    real_answer, real_shutdown = draining._answer, Worker.shutdown

    async def answer(call: Any, request: Any) -> Any:
        asked.set()
        return await real_answer(call, request)

    async def shutdown(self: Worker) -> None:
        still_out.append(worker._draining._polling())
        await real_shutdown(self)

    monkeypatch.setattr(draining, "_answer", answer)
    monkeypatch.setattr(draining, "ANSWER", timedelta(seconds=0.1))
    monkeypatch.setattr(draining, "DEADLINE", BACKSTOP)
    monkeypatch.setattr(Worker, "shutdown", shutdown)
    os.kill(lab.server.pid, signal.SIGSTOP)
    try:
        stopping = asyncio.create_task(asyncio.to_thread(worker.stop))
        await wait_until(asked.is_set)
        await asyncio.sleep(0.5)  # short: it is to pass, several times the time that is given
    finally:
        os.kill(lab.server.pid, signal.SIGCONT)
    await stopping
    assert still_out == [False]
    lab.close()


@pytest.mark.parametrize("option", ["itself", "plugin"])
async def test_the_numbers_that_a_learner_gives_are_kept(dev_server_address, option):
    """One activity at a time, wherever that is written."""
    at_once, most = 0, 0

    @activity.defn(name="touch")
    async def counted(n: int) -> int:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.01)
        at_once -= 1
        return n

    class OneAtATime(SimplePlugin):
        def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
            config["max_concurrent_activities"] = 1
            return config

    client = await Client.connect(dev_server_address)
    options = {"max_concurrent_activities": 1} if option == "itself" else {"plugins": [OneAtATime("one")]}
    queue = f"one-at-a-time-{option}"
    worker = EmbeddedWorker(client, WorkerSpec(queue, [Touching], [counted], options))
    await asyncio.to_thread(worker.start)
    runs = [
        client.execute_workflow(Touching.run, id=f"{queue}-{number}", task_queue=queue) for number in range(4)
    ]
    assert await asyncio.gather(*runs) == [2] * 4
    assert most == 1
    await asyncio.to_thread(worker.stop)


@asynccontextmanager
async def twins(client: Client, *queues: str) -> AsyncIterator[list[Worker]]:
    workers = [Worker(client, task_queue=queue, activities=[greet], identity="twin") for queue in queues]
    async with AsyncExitStack() as stack:
        for worker in workers:
            await stack.enter_async_context(worker)
        yield workers


async def test_workers_of_one_identity_are_told_apart(dev_server_address):
    """One that has ended is listed still, and another may have the name by chance."""
    client = await Client.connect(dev_server_address)
    keys = []
    async with twins(client, "twin-beside") as [beside]:
        for _ in range(2):
            async with twins(client, "twin") as [worker]:
                keys.append(await instance_key(worker))
        keys.append(await instance_key(beside))
    assert len(set(keys)) == 3


async def test_workers_of_one_identity_that_stop_together_are_told_apart(dev_server_address):
    """As all workers of a kernel have one identity, and opening the lab again stops all.

    One took another's key, ended its polls twice and its own never, and lost a task with them.
    """
    client = await Client.connect(dev_server_address)
    async with twins(client, *(f"twin-{number}" for number in range(4))) as workers:
        together = await asyncio.gather(*map(instance_key, workers))
        assert len(set(together)) == len(workers)
        assert together == [await instance_key(worker) for worker in workers]


async def test_a_twin_that_begins_meanwhile_is_not_taken_for_the_worker(dev_server_address):
    """Its first heartbeat is new too."""
    client = await Client.connect(dev_server_address)
    async with twins(client, "twin-first") as [worker]:
        key = await instance_key(worker)
        for number in range(5):
            asked = asyncio.create_task(instance_key(worker))
            async with twins(await Client.connect(dev_server_address), f"twin-{number}"):
                assert await asked == key


async def test_a_tuner_of_ones_own_is_left_alone(dev_server_address):
    slots = FixedSizeSlotSupplier(5)
    tuner = WorkerTuner.create_composite(
        workflow_supplier=slots, activity_supplier=slots, local_activity_supplier=slots, nexus_supplier=slots
    )
    client = await Client.connect(dev_server_address)
    worker = EmbeddedWorker(client, WorkerSpec("own-tuner", [Greeting], [greet], {"tuner": tuner}))
    await asyncio.to_thread(worker.start)
    assert worker.worker is not None
    assert worker.worker.config()["tuner"] is tuner
    assert await client.execute_workflow(Greeting.run, "Ada", id="own-tuner", task_queue="own-tuner")
    await asyncio.to_thread(worker.stop)
    assert not worker.alive


def test_too_few_slots_are_left_for_the_sdk_to_refuse():
    config = Draining().configure_worker(WorkerConfig(max_concurrent_workflow_tasks=1))
    assert config["max_concurrent_workflow_tasks"] == 1
    assert "tuner" not in config


# ---- the gate ----------------------------------------------------------------------------------------


def used(permit: object) -> SlotMarkUsedContext:
    return cast("SlotMarkUsedContext", type("Used", (), {"permit": permit}))


def released(permit: object) -> SlotReleaseContext:
    return cast("SlotReleaseContext", type("Released", (), {"permit": permit}))


async def test_it_counts_what_is_out_and_what_is_in_hand():
    gate = Gate(2)
    assert (gate.polling, gate.in_hand) == (0, 0)
    permit = await gate.reserve_slot(NO_CONTEXT)
    assert (gate.polling, gate.in_hand) == (1, 0)
    gate.mark_slot_used(used(permit))
    gate.mark_slot_used(used(permit))  # the core may say so again
    assert (gate.polling, gate.in_hand) == (0, 1)
    gate.release_slot(released(permit))
    assert (gate.polling, gate.in_hand) == (0, 0)


async def test_a_poll_that_brought_nothing_gives_its_slot_back():
    gate = Gate(1)
    gate.release_slot(released(await gate.reserve_slot(NO_CONTEXT)))
    assert (gate.polling, gate.in_hand) == (0, 0)
    assert gate.try_reserve_slot(NO_CONTEXT) is not None


async def test_who_waits_is_woken_by_a_release_on_another_thread():
    gate = Gate(1)
    permit = await gate.reserve_slot(NO_CONTEXT)
    waiting = asyncio.create_task(gate.reserve_slot(NO_CONTEXT))
    await asyncio.sleep(0)
    assert not waiting.done()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pool.submit(gate.release_slot, released(permit)).result()
    assert isinstance(await waiting, Permit)


async def test_who_has_given_up_takes_nobodys_turn():
    gate = Gate(1)
    permit = await gate.reserve_slot(NO_CONTEXT)
    gives_up = asyncio.create_task(gate.reserve_slot(NO_CONTEXT))
    waiting = asyncio.create_task(gate.reserve_slot(NO_CONTEXT))
    await asyncio.sleep(0)
    gives_up.cancel()
    await asyncio.sleep(0)
    gate.release_slot(released(permit))
    assert isinstance(await waiting, Permit)


async def test_a_closed_gate_lets_nobody_out_and_takes_everybody_in():
    gate = Gate(2)
    permit = await gate.reserve_slot(NO_CONTEXT)
    gate.close()
    assert gate.try_reserve_slot(NO_CONTEXT) is None
    waiting = asyncio.create_task(gate.reserve_slot(NO_CONTEXT))
    gate.release_slot(released(permit))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()
    assert gate.polling == 0
