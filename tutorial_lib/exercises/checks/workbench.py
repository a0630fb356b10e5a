"""The workbench of one check: the learner's code on the real server, watched, and always cleared away.

Exercise.check ─ opens ─> Workbench ─ run(Workflow, ...) ─> a worker of its own ─> Run: result, history
                            └ close: open runs terminated, workers stopped, stuck threads interrupted
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import timedelta
from typing import Any, Final

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.service import RPCError

from tutorial_lib import sdk
from tutorial_lib.cells.failures.muted import mute
from tutorial_lib.errors import Stuck, TutorialError, WorkflowStuckError
from tutorial_lib.exercises.checks.check_namespace import check_server, fresh_name
from tutorial_lib.exercises.checks.patience import Patience, in_time
from tutorial_lib.exercises.checks.run import Run
from tutorial_lib.exercises.checks.stuck_messages import (
    ENDLESS,
    place_or,
    refuse_hopeless,
    told_of,
    under_way,
)
from tutorial_lib.exercises.checks.threads import THREADS, DaemonThreads, WorkflowThreads, guard_kernel
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import History, fetch_history
from tutorial_lib.history.kinds import type_name
from tutorial_lib.history.pages import events_as_they_come
from tutorial_lib.interrupted import interrupt
from tutorial_lib.stage.clock import clock_of
from tutorial_lib.stage.progress import progress
from tutorial_lib.stage.wait_for_result import result_with_care
from tutorial_lib.stage.workers.embedded import EmbeddedWorker
from tutorial_lib.stage.workers.spec import WorkerSpec

__all__ = ["Run", "Workbench"]

RUN_SECONDS = 8.0  # that one execution may take, unless the exercise says otherwise
UNTIL_SECONDS = 4.0  # that an execution may take to get somewhere
PATIENCE = 0.4  # seconds that a hopeless state must hold: this worker is the only one, nobody will mend it
QUIET_STOP = 1.0  # seconds for a worker to stop by itself; code that does not yield is interrupted then
STOP_SECONDS = 4.0  # until a worker that does not stop is left to itself
ASKING = 3.0  # seconds for the server to answer, when the check is over anyway
LOOK_EVERY = 0.1  # seconds between looks at what failed
BLOCKED = 0.5  # seconds without a sign of a worker's loop, until an activity is taken to block it
STEPS = 4  # of a start, a second, each of which is news

During = Callable[[WorkflowHandle[Any, Any]], Awaitable[None]]
# Options of a worker whose heartbeats are not held back, by default for 0.8 heartbeat timeouts: a
# cancellation comes with the answer to the next, and a busy machine has nearly all of a timeout to send it.
PROMPTLY: Final = dict.fromkeys(
    ("max_heartbeat_throttle_interval", "default_heartbeat_throttle_interval"), timedelta(milliseconds=200)
)


class Workbench:
    """Runs what a check was given.

    Args:
        client: Client of the exercises' namespace.
        name: Of the exercise; ids and task queues begin with it.
    """

    def __init__(self, client: Client, name: str) -> None:
        self.client = client
        self.name = fresh_name(f"check-{name}")
        self.task_queue = f"{self.name}-tq"
        self.failures = mute(f"{self.name}-")
        """What failed in workflow tasks and activities, as it comes; no cell shows it."""
        self._workers: list[EmbeddedWorker] = []
        self._pools: dict[str, list[DaemonThreads]] = {}
        self._open: list[WorkflowHandle[Any, Any]] = []
        self._starts: list[float] = []  # of workers that are being started: since when
        guard_kernel()

    # ---- what an exercise asks for ---------------------------------------------------------------

    async def worker(
        self, *, workflows: Sequence[type] = (), activities: Sequence[Any] = (), **options: Any
    ) -> EmbeddedWorker:
        """A worker on the bench's task queue (or `task_queue=`), in the sandbox; it replaces the one before.

        Raises:
            NotYet: If the SDK refuses it, with its reason.
        """
        queue = str(options.pop("task_queue", self.task_queue))
        await self._stop([each for each in self._workers if each.spec.task_queue == queue])
        pool, tasks = DaemonThreads(f"activity of {queue}"), WorkflowThreads(f"workflow of {queue}")
        options = {
            "activity_executor": pool,
            "max_concurrent_activities": THREADS,
            "workflow_task_executor": tasks,
            **options,
        }
        made = EmbeddedWorker(self.client, WorkerSpec(queue, workflows, activities, options))
        starting, began = asyncio.ensure_future(asyncio.to_thread(made.start)), time.monotonic()
        self._starts.append(began)
        try:
            await asyncio.shield(starting)
        except TutorialError as error:
            raise NotYet(error.seen, error.hint, cause=error) from None
        except asyncio.CancelledError:
            await asyncio.wait({starting})  # before it is there, nobody can end it
            _ = starting.cancelled() or starting.exception()
            raise
        finally:
            self._starts.remove(began)
            if made.alive:
                self._workers.append(made)
                self._pools[made.identity] = [pool, tasks]
        return made

    async def start(
        self, workflow: type | str, *args: Any, name: str = "", **options: Any
    ) -> WorkflowHandle[Any, Any]:
        """Start an execution on the bench's task queue.

        Args:
            workflow: Class or type.
            args: Its arguments.
            name: Last part of its workflow id.
            options: Further arguments of `Client.start_workflow`.
        """
        known = sdk.definition(workflow, sdk.WORKFLOW_MARK)
        options = {
            "task_queue": self.task_queue,
            "id": f"{fresh_name(self.name)}{name and '-'}{name}",
            **options,
        }
        handle: WorkflowHandle[Any, Any] = await self.client.start_workflow(
            known.name if known is not None else str(workflow), args=list(args), **options
        )
        self._open.append(handle)
        return handle

    async def until(self, handle: WorkflowHandle[Any, Any], event_type: str, times: int = 1) -> History:
        """Wait until an execution has so many events of a type, or cannot go on. Returns its history so far.

        Args:
            handle: The execution.
            event_type: "WorkflowTaskCompleted", "TimerStarted" ...
            times: How many.

        Raises:
            NotYet: If that takes too long, with what failed meanwhile.
        """
        left = times

        async def come() -> None:
            nonlocal left
            async for event in events_as_they_come(handle):
                left -= type_name(event.event_type) == event_type
                # A task that failed stays so until the code is another: nothing more is to come.
                if left == 0 or type_name(event.event_type) == "WorkflowTaskFailed":
                    break

        if not await self._in_time(come(), UNTIL_SECONDS):
            told = place_or(self.failures, hint="does it wait for something else?")
            seen = f"after {UNTIL_SECONDS:g} s your workflow is at its {event_type} no. {times - left}"
            raise NotYet(f"{seen}, and nothing comes; no. {times} should", told)
        return await fetch_history(handle)

    async def in_hand(self, handle: WorkflowHandle[Any, Any]) -> None:
        """Wait until a worker has an activity of an execution in hand, or the execution is over.

        Raises:
            NotYet: If that takes too long.
        """

        async def taken() -> None:
            while True:
                now = await handle.describe()
                pending = now.raw_description.pending_activities
                if now.close_time or any(each.HasField("last_started_time") for each in pending):
                    return
                await asyncio.sleep(LOOK_EVERY / 5)

        if not await self._in_time(taken(), UNTIL_SECONDS):
            told = place_or(self.failures, hint="does it wait for something else?")
            raise NotYet(f"after {UNTIL_SECONDS:g} s no activity of your workflow has started", told)

    async def ended(self, handle: WorkflowHandle[Any, Any], *, seconds: float = RUN_SECONDS) -> Run:
        """Wait until an execution has ended.

        Raises:
            NotYet: If it hangs, with what it waits for.
        """
        result, failure, patience = None, None, Patience(seconds, ENDLESS)
        gone = {name for each in self._workers for name in (each.former | ({each.identity} - self._alive))}
        waiting = asyncio.ensure_future(
            result_with_care(
                handle,
                timeout=seconds,
                check_server=check_server,
                gone=gone,
                patience=PATIENCE,
                over=patience.over,
            )
        )
        try:
            while not (await asyncio.wait({waiting}, timeout=LOOK_EVERY))[0]:
                refuse_hopeless(self.failures)
            result = waiting.result()
        except WorkflowFailureError as error:
            failure = error.cause
        except WorkflowStuckError as error:
            found = error.diagnosis
            seen, hint = told_of(found), place_or(self.failures, found)
            if found.kind is Stuck.DEADLINE:  # it is no failure that it waits for
                seen = await under_way(handle, endless=patience.endless)
                hint = "does something in it wait, or loop, for ever?"
            if not found.hopeless:
                after = "" if patience.endless else f" after {seconds:g} s"
                seen = f"your workflow is still running{after}: {seen}"
            raise NotYet(seen, hint, diagnosis=found, cause=error) from None
        finally:
            waiting.cancel()
        return Run(result, failure, await fetch_history(handle), handle)

    async def run(
        self,
        workflow: type,
        *args: Any,
        activities: Sequence[Any] = (),
        during: During | None = None,
        seconds: float = RUN_SECONDS,
        **worker_options: Any,
    ) -> Run:
        """Run a workflow to its end on a new worker.

        Args:
            workflow: The class.
            args: Its arguments.
            activities: What the worker knows beside it.
            during: What happens meanwhile (signals, a worker that dies); gets the handle.
            seconds: How long it may take.
            worker_options: Further arguments of `Worker`.

        Raises:
            NotYet: If the worker is refused, or the execution hangs.
        """
        await self.worker(workflows=[workflow], activities=activities, **worker_options)
        handle = await self.start(workflow, *args)
        if during is not None:
            await during(handle)
        return await self.ended(handle, seconds=seconds)

    # ---- how long it takes -----------------------------------------------------------------------

    async def moved(self) -> int:
        """What the bench has seen so far, as a number that grows: workers, executions, their events."""
        seen = len(self._pools) + len(self._open)
        # How long a worker takes to start says nothing of the answer; it has a deadline of its own.
        seen += sum(int(STEPS * (time.monotonic() - since)) for since in self._starts)
        for handle in self._open:
            with contextlib.suppress(RPCError, TimeoutError):
                async with asyncio.timeout(ASKING):
                    answer = await handle.describe()
                seen += progress(answer.raw_description, clock_of(self.client).now())
        return seen

    async def _in_time(self, work: Coroutine[Any, Any, None], seconds: float) -> bool:
        """Whether something is done before nothing moves for so long, else cancel it. Raises its error."""
        working = asyncio.ensure_future(work)
        if not await in_time(working, Patience(seconds), self.moved):
            return False
        working.result()
        return True

    # ---- the end ---------------------------------------------------------------------------------

    async def under_way(self, *, endless: bool) -> str:
        """What the latest open execution waits for; "" if none is open.

        Args:
            endless: Whether the bench was seen to move all the time.
        """
        for handle in reversed(self._open):
            with contextlib.suppress(RPCError, TimeoutError):
                async with asyncio.timeout(ASKING):
                    description = await handle.describe()
                if description.close_time is None:
                    async with asyncio.timeout(ASKING):
                        return await under_way(handle, endless=endless)
        return ""

    async def close(self) -> None:
        """Leave nothing behind: no open execution, no worker, no thread that burns."""

        async def end(handle: WorkflowHandle[Any, Any]) -> None:
            with contextlib.suppress(RPCError, TimeoutError):  # it has ended; the server has gone
                async with asyncio.timeout(ASKING):
                    await handle.terminate("the check is over")

        await asyncio.gather(*map(end, self._open))
        await self._stop(self._workers)

    @property
    def _alive(self) -> set[str]:
        return {each.identity for each in self._workers if each.alive}

    async def _stop(self, workers: Sequence[EmbeddedWorker]) -> None:
        self._workers = [each for each in self._workers if each not in workers]
        await asyncio.gather(*map(self._stopped, workers))

    async def _stopped(self, worker: EmbeddedWorker) -> None:
        """Stop a worker, whatever the learner's code does in it: asked, then interrupted, then left."""
        stopping = asyncio.wrap_future(DaemonThreads(f"stop {worker.spec.task_queue}").submit(worker.stop))
        await asyncio.wait({stopping}, timeout=QUIET_STOP)
        deadline = time.monotonic() + STOP_SECONDS - QUIET_STOP
        while not stopping.done() and time.monotonic() < deadline:
            for pool in self._pools[worker.identity]:
                pool.interrupt()
            # Only an async activity that does not yield may be interrupted there: Core's own work may not.
            silent = not await asyncio.to_thread(worker.answers, BLOCKED)
            if silent and sdk.running_activities(worker.worker):
                interrupt(worker.thread)
            await asyncio.wait({stopping}, timeout=LOOK_EVERY)
        stopping.add_done_callback(lambda done: done.exception())  # what ignores its end was told of already
        if not stopping.done():
            for pool in self._pools[worker.identity]:
                pool.end()
            worker.abandon()
