"""Stops and replaces a worker again and again while workflows begin; prints how long each round waited.

    python -m tests.bench.stalls plain|stage ROUNDS

`plain` is the SDK's own `Worker` and `shutdown()`; `stage` is what `lab.start_worker` makes.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio import activity, workflow
from temporalio.api.enums.v1 import EventType, TimeoutType
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker

LONG = 3.0  # seconds: longer than that a task was lost
STEP = 0.004  # seconds: the stop comes at twelve moments in the life of a workflow task
Start = Callable[[int], Awaitable[Callable[[], Awaitable[None]]]]


@activity.defn
async def touch(n: int) -> int:
    return n


@workflow.defn
class Touching:
    @workflow.run
    async def run(self) -> int:
        for n in range(2):
            await workflow.execute_activity(touch, n, start_to_close_timeout=timedelta(seconds=10))
        return 2


def plain(client: Client) -> Start:
    async def start(number: int) -> Callable[[], Awaitable[None]]:
        worker = Worker(
            client, task_queue="stalls", workflows=[Touching], activities=[touch], identity=f"plain-{number}"
        )
        run = asyncio.create_task(worker.run())
        await asyncio.sleep(0.05)

        async def stop() -> None:
            await worker.shutdown()
            await run

        return stop

    return start


def stage(client: Client) -> Start:
    from tutorial_lib.stage.workers.embedded import EmbeddedWorker
    from tutorial_lib.stage.workers.spec import WorkerSpec

    async def start(_number: int) -> Callable[[], Awaitable[None]]:
        worker = EmbeddedWorker(client, WorkerSpec("stalls", [Touching], [touch]))
        await asyncio.to_thread(worker.start)
        return lambda: asyncio.to_thread(worker.stop)

    return start


async def tell(handle: WorkflowHandle[Any, Any]) -> None:
    """The tasks of one run that were lost, for whoever looks for the reason."""
    history = await handle.fetch_history()
    events = {event.event_id: event for event in history.events}
    for event in history.events:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
            lost = event.workflow_task_timed_out_event_attributes
            queue = events[lost.scheduled_event_id].workflow_task_scheduled_event_attributes.task_queue.name
            kind = TimeoutType.Name(lost.timeout_type)
            print(f"{handle.id}: event {event.event_id}, {kind}, queue {queue}", file=sys.stderr)
        elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
            begun = event.activity_task_started_event_attributes
            if begun.attempt > 1:
                print(
                    f"{handle.id}: event {event.event_id}, activity attempt {begun.attempt}", file=sys.stderr
                )


async def main(how: str, rounds: int) -> None:
    from tutorial_lib.stage import hold_server, stop_server

    with tempfile.TemporaryDirectory() as folder:
        with hold_server(who="bench", state_dir=Path(folder)) as hold:
            start = {"plain": plain, "stage": stage}[how](await Client.connect(hold.info.address))
            client = await Client.connect(hold.info.address)
            for number in range(rounds):
                stop = await start(2 * number)
                begun = time.perf_counter()
                first = await client.start_workflow(Touching.run, id=f"{number}-a", task_queue="stalls")
                await asyncio.sleep(number % 12 * STEP)
                stopping = asyncio.create_task(stop())
                second = await client.start_workflow(Touching.run, id=f"{number}-b", task_queue="stalls")
                await stopping
                stopped = time.perf_counter() - begun
                stop = await start(2 * number + 1)
                await asyncio.gather(first.result(), second.result())
                print(f"{time.perf_counter() - begun:.3f} {stopped:.3f}", flush=True)
                if time.perf_counter() - begun > LONG:
                    for handle in (first, second):
                        await tell(handle)
                await stop()
        stop_server(Path(folder))
    sys.stdout.flush()
    os._exit(0)  # the SDK's core can crash an interpreter that ends (sdk-python #300)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
