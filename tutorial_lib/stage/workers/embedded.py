"""Workers inside the kernel: each on a thread and loop of its own, so that cells may block.

A worker on the kernel's own loop stops while a cell blocks; after ten seconds the server gives
its workflow task to somebody else. On a thread of its own it does not notice.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import itertools
import os
import socket
import threading
import time
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import RestrictedWorkflowAccessError

from tutorial_lib.background import Background
from tutorial_lib.cells.failures.advice import advice
from tutorial_lib.cells.failures.log import place_of
from tutorial_lib.errors import NotebookSourceError, WorkerStartError, WorkerStopError, shown_as
from tutorial_lib.sdk import running_activities
from tutorial_lib.stage.clock import clock_of
from tutorial_lib.stage.workers.draining import STICKY, Draining
from tutorial_lib.stage.workers.spec import WorkerSpec

START_DEADLINE = 30.0  # seconds until the server must list a new worker as a poller
STOP_DEADLINE = 15.0  # seconds for a worker to stop, activities included
STOP_ALONE = 1.0  # the same, where its server is gone: the SDK waits for that, and nothing else ends it
UNDO_DEADLINE = 3.0  # the same, of one whose start the Stop button ended
_OVERLAP = "Registration of multiple workers"  # the core's, of two workers of one client for one task queue
_STICKY_POLLS = 4  # of the five that a worker makes at the same time
_ANOTHER = "this kernel has registered another worker for it"

_numbers = itertools.count(1)


def _is_refused(address: str) -> bool:
    """Whether nobody listens at an address of this machine or another."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=STOP_ALONE).close()
    except ConnectionRefusedError:
        return True
    except (OSError, ValueError):  # it cannot be seen from here
        return False
    return False


class EmbeddedWorker:
    """A `temporalio.worker.Worker` that runs on a thread of this kernel. Made by `lab.start_worker`.

    It stops as soon as its activities let it, whether or not somebody waits for that.

    Args:
        client: Client that the worker uses.
        spec: What it runs.

    Attributes:
        spec: What it runs, with the identity that it has since its latest start.
        worker: The SDK's worker; None before the first start.
        started: When it was started last by the server's clock, in seconds since the epoch; 0 before.
        former: Identities of its earlier starts.
    """

    kind = "embedded"

    def __init__(self, client: Client, spec: WorkerSpec) -> None:
        self.pid = os.getpid()
        self.worker: Worker | None = None
        self.started = 0.0
        self.former: set[str] = set()
        self._client = client
        self._given = spec
        self._draining = Draining()
        self._prepare()

    def _prepare(self) -> None:
        """A name and a thread for the next start."""
        self._run: asyncio.Task[None] | None = None
        self._ending: concurrent.futures.Future[None] | None = None
        self._in_vain = False  # whether its server was gone when it was asked to end the polls
        # The server lists a poller for minutes after it has gone: only a name of its own tells it apart.
        own = f"{self._given.identity(self._client)}#{next(_numbers)}"
        # It is stopped, never killed: that is all that the patience with its sticky queue is for.
        defaults = {"identity": own, "sticky_queue_schedule_to_start_timeout": STICKY}
        self.spec = replace(self._given, options={**defaults, **self._given.options})
        # The stage stops its workers before the interpreter ends: the SDK's worker needs its loop for that.
        self._thread = Background(f"worker {self.spec.task_queue}", at_exit=False)

    def __repr__(self) -> str:
        return f"EmbeddedWorker({self.spec.task_queue!r}, {'running' if self.alive else self.state})"

    @property
    def identity(self) -> str:
        """The name by which the server knows it as a poller."""
        return self.spec.identity(self._client)

    @property
    def thread(self) -> threading.Thread:
        """The thread that its loop runs on."""
        return self._thread.thread

    @property
    def alive(self) -> bool:
        """Whether it runs and takes tasks."""
        return self._runs and self._ending is None

    @property
    def state(self) -> str:
        """The state in words: "alive", "stopping" until its activities have ended, "stopped"."""
        if self._runs:
            return "alive" if self._ending is None else "stopping"
        return "stopped" if self.started else "not started"

    @property
    def left(self) -> str:
        """What there is left to do for one that is stopping, in words."""
        names = " and ".join(f"`{name}`" for name in dict.fromkeys(running_activities(self.worker)))
        when = f"when its activity {names} does" if names else "by itself"
        return f"takes no more tasks, and ends {when}"

    @property
    def _runs(self) -> bool:
        return self._run is not None and not self._run.done() and self._thread.alive

    def answers(self, within: float) -> bool:
        """Whether its loop turns: no activity blocks it.

        Args:
            within: Seconds to wait for a sign.
        """
        sign = threading.Event()
        self._thread.call(sign.set)
        return sign.wait(within)

    def abandon(self) -> None:
        """Let its thread end as soon as what runs there gives way. Nothing is waited for, or asked."""
        self._thread.cancel()

    def start(self) -> None:
        """Make the worker and wait until the server lists it as a poller; again, if it was stopped.

        Nothing happens when it runs already. One that is stopping ends first.

        Raises:
            WorkerStartError: With the SDK's reason.
            NotebookSourceError: If a workflow's cell cannot be found.
        """
        if self.alive:
            return
        if self.started:
            self.stop()
            self.former.add(self.identity)
            self._prepare()
        self.started = clock_of(self._client).now()
        self._thread.start()
        try:
            before = self._thread.submit(polls(self._client, self.spec), START_DEADLINE)
            self._thread.submit(self._make(), START_DEADLINE)
            self._thread.submit(self._until_polling(before), START_DEADLINE + 5)
        except Exception as error:
            with contextlib.suppress(Exception):
                self.stop()
            self._close()
            raise start_error(self.spec.task_queue, error) from error
        except KeyboardInterrupt as error:
            shown_as(error, f"Stopped, and no worker on {self.spec.task_queue!r} was started.")
            with contextlib.suppress(Exception, KeyboardInterrupt):  # pressed again: it ends all the same
                self._ending = self._end(self._undone())
                self._ending.result(UNDO_DEADLINE)
                self._close()
            raise

    def stop(self) -> None:
        """Stop as the SDK does: no new tasks, running activities cancelled after their grace period.

        Raises:
            WorkerStopError: If an activity keeps it from stopping by the deadline, or its server is gone.
            KeyboardInterrupt: The Stop button. What was begun continues.
        """
        if self._runs and self.worker is not None and self._run is not None:
            gone = False
            try:
                gone = _is_refused(address := self._client.service_client.config.target_host)
                if self._ending is None or self._in_vain:
                    self._ending = self._end(self._stopped(self.worker, self._run))
                self._ending.result(STOP_ALONE if gone else STOP_DEADLINE)
            except KeyboardInterrupt as error:
                goes_on = "goes on" if self.alive else self.left
                shown_as(error, f"Stopped. The worker on {self.spec.task_queue!r} {goes_on}.")
                raise
            except TimeoutError as error:
                self._in_vain = gone
                if gone:
                    raise WorkerStopError(
                        f"the worker on {self.spec.task_queue!r} cannot stop: nobody answers at {address}, "
                        "and the SDK asks its server until it does",
                        "it does no harm; it ends with the kernel",
                    ) from error
                raise WorkerStopError(
                    f"the worker on {self.spec.task_queue!r} did not stop in {STOP_DEADLINE:.0f} s: "
                    "an activity ignores its cancellation",
                    "restart the kernel, or let the activity end",
                ) from error
        self._close()

    def _end(self, work: Coroutine[Any, Any, None]) -> concurrent.futures.Future[None]:
        """Begin to end it; its thread ends with it."""
        ending, thread = self._thread.begin(work), self._thread
        # Another try may have begun since: the last one ends it.
        ending.add_done_callback(lambda _: thread.cancel() if self._ending in {ending, None} else None)
        return ending

    async def _undone(self) -> None:
        """End what a start has made by now."""
        if self._run is not None and self.worker is not None:
            await self._stopped(self.worker, self._run)

    async def _stopped(self, worker: Worker, run: asyncio.Task[None]) -> None:
        await self._draining.stop(worker)
        await run

    async def _make(self) -> None:
        # Made here, not by the caller: the SDK validates workflows with the help of a running loop.
        self._draining = Draining()
        self.worker = self.spec.make(self._client, self._draining)
        self._run = asyncio.create_task(self.worker.run())

    async def _until_polling(self, before: frozenset[int]) -> None:
        deadline = time.monotonic() + START_DEADLINE
        while time.monotonic() < deadline:
            if self._run is not None and self._run.done():
                self._run.result()  # raises why
                raise WorkerStartError("the worker stopped as soon as it was started")
            if await polls(self._client, self.spec) - before:
                return
            await asyncio.sleep(0.005)
        raise WorkerStartError(
            f"the server does not list the worker on {self.spec.task_queue!r} after {START_DEADLINE:.0f} s",
            few_places(self.spec) or "is the server still there? `lab` shows it",
        )

    def _close(self) -> None:
        self._thread.close(timeout=5)


async def polls(client: Client, spec: WorkerSpec) -> frozenset[int]:
    """When the worker of a spec has polled its task queue last, by the server's clock: none if it has not.

    The server still lists a worker that has ended, and a new one may have its name: that it polls shows
    in a time that was not there before it was started. Our own clock does not decide that; it may be another.

    Returns:
        Nanoseconds since the epoch; several where the server lists it several times.
    """
    identity = spec.identity(client)
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=spec.task_queue),
        task_queue_type=spec.queue_type,
    )
    try:
        answer = await client.workflow_service.describe_task_queue(request)
    except RPCError:
        return frozenset()  # the worker's own start tells the reason
    return frozenset(
        poller.last_access_time.ToNanoseconds() for poller in answer.pollers if poller.identity == identity
    )


def few_places(spec: WorkerSpec) -> str:
    """What to try if polls of a worker's sticky queue may take all its places for workflow tasks; else "".

    A poll holds a place. By default four of five polls are of the sticky queue: with two to four places it is
    chance whether one is left for the task queue (SDK 1.35: 8 of 60 workers with two places did not begin).
    """
    places, polls = (spec.options.get(f"max_concurrent_workflow_task{each}") for each in ("s", "_polls"))
    if polls is not None or not isinstance(places, int) or not 1 < places <= _STICKY_POLLS:
        return ""
    return (
        f"`max_concurrent_workflow_tasks={places}` is few: polls of its sticky queue may hold them all; "
        "give it 5 or more, or `max_concurrent_workflow_task_polls=2` as well"
    )


def start_error(task_queue: str, error: BaseException) -> Exception:
    """The reason why a worker did not start, from the SDK's whole chain of causes."""
    if isinstance(error, TimeoutError):
        return WorkerStartError(
            f"no worker on {task_queue!r}: it was not ready after {START_DEADLINE:.0f} s",
            "is this machine very busy? Run the cell again",
        )
    if isinstance(error, WorkerStartError | NotebookSourceError):
        return error
    reasons: list[str] = []
    places: list[str] = []
    refused = False
    told = ""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, NotebookSourceError):
            return cause
        refused = refused or isinstance(cause, RestrictedWorkflowAccessError)
        told = advice(cause, loading=True) or told
        places.append(place_of(cause))
        reason = _reason(cause)
        if reason not in reasons:
            reasons.append(reason)
        cause = cause.__cause__
    hint = ""
    if any("not found" in reason for reason in reasons):
        hint = "the namespace must exist before a worker polls it"
    elif _ANOTHER in reasons:
        hint = (
            "a `Worker(...)` of yours for this task queue was made and never ended: a cell with `async with "
            "worker: pass`, if that is its name, ends it"
        )
    elif told:
        hint = told
    elif refused:
        hint = "the sandbox refused what this workflow's code does when it is loaded"
    place = next(filter(None, places[::-1]), "")
    where = f"\n  {place}" if place else ""
    return WorkerStartError(f"no worker on {task_queue!r}: {'; because: '.join(reasons)}{where}", hint)


def _reason(error: BaseException) -> str:
    """Its words, without the frames of its own stack that the core adds."""
    text = str(error).partition("Stack backtrace:")[0].strip() or type(error).__name__
    return _ANOTHER if _OVERLAP in text else text
