"""Exercises of lesson 02, execution architecture."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import tempfile
import threading
import time
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from temporalio.client import Client, WorkflowHandle

from tutorial_lib.cells.errors import message_of, place_of
from tutorial_lib.cells.export import write_worker_module
from tutorial_lib.course.shop import STEPS, FulfilOrder
from tutorial_lib.exercises.bench import Bench, Run
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_function, a_value, a_workflow, an_activity
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.exercises.place import fresh_name
from tutorial_lib.exercises.quiz import Choice, Question, Quiz
from tutorial_lib.exercises.threads import Interrupted, interrupt
from tutorial_lib.history import Event, History, fetch_history
from tutorial_lib.stage.worker_process import WorkerProcess
from tutorial_lib.stage.workers_spec import WorkerSpec

__all__ = ["goodbye", "quiz", "three_ends", "two_machines"]

LESSON = "lesson-02"
TIMES = {0: "never", 1: "once", 2: "twice"}


class ThreeEnds(Exercise):
    """What the end of a worker costs depends on what it had in hand, and on whether it may say goodbye."""

    lesson = LESSON
    name = "three_ends"
    title = "Predict: three ends of a worker"
    task = (
        "Three orders lose their worker, each in another way; other workers finish them. How often does the "
        "packing begin, for each? Give your numbers; the check lets it happen, for real."
    )
    starter = """
# How often will the packing of each order have begun, when all are done?
packed = {
    "order-61": ____,  # its worker gets SIGKILL while it packs this order
    "order-62": ____,  # its worker gets SIGTERM while it packs this order, and 5 s to drain
    "order-63": ____,  # its worker gets SIGKILL while this order waits for its payment
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
        "begun again. A drain costs nothing. And what waits costs nothing either way: it is kept by the "
        "server."
    )
    seconds = 40.0  # a process is started, on a machine that may be busy

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[str, History] | None = None

    async def verify(self, bench: Bench, *answers: Any) -> str:
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
            "second packing. The drain cost nothing, and neither did the kill while the order only waited."
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
            f"you say that the packing of {order} begins {TIMES.get(said, f'{said} times')}; it began "
            f"{TIMES.get(times, f'{times} times')}",
            because,
            view=Timeline.of(history),
        )


class TwoMachines(Exercise):
    """What one worker remembers, another does not know: hand it over in the history."""

    lesson = LESSON
    name = "two_machines"
    title = "Works with one worker, fails with two"
    task = (
        "This shop has run for a year on one worker. Since there are two, orders get stuck. Repair it, and "
        "keep `pick` and `pack` as two activities: either may run on any machine."
    )
    starter = """
from datetime import timedelta

from temporalio import activity, workflow

shelf: dict[str, str] = {}  # what was picked, by order


@activity.defn
async def pick(order_id: str) -> None:
    shelf[order_id] = f"goods of {order_id} from row {len(order_id)}"


@activity.defn
async def pack(order_id: str) -> str:
    return f"a box with the {shelf[order_id]}"


@workflow.defn
class FulfilOrder:
    @workflow.run
    async def run(self, order_id: str) -> str:
        limit = timedelta(seconds=2)
        await workflow.execute_activity(pick, order_id, start_to_close_timeout=limit)
        return await workflow.execute_activity(pack, order_id, start_to_close_timeout=limit)
"""
    takes = (a_workflow("FulfilOrder"), an_activity("pick"), an_activity("pack"))
    hints = (
        "In which process is `shelf`, and who else can look into it?",
        (
            "There is one thing that all workers share: the event history. What an activity returns is "
            "written there; what it is given as an argument comes from there."
        ),
    )
    solution_code = """
@activity.defn
async def pick(order_id: str) -> str:
    return f"goods of {order_id} from row {len(order_id)}"


@activity.defn
async def pack(goods: str) -> str:
    return f"a box with the {goods}"


@workflow.defn
class FulfilOrder:
    @workflow.run
    async def run(self, order_id: str) -> str:
        limit = timedelta(seconds=2)
        goods = await workflow.execute_activity(pick, order_id, start_to_close_timeout=limit)
        return await workflow.execute_activity(pack, goods, start_to_close_timeout=limit)
"""
    why = (
        "A global, a cache, a file on the local disk: all of them are on one machine, and two activities of "
        "one order meet on the same machine only by luck. Results and arguments go through the server. What "
        "is too big for that goes to a store that all workers reach, and its address through the server."
    )

    GOODS = "goods of order-7 from row 7"

    async def verify(self, bench: Bench, *answers: Any) -> str:
        """Each activity comes from a copy of the notebook's code of its own, as on two machines."""
        fulfil, pick, pack = answers
        here, there = _copies([pick, pack])
        await bench.worker(workflows=[fulfil], activities=[here, there])
        handle = await bench.start(fulfil, "order-7")
        await self._until_it_fails(handle)
        run = await bench.ended(handle, seconds=4)
        seen = run.seen
        if run.failure is not None:
            last = run.history.events[-1]
            because = last.failure.reason if last.failure else run.history.status
            raise NotYet(
                f"the order has failed, event {last.id}: {because}",
                "a retry policy cannot help: the other machine's memory stays empty",
            )
        if markers := seen.events("MarkerRecorded"):
            raise NotYet(
                f"event {markers[0].id} is the marker of a local activity: it runs inside the workflow's "
                "worker, so both are bound to one machine again",
                "`workflow.execute_activity` lets any machine do it; what must travel then?",
            )
        seen.ran("pick", hint="keep the two activities of the starter cell")
        seen.ran("pack", hint="keep the two activities of the starter cell")
        seen.after("pack", "pick", hint="wait for `pick` before you ask for `pack`")
        picked, packed = seen.has("ActivityTaskCompleted", "pick"), seen.scheduled("pack")[0]
        if self.GOODS not in str(picked.payloads.get("result", "")):
            raise self._not_handed_over(run, picked, packed)
        if self.GOODS not in str(packed.payloads.get("input", "")):
            raise NotYet(
                f"event {picked.id} holds the goods, but event {packed.id} asks for `pack` with "
                f"{_values(packed, 'input')}",
                "give `pack` what `pick` returned",
            )
        if run.result != f"a box with the {self.GOODS}":
            raise NotYet(f"the order returned {run.result!r}", f"it is to be 'a box with the {self.GOODS}'")
        return (
            f"Event {picked.id} holds what was picked, and event {packed.id} hands it to whoever packs. The "
            "two machines know nothing of each other."
        )

    def _not_handed_over(self, run: Run, picked: Event, packed: Event) -> NotYet:
        told = f"the result of `pick` in event {picked.id} is {_values(picked, 'result')}"
        if self.GOODS in str(run.result):
            given = _values(packed, "input")
            return NotYet(
                f"the box has the right goods, and no event says how they came there: {told}, and `pack` was "
                f"given {given} (event {packed.id})",
                "a file, say, is on one machine as a global is; this check has only one disk, Kubernetes has "
                "many",
            )
        return NotYet(told, "let `pick` return the goods as they were, so that the server has them")

    @staticmethod
    async def _until_it_fails(handle: WorkflowHandle[Any, Any]) -> None:
        """Until the order is done, or an activity has failed: its retries would go on for ever."""
        until = time.monotonic() + 3
        while time.monotonic() < until:
            raw = (await handle.describe()).raw_description
            for pending in raw.pending_activities:
                if pending.HasField("last_failure"):
                    failure = pending.last_failure
                    kind = failure.application_failure_info.type or "an error"
                    name = pending.activity_type.name
                    if kind == "KeyError" and name == "pack":
                        raise NotYet(
                            "`pack` ran on another machine than `pick`, and looked for the goods in the "
                            f"memory of its own: KeyError: {failure.message}. It is retried, and the order "
                            "waits",
                            "what `pick` knows must reach `pack` by a way that both machines share",
                        )
                    if failure.HasField("timeout_failure_info"):
                        raise NotYet(
                            f"activity `{name}` did not return in time and is tried again: {failure.message}",
                            "does it wait for something, or loop for ever?",
                        )
                    raise NotYet(
                        f"activity `{name}` fails on a machine of its own and is retried: {kind}: "
                        f"{failure.message}",
                        "does it use something that only another machine has?",
                    )
            if raw.workflow_execution_info.HasField("close_time"):
                return
            if raw.HasField("pending_workflow_task") and raw.pending_workflow_task.attempt > 1:
                return
            await asyncio.sleep(0.02)


class Goodbye(Exercise):
    """The end of a worker's program: it finishes what it can, and is gone before it is killed."""

    lesson = LESSON
    name = "goodbye"
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


@activity.defn
async def pack(order_id: str, seconds: float) -> str:
    activity.heartbeat("in hand")
    await asyncio.sleep(seconds)  # 0.7 for a small order, 60 for a huge one
    return f"a box for {order_id}"


@workflow.defn
class PackOrder:
    @workflow.run
    async def run(self, order_id: str, seconds: float) -> str:
        limit = timedelta(minutes=5)
        return await workflow.execute_activity(pack, args=[order_id, seconds], start_to_close_timeout=limit)


async def work(client: Client, task_queue: str, sigterm: asyncio.Event) -> None:
    worker = Worker(client, task_queue=task_queue, workflows=[PackOrder], activities=[pack])
    await worker.run()
"""
    takes = (a_function("work"), a_workflow("PackOrder"), an_activity("pack"))
    hints = (
        (
            "Two things are missing: `work` does not listen to `sigterm`, and its worker gives nobody time. "
            "The lesson shows the lines for the first, and prints the default of the second."
        ),
        (
            "`async with Worker(...)` shuts the worker down when its block ends: what is the block to wait "
            "for? And `graceful_shutdown_timeout` has to be longer than the small order takes, and shorter "
            "than what?"
        ),
    )
    solution_code = """
async def work(client: Client, task_queue: str, sigterm: asyncio.Event) -> None:
    async with Worker(
        client,
        task_queue=task_queue,
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

    KILL = 2.0  # seconds from SIGTERM to SIGKILL
    SMALL, HUGE = 0.7, 60.0
    AT_ONCE = 0.15  # seconds in which a worker without a grace period gives up what it has in hand

    async def verify(self, bench: Bench, *answers: Any) -> str:
        """`work` runs as a program would: on a thread and a loop of its own, told to go, and then killed."""
        for _ in range(3):
            if (told := await self._scene(bench, *answers)) is not None:
                return told
        raise NotYet(
            "order-71 was always done before `sigterm` could be set", "this machine is very busy: once more"
        )

    async def _scene(self, bench: Bench, work: Any, pack_order: type, _pack: Any) -> str | None:
        """One order in each hand, then SIGTERM. None if the small one was done before that."""
        queue = fresh_name(bench.task_queue)
        pod = _Pod(work, bench.client, queue)
        try:
            small = await bench.start(pack_order, "order-71", self.SMALL, name="order-71", task_queue=queue)
            huge = await bench.start(pack_order, "order-72", self.HUGE, name="order-72", task_queue=queue)
            await self._both_in_hand(pod, small, huge)
            told = time.time()
            pod.say_sigterm()
            gone = await pod.gone(self.KILL)
            if pod.failure:
                raise NotYet(f"`work` raised {pod.failure}", pod.ADVICE)
            lost = await _lost(small), await _lost(huge)
            if not gone:
                raise await self._killed(bench, pack_order, queue, lost)
        finally:
            await pod.kill()
        history = await fetch_history(small)
        done = [event for event in history if event.type == "ActivityTaskCompleted"]
        if done and history.when(done[0]).timestamp() < told:
            return None
        if not done:
            raise self._not_packed(lost[0], told)
        begun = history.event(done[0].opened_by or 0)
        if lost[1] is None:
            raise NotYet(
                f"order-71 is packed (event {done[0].id}), but order-72 was not handed back: `work` ended, "
                "and told nobody that it had it. The server waits five minutes for an answer",
                "shut the worker down, and wait until it has ended: that is when it gives up what it cannot "
                "finish",
            )
        return (
            f"order-71 was packed at attempt {self._attempt(history, begun)} (event {done[0].id}), by the "
            "worker that was leaving. order-72 was handed back before the kill, and waits for the next "
            "worker."
        )

    @staticmethod
    def _attempt(history: History, scheduled: Event) -> int:
        started = [e for e in history.answers(scheduled.id) if e.type == "ActivityTaskStarted"]
        return started[0].attempt or 1

    async def _both_in_hand(self, pod: _Pod, *handles: WorkflowHandle[Any, Any]) -> None:
        """Until the worker packs both."""
        until = time.monotonic() + 4
        while time.monotonic() < until:
            if pod.done:
                if pod.failure:
                    raise NotYet(f"`work` raised {pod.failure}", pod.ADVICE)
                raise NotYet(
                    "`work` ended at once: nobody had set `sigterm`, and nobody packs",
                    "what is the worker to wait for before it may go?",
                )
            if all([await _heartbeats(handle) for handle in handles]):
                return
            await asyncio.sleep(0.02)
        history = await fetch_history(handles[0])
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
            "does its worker poll `task_queue`, for `PackOrder`, and does something keep its loop busy?",
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
        self, bench: Bench, pack_order: type, queue: str, lost: tuple[float | None, float | None]
    ) -> NotYet:
        if lost[1] is not None:
            return NotYet(
                "the worker has stopped, and `work` is still there 2 s after `sigterm`: it is killed for "
                "nothing",
                "let `work` end when its worker has stopped",
            )
        late = await bench.start(pack_order, "order-73", 0.0, name="order-73", task_queue=queue)
        await asyncio.sleep(0.3)
        if any(event.type == "WorkflowTaskCompleted" for event in await fetch_history(late)):
            return NotYet(
                "2 s after `sigterm`, `work` still takes new orders; then it is killed, and nobody hears of "
                "order-72 until its timeout, in five minutes",
                "who tells the worker that `sigterm` was set?",
            )
        return NotYet(
            "the worker takes nothing new, but 2 s after `sigterm` it is still there, for order-72's sake; "
            "it is killed, and nobody hears of that order until its timeout, in five minutes",
            "it may take its time, but less than Kubernetes gives it",
        )


async def _heartbeats(handle: WorkflowHandle[Any, Any]) -> bool:
    """Whether a worker has said that an activity of this order is in its hands."""
    pending = (await handle.describe()).raw_description.pending_activities
    return any(each.HasField("last_heartbeat_time") for each in pending)


async def _lost(handle: WorkflowHandle[Any, Any]) -> float | None:
    """When an attempt at packing was given up, in seconds since the epoch; None if none was."""
    for pending in (await handle.describe()).raw_description.pending_activities:
        if pending.HasField("last_failure"):
            return pending.last_attempt_complete_time.ToNanoseconds() / 1e9
    return None


class _Pod:
    """Runs a learner's program on a thread and loop of its own, as a container would.

    Args:
        work: The program.
        client: Its client.
        task_queue: Its queue.
    """

    ADVICE = "`sigterm` is an event that the check sets; `work` has to wait for it, and to end by returning"

    def __init__(
        self,
        work: Callable[[Client, str, asyncio.Event], Coroutine[Any, Any, Any]],
        client: Client,
        task_queue: str,
    ) -> None:
        self.failure = ""
        """What `work` raised, and where."""
        self.done = False
        """Whether the program has ended."""
        self._over = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._sigterm = asyncio.Event()
        self._task: asyncio.Task[Any] | None = None
        self._given = work, client, task_queue
        self._thread = threading.Thread(target=self._main, name="worker.py", daemon=True)
        self._thread.start()

    def say_sigterm(self) -> None:
        """Set the event in the program's own loop."""
        self._tell(self._sigterm.set)

    async def gone(self, seconds: float) -> bool:
        """Whether it ends in time."""
        return await _becomes(lambda: self.done, seconds)

    async def kill(self) -> None:
        """End it, and what it left behind; code that does not yield is interrupted."""
        self._over.set()
        if self._task is not None:
            self._tell(self._task.cancel)
        if not await _becomes(lambda: not self._thread.is_alive(), 1.5):
            interrupt(self._thread)
            await _becomes(lambda: not self._thread.is_alive(), 1.5)

    def _tell(self, action: Callable[[], Any]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: it has ended
            self._loop.call_soon_threadsafe(action)

    def _main(self) -> None:
        asyncio.set_event_loop(self._loop)
        with contextlib.suppress(asyncio.CancelledError, Interrupted):
            self._loop.run_until_complete(self._program())
        self.done = True
        self._over.wait()  # until then nothing moves here, as in a process that has gone
        with contextlib.suppress(asyncio.CancelledError, Interrupted):
            self._loop.run_until_complete(_left_behind(self._loop))
        self._loop.close()

    async def _program(self) -> None:
        self._task = asyncio.current_task()
        work, client, task_queue = self._given
        try:
            await work(client, task_queue, self._sigterm)
        except (asyncio.CancelledError, Interrupted):
            raise  # that was us
        except BaseException as error:  # noqa: BLE001 - SystemExit too: a program's way to end
            where = place_of(error)
            self.failure = message_of(error) + (f" ({where})" if where else "")


async def _left_behind(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what a program did not wait for: its worker, above all."""
    tasks = asyncio.all_tasks(loop) - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=1)


async def _becomes(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether something becomes true in time."""
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:  # noqa: ASYNC110 - a thread, it sets no event
        await asyncio.sleep(0.02)
    return condition()


async def _three_ends(bench: Bench) -> dict[str, History]:
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

    async def in_hand(handle: WorkflowHandle[Any, Any]) -> None:
        while not await _heartbeats(handle):  # noqa: ASYNC110 - the server knows, not we
            await asyncio.sleep(0.01)

    async def waits(handle: WorkflowHandle[Any, Any]) -> None:
        async for event in handle.fetch_history_events(wait_new_event=True):
            if event.HasField("workflow_task_completed_event_attributes"):
                return

    with tempfile.TemporaryDirectory(prefix="three-ends-") as folder:
        spec = WorkerSpec(bench.task_queue, [FulfilOrder], STEPS, {**options, "identity": "worker-1"})
        address = bench.client.service_client.config.target_host
        first = WorkerProcess(address, bench.client.namespace, spec, Path(folder))
        try:
            await asyncio.to_thread(first.start)
            waiting = await begin("order-63", paid=False)
            await waits(waiting)
            packing = await begin("order-61", paid=True)
            await in_hand(packing)
            await asyncio.to_thread(first.kill)
        finally:
            await asyncio.to_thread(first.close)
    await waiting.signal(FulfilOrder.pay)
    await bench.worker(workflows=[FulfilOrder], activities=STEPS, **options, identity="worker-2")
    drained = await begin("order-62", paid=True)
    await in_hand(drained)
    # A new worker takes the old one's place, which drains first.
    await bench.worker(workflows=[FulfilOrder], activities=STEPS, **options, identity="worker-3")
    runs = await asyncio.gather(*(bench.ended(each, seconds=15) for each in (packing, drained, waiting)))
    return dict(zip(("order-61", "order-62", "order-63"), (run.history for run in runs), strict=True))


def _begun(history: History) -> Event:
    """Where the packing began for the last time."""
    return [e for e in history if e.type == "ActivityTaskStarted" and e.name == "pack"][-1]


def _copies(activities: list[Any]) -> list[Any]:
    """A learner's activities, each from a module of its own: the same code, and nothing in common."""
    with tempfile.TemporaryDirectory(prefix="machine-") as folder:
        written = write_worker_module(activities, Path(folder), name=fresh_name("machine").replace("-", "_"))
        return [getattr(_loaded(written.module, written.path), each.__name__) for each in activities]


def _loaded(name: str, path: Path) -> ModuleType:
    """The module in a file, loaded anew."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None  # noqa: S101 - it is a file that was just written
    assert spec.loader is not None  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _values(event: Event, field: str) -> str:
    """What an event carries, as a learner would write it."""
    return ", ".join(f"`{value!r}`" for value in event.payloads.get(field, ())) or "nothing"


three_ends = ThreeEnds()
two_machines = TwoMachines()
goodbye = Goodbye()

quiz = Quiz(
    LESSON,
    Question(
        "How does the server notice that a worker has died?",
        [
            Choice(
                "The connection breaks, and it takes the worker off its list",
                "The list of pollers still had the dead ones, for about five minutes. The server draws no "
                "conclusion from it.",
            ),
            Choice(
                "It does not: an answer is late, and it offers the task again",
                "`start_to_close_timeout` was over; that was the only reason it gave for the second attempt.",
                right=True,
            ),
            Choice(
                "The worker's last heartbeat says so",
                "A heartbeat says that work is in hand. What the dead say is nothing.",
            ),
        ],
    ),
    Question(
        "Which of these belongs in the Kubernetes manifest of a worker?",
        [
            Choice(
                "A Service and a port, so that the server can reach it",
                "The worker listened on no port: it calls the server, and nobody calls it.",
            ),
            Choice(
                "A volume for the orders it works on",
                "A worker that never existed before finished order-43. What it needed came from the server.",
            ),
            Choice(
                "The number of replicas, and where the server is",
                "Any number of identical processes that know an address and a namespace: that is all.",
                right=True,
            ),
        ],
    ),
    Question(
        "The server is killed and started again with its database file. What about the running orders?",
        [
            Choice(
                "They go on; workers and clients call again until it answers",
                "order-50 did, with the same worker and the same client. The database is what must not be "
                "lost.",
                right=True,
            ),
            Choice(
                "They go on, once every worker has been restarted",
                "The worker was still there, asking. It got its answer as soon as there was one.",
            ),
            Choice(
                "They are lost: their state was in the server's memory",
                "That was order-51, on a server without a file.",
            ),
        ],
    ),
)
