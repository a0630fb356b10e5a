"""Orders of lesson 00 that really lose their workers: what its exercises look at."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy

from tutorial_lib.course.workflows.orders import STEPS, Order, Purchase
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.history import History
from tutorial_lib.history.pages import events_as_they_come
from tutorial_lib.stage.stage import Stage
from tutorial_lib.stage.wait_for_result import result_with_care
from tutorial_lib.stage.workers.embedded import EmbeddedWorker
from tutorial_lib.stage.workers.process import WorkerProcess
from tutorial_lib.stage.workers.spec import WorkerSpec

__all__ = ["killed_inside", "two_shifts"]

QUEUE = "orders-diary-tq"


async def two_shifts(lab: Stage, names: Sequence[str]) -> WorkflowHandle[Any, Any]:
    """`order-43`: two steps by one worker, then none and a message, then another worker.

    Args:
        lab: Where it happens.
        names: Identities of the two workers.

    Returns:
        Its handle; it has completed.
    """
    workers = [EmbeddedWorker(lab.client, WorkerSpec(QUEUE, [Order], STEPS, {"identity": n})) for n in names]
    try:
        await asyncio.to_thread(workers[0].start)
        handle: WorkflowHandle[Any, Any] = await lab.client.start_workflow(
            Order.run,
            args=[Purchase("order-43", str(lab.folder / "diary.txt")), True],
            id="order-43",
            task_queue=QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
        )
        await _until_it_waits(handle)
        await asyncio.to_thread(workers[0].stop)
        await handle.signal(Order.packed)
        await asyncio.to_thread(workers[1].start)
        await result_with_care(handle, timeout=30, check_server=lambda: None)
    finally:
        for worker in workers:
            await asyncio.to_thread(worker.stop)
    return handle


async def killed_inside(bench: Workbench) -> tuple[Counter[str], History]:
    """`order-44`, whose worker process ends inside a step, and is followed by another.

    Args:
        bench: Where it happens.

    Returns:
        How often each line is in its ledger, and its history.
    """
    with tempfile.TemporaryDirectory(prefix="half-done-") as folder:
        ledger = Path(folder) / "ledger.txt"
        # Without a cache no task is kept for the worker that has gone.
        spec = WorkerSpec(bench.task_queue, [Order], STEPS, {"max_cached_workflows": 0})
        address = bench.client.service_client.config.target_host
        workers = [
            WorkerProcess(address, bench.client.namespace, spec, Path(folder)) for _ in ("first", "second")
        ]
        try:
            await asyncio.to_thread(workers[0].start)
            handle = await bench.start(Order, Purchase("order-44", str(ledger), power_fails=True), False)
            while workers[0].alive:  # noqa: ASYNC110 - a process, it sets no event
                await asyncio.sleep(0.01)
            await asyncio.to_thread(workers[1].start)
            run = await bench.ended(handle, seconds=15)
            return Counter(ledger.read_text(encoding="utf-8").splitlines()), run.history
        finally:
            for worker in workers:
                worker.close()


async def _until_it_waits(handle: WorkflowHandle[Any, Any]) -> None:
    """Until both steps before the wait are done and the workflow has taken note of it."""
    steps = 0
    async for event in events_as_they_come(handle):
        steps += event.HasField("activity_task_completed_event_attributes")
        if steps == len(STEPS) - 1 and event.HasField("workflow_task_completed_event_attributes"):
            return
