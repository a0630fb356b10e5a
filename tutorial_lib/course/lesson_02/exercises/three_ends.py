"""What the end of a worker costs depends on what it had in hand, and on whether it may end in order."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHandle

from tutorial_lib.course.lesson_02.heartbeats import heartbeats
from tutorial_lib.course.workflows.killed import pack_and_be_killed
from tutorial_lib.course.workflows.shop import STEPS, FulfilOrder, pick
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_value
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import Event, History, fetch_history
from tutorial_lib.history.pages import events_as_they_come
from tutorial_lib.stage.workers.process import WorkerProcess
from tutorial_lib.stage.workers.spec import WorkerSpec

TIMES = {1: "once", 2: "twice"}


class ThreeEnds(Exercise):
    """What the end of a worker costs depends on what it had in hand, and on whether it may end in order."""

    title = "Predict: three ends of a worker"
    task = (
        "Three orders lose their worker, each in another way; other workers finish them. How often does the "
        "packing begin, for each? Give your numbers; the check lets it happen, for real."
    )
    starter = """
# How often will the packing of each have begun, when all are done?
packed = {
    "order-61": ____,  # SIGKILL while packing
    "order-62": ____,  # SIGTERM while packing
    "order-63": ____,  # SIGKILL while it waits
}
"""
    takes = (a_value("packed", dict, "a dictionary with a number for each order"),)
    hints = (
        (
            "For each order: was an activity in somebody's hand when the worker ended? Only then can there "
            "be something to begin again."
        ),
        (
            "A killed worker cannot report what it had in hand. A drained one can. And a workflow that only "
            "waits is in nobody's hand: the server has it."
        ),
    )
    solution_code = """
packed = {"order-61": 2, "order-62": 1, "order-63": 1}
"""
    why = (
        "A kill costs what was in hand: nobody reports it, so the server waits for the timeout and has it "
        "begun again. A drain costs no attempt. And what waits is in nobody's hand: the server keeps it, "
        "whichever way its worker ends."
    )
    seconds = 40.0  # a process is started, on a machine that may be busy

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[str, History] | None = None

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """It happens once a kernel; further guesses are held against the same three histories."""
        said = answers[0]
        orders = ("order-61", "order-62", "order-63")
        if missing := [order for order in orders if order not in said]:
            raise NotYet(
                f"`packed` says nothing about {missing[0]}", "keep the three lines of the starter cell"
            )
        for order in orders:
            if not isinstance(said[order], int) or isinstance(said[order], bool):
                raise NotYet(f"`packed[{order!r}]` is {said[order]!r}", "how often: give a whole number")
        if self._seen is None:
            self._seen = await _three_ends(bench)
        begun = {order: _begun(history) for order, history in self._seen.items()}
        for order in orders:
            if said[order] != (begun[order].attempt or 1):
                raise self._guess(order, said[order], begun[order], self._seen[order])
        killed = begun["order-61"]
        why = f" ({killed.failure.reason.message})" if killed.failure else ""
        return (
            f"order-61: event {killed.id} is attempt {killed.attempt}{why}: the kill cost a timeout and a "
            "second packing. The drain cost no attempt, and neither did the kill while the order only waited."
        )

    @staticmethod
    def _guess(order: str, said: int, begun: Event, history: History) -> NotYet:
        from tutorial_lib.views import Timeline

        times = begun.attempt or 1
        signal = next(event for event in history if event.type == "WorkflowExecutionSignaled")
        because = {
            "order-61": f"event {begun.id} is attempt {times}; who could have told the server of the first?",
            "order-62": f"event {begun.id} is attempt {times}, and it was completed: a worker that drains "
            "finishes what it has in hand",
            "order-63": f"the payment is event {signal.id}, after the kill, and the packing began after the "
            "payment: nothing was in the dead worker's hands",
        }[order]
        return NotYet(
            f"you say that the packing of {order} {_times('begins', said)}; it {_times('began', times)}",
            because,
            view=Timeline.of(history),
        )


def _times(verb: str, number: int) -> str:
    """A verb with how often: "begins twice", "never begins"."""
    return f"never {verb}" if number == 0 else f"{verb} {TIMES.get(number, f'{number} times')}"


async def _three_ends(bench: Workbench) -> dict[str, History]:
    """Three orders whose worker is killed or drained, on the bench's queue. Returns their histories."""
    options = {
        "graceful_shutdown_timeout": timedelta(seconds=5),
        "max_cached_workflows": 0,  # no task is kept for a worker that has gone
    }

    async def begin(order: str, *, paid: bool) -> WorkflowHandle[Any, Any]:
        handle = await bench.start(FulfilOrder, order, name=order)
        if paid:
            await handle.signal(FulfilOrder.pay)
        return handle

    with tempfile.TemporaryDirectory(prefix="three-ends-") as folder:
        # A kill from outside may be late on a busy machine, when the box is packed.
        doomed = [pick, pack_and_be_killed]
        spec = WorkerSpec(bench.task_queue, [FulfilOrder], doomed, {**options, "identity": "worker-1"})
        address = bench.client.service_client.config.target_host
        waiting = await begin("order-63", paid=False)
        first = WorkerProcess(address, bench.client.namespace, spec, Path(folder))
        try:
            await asyncio.to_thread(first.start)
            await _waits(waiting)
            packing = await begin("order-61", paid=True)
            while first.alive:  # noqa: ASYNC110 - the system knows, not we
                await asyncio.sleep(0.01)
        finally:
            await asyncio.to_thread(first.close)
    await waiting.signal(FulfilOrder.pay)
    await bench.worker(workflows=[FulfilOrder], activities=STEPS, **options, identity="worker-2")
    drained = await begin("order-62", paid=True)
    await _in_hand(drained)
    # A new worker takes the old one's place, which drains first.
    await bench.worker(workflows=[FulfilOrder], activities=STEPS, **options, identity="worker-3")
    runs = await asyncio.gather(*(bench.ended(each, seconds=15) for each in (packing, drained, waiting)))
    return dict(zip(("order-61", "order-62", "order-63"), (run.history for run in runs), strict=True))


async def _packed(order: WorkflowHandle[Any, Any]) -> bool:
    history = await fetch_history(order)
    return any(event.type == "ActivityTaskCompleted" and event.name == "pack" for event in history)


async def _in_hand(order: WorkflowHandle[Any, Any]) -> None:
    """Until a worker packs it, or has packed it."""
    while not (await heartbeats(order) or await _packed(order)):  # noqa: ASYNC110 - the server knows, not we
        await asyncio.sleep(0.01)


async def _waits(order: WorkflowHandle[Any, Any]) -> None:
    """Until its first workflow task is done."""
    async for event in events_as_they_come(order):
        if event.HasField("workflow_task_completed_event_attributes"):
            return


def _begun(history: History) -> Event:
    """Where the packing began for the last time."""
    return [e for e in history if e.type == "ActivityTaskStarted" and e.name == "pack"][-1]
