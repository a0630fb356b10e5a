"""The end of a worker's program: it finishes what it can, and is gone before it is killed."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

from temporalio.client import WorkflowHandle

from tutorial_lib.course.lesson_02.begins import with_begins
from tutorial_lib.course.lesson_02.heartbeats import heartbeats
from tutorial_lib.exercises.checks.check_namespace import fresh_name
from tutorial_lib.exercises.checks.patience import Patience
from tutorial_lib.exercises.checks.pod import Pod
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_function, a_workflow, an_activity
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import Event, History, fetch_history
from tutorial_lib.stage.clock import clock_of


class PerhapsSlow(NotYet):
    """What a slow machine alone may have caused: raised only if every scene ends so."""


class Goodbye(Exercise):
    """The end of a worker's program: it finishes what it can, and is gone before it is killed."""

    title = "A worker that leaves in time"
    task = (
        "`work` is what `worker.py` does in its container. When Kubernetes wants it to go, it sets "
        "`sigterm`; **2 seconds later** it kills. Let `work` finish the small order that it has in hand, and "
        "be gone before the kill, although a huge one is in its other hand."
    )
    starter = """
import asyncio
from datetime import timedelta
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

LIMIT = timedelta(minutes=5)


@activity.defn
async def pack(order_id: str, seconds: float) -> None:
    activity.heartbeat("in hand")
    await asyncio.sleep(seconds)  # 0.7, or 60


@workflow.defn
class PackOrder:
    @workflow.run
    async def run(self, order_id: str, seconds: float) -> None:
        await workflow.execute_activity(
            pack, args=[order_id, seconds], start_to_close_timeout=LIMIT
        )


async def work(client: Client, queue: str, sigterm: asyncio.Event):
    know = {"workflows": [PackOrder], "activities": [pack]}
    await Worker(client, task_queue=queue, **know).run()
"""
    takes = (a_function("work"), a_workflow("PackOrder"), an_activity("pack"))
    hints = (
        (
            "Two things are missing: `work` does not listen to `sigterm`, and its worker gives nobody time. "
            "The lesson shows the lines for the first, and says what the default of the second is."
        ),
        (
            "`async with Worker(...)` shuts the worker down when its block ends: what is the block to wait "
            "for? And `graceful_shutdown_timeout` has to be longer than the small order takes, and shorter "
            "than what?"
        ),
    )
    solution_code = """
async def work(client: Client, queue: str, sigterm: asyncio.Event):
    async with Worker(
        client,
        task_queue=queue,
        workflows=[PackOrder],
        activities=[pack],
        graceful_shutdown_timeout=timedelta(seconds=1),
    ):
        await sigterm.wait()
"""
    why = (
        "After `sigterm` the worker takes nothing new. What is done within a second is reported; what is not "
        "is cancelled, and that too is reported, so that the server gives it to somebody else without "
        "waiting for the timeout of five minutes. The grace period must be shorter than Kubernetes' "
        "`terminationGracePeriodSeconds`: after the kill, nobody reports anything."
    )
    seconds = 20.0

    DEAF = "and it has never asked for `sigterm`: whatever its end depends on, it is not that"
    LISTEN = "`await sigterm.wait()` waits until it is set"
    WAIT = "what is the worker to wait for before it may go?"
    KILL = 2.0  # seconds from SIGTERM to SIGKILL
    SMALL, HUGE = 0.7, 60.0
    NEARLY_ALL = 0.95  # of its seconds: who packs as the starter cell has it needs them all
    SCENES = 3  # for what a slow machine alone may have caused
    AT_ONCE = 0.15  # seconds in which a worker without a grace period gives up what it has in hand

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """`work` runs as a program would: on a thread and a loop of its own, asked to end, then killed."""
        for _ in range(1, self.SCENES):
            with contextlib.suppress(PerhapsSlow):
                return await self._scene(bench, *answers)
        return await self._scene(bench, *answers)

    async def _scene(self, bench: Workbench, work: Any, pack_order: type, _pack: Any) -> str:
        """One order in each hand, then SIGTERM: as the small one's packing begins, however slow we are."""
        queue, clock = fresh_name(bench.task_queue), clock_of(bench.client)
        told_at: list[float] = []

        def begins(workflow_id: str) -> None:
            if workflow_id.endswith("-order-71") and not told_at:
                told_at.append(clock.now())
                pod.say_sigterm()

        async def small_begun() -> bool:
            return bool(told_at)

        pod = Pod(work, with_begins(bench.client, begins), queue)
        try:
            huge = await bench.start(pack_order, "order-72", self.HUGE, name="order-72", task_queue=queue)
            await self._in_hand(bench, pod, huge, lambda: heartbeats(huge), self.HUGE)
            small = await bench.start(pack_order, "order-71", self.SMALL, name="order-71", task_queue=queue)
            await self._in_hand(bench, pod, small, small_begun, self.SMALL)
            told = told_at[0]
            gone = await pod.gone(self.KILL)
            if pod.failure:
                raise NotYet(f"`work` raised {pod.failure}", pod.advice)
            lost = await _lost(small), await _lost(huge)
            if gone and not pod.listens:
                raise await self._deaf(small)
            if lost[1] is not None and lost[1] - told > self.KILL * 0.98:
                raise PerhapsSlow(
                    f"order-72 was handed back {lost[1] - told:.1f} s after `sigterm`, at the moment of the "
                    "kill",
                    "leave a margin: the grace period is to be shorter than the 2 s that Kubernetes gives",
                )
            if not gone:
                raise await self._killed(bench, pack_order, pod, queue, lost)
        finally:
            await pod.kill()
        history = await fetch_history(small)
        done = [event for event in history if event.type == "ActivityTaskCompleted"]
        if not done:
            raise self._not_packed(lost[0], told)
        if lost[1] is None:
            self._takes_its_time(await fetch_history(huge), self.HUGE)
            raise NotYet(
                f"order-71 is packed (event {done[0].id}), but order-72 was not handed back: `work` ended, "
                "and told nobody that it had it. The server waits five minutes for an answer",
                "shut the worker down, and wait until it has ended: that is when it gives up what it cannot "
                "finish",
            )
        self._takes_its_time(history, self.SMALL)
        begun = history.event(done[0].opened_by or 0)
        return (
            f"order-71 was packed at attempt {self._attempt(history, begun)} (event {done[0].id}), by the "
            "worker that was leaving. order-72 was handed back before the kill, and waits for the next "
            "worker."
        )

    async def _deaf(self, newest: WorkflowHandle[Any, Any]) -> NotYet:
        """The answer to an end that nobody asked for, in time or not."""
        packed = [e.id for e in await fetch_history(newest) if e.type == "ActivityTaskCompleted"]
        if packed:
            told = f"{newest.id} is packed (event {packed[0]}), `work` has ended, {self.DEAF}"
            return NotYet(told, self.LISTEN)
        return NotYet("nothing is packed, `work` has ended, and it has never asked for `sigterm`", self.WAIT)

    @classmethod
    def _takes_its_time(cls, history: History, seconds: float) -> None:
        """Refuse an order whose packing took less than it was given; by the server's clock, not by ours."""
        done = [event for event in history if event.type == "ActivityTaskCompleted"]
        if not done:
            return
        taken = cls._taken_at(history, history.event(done[0].opened_by or 0))
        if history.when(done[0]).timestamp() - taken < seconds * cls.NEARLY_ALL:
            raise NotYet(
                f"an order was packed in no time (event {done[0].id})",
                "leave `pack` as the starter cell has it: each order takes the seconds that it is given",
            )

    @staticmethod
    def _taken_at(history: History, scheduled: Event) -> float:
        """When the worker took an activity, in seconds since the epoch by the server's clock."""
        started = [e for e in history.answers(scheduled.id) if e.type == "ActivityTaskStarted"]
        return float(history.when(started[0]).timestamp())

    @staticmethod
    def _attempt(history: History, scheduled: Event) -> int:
        started = [e for e in history.answers(scheduled.id) if e.type == "ActivityTaskStarted"]
        return started[0].attempt or 1

    async def _in_hand(
        self,
        bench: Workbench,
        pod: Pod,
        order: WorkflowHandle[Any, Any],
        packs: Callable[[], Awaitable[bool]],
        seconds: float,
    ) -> None:
        """Until the worker packs it, which takes so long."""
        patience, news, took = Patience(4), 0, 0.0
        while not patience.over(news, took):
            began, ended = time.monotonic(), pod.done
            if await packs():
                return
            if ended:
                if pod.failure:
                    raise NotYet(f"`work` raised {pod.failure}", pod.advice)
                if pod.is_told:
                    raise NotYet(
                        "`work` has set `sigterm` itself, and ended at once",
                        "setting it is Kubernetes' part, here that of the check: `work` waits for it",
                    )
                if not pod.listens:
                    raise await self._deaf(order)
                raise NotYet("`work` has ended before anybody had set `sigterm`, and nobody packs", self.WAIT)
            self._takes_its_time(await fetch_history(order), seconds)
            news, took = await bench.moved(), time.monotonic() - began
            await asyncio.sleep(0.02)
        history = await fetch_history(order)
        asked = [event for event in history if event.type == "ActivityTaskScheduled"]
        if asked:
            raise NotYet(
                f"the order was taken, and the packing asked for (event {asked[0].id}); nobody says that it "
                "is in hand",
                "does the worker know `pack`, and has its loop time for it?",
            )
        raise NotYet(
            "`work` runs, and after four seconds nobody has taken the order: its last event is "
            f"{len(history)}, {history.events[-1].type}",
            "`work` waits for `sigterm`: does its worker run while it waits? And does it poll `queue`, for "
            "`PackOrder`?"
            if pod.waits
            else "does its worker poll `queue`, for `PackOrder`, and does something keep its loop busy?",
        )

    def _not_packed(self, lost: float | None, told: float) -> NotYet:
        if lost is None:
            return NotYet(
                "`work` ended with order-71 in hand, and told nobody. The server waits five minutes for an "
                "answer",
                "shut the worker down, and wait until it has ended",
            )
        if lost - told < self.AT_ONCE:
            return NotYet(
                "when `sigterm` came, the packing of order-71 was cancelled at once; the next worker begins "
                "it again, at attempt 2",
                "how long may a worker take for what it has in hand? The default is zero",
            )
        return NotYet(
            "the packing of order-71 was cancelled before it was done; the next worker begins it again, at "
            "attempt 2",
            f"the worker waited a little; the packing takes {self.SMALL:g} s",
        )

    async def _killed(
        self,
        bench: Workbench,
        pack_order: type,
        pod: Pod,
        queue: str,
        lost: tuple[float | None, float | None],
    ) -> NotYet:
        if lost[1] is not None:
            return NotYet(
                "the worker has stopped, and `work` is still there 2 s after `sigterm`: it is killed for "
                "nothing",
                "let `work` end when its worker has stopped",
            )
        late = await bench.start(pack_order, "order-73", 0.0, name="order-73", task_queue=queue)
        if await self._is_taken(late):
            return NotYet(
                "2 s after `sigterm`, `work` still takes new orders; then it is killed, and nobody hears of "
                "order-72 until its timeout, in five minutes",
                "who tells the worker that `sigterm` was set?",
            )
        if not pod.listens:
            return NotYet(f"2 s after `sigterm`, `work` is still there, {self.DEAF}", self.LISTEN)
        return NotYet(
            "the worker takes nothing new, but 2 s after `sigterm` it is still there, for order-72's sake; "
            "it is killed, and nobody hears of that order until its timeout, in five minutes",
            "it may take its time, but less than Kubernetes gives it",
        )

    @staticmethod
    async def _is_taken(late: WorkflowHandle[Any, Any]) -> bool:
        """Whether a worker takes a new order."""
        patience, news, took = Patience(0.3), 0, 0.0
        while not patience.over(news, took):
            asked = time.monotonic()
            history = await fetch_history(late)
            if any(event.type == "WorkflowTaskCompleted" for event in history):
                return True
            news, took = len(history), time.monotonic() - asked
            await asyncio.sleep(0.02)
        return False


async def _lost(handle: WorkflowHandle[Any, Any]) -> float | None:
    """When an attempt at packing was given up, in seconds since the epoch; None if none was."""
    for pending in (await handle.describe()).raw_description.pending_activities:
        if pending.HasField("last_failure"):
            return pending.last_attempt_complete_time.ToNanoseconds() / 1e9
    return None
