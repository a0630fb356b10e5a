"""A worker that loses no task when it stops.

When the SDK's worker shuts down it drops what its open polls still bring: a task that the server has just
given to it is lost until its timeout, ten seconds for a workflow task (temporal #1058 and #7566, sdk-rust
#1080; of 24 workers that were stopped while a workflow began, 8 lost one). So the stage calls the polls home
first:

    gates close ──> the worker begins no new poll
    ResetStickyTaskQueue ──> the next tasks of workflows that it remembers go to the normal queue
    ShutdownWorker ──> the server ends those that are open, each with its task or with none
    every poll is back, every task of theirs in hand ──> `worker.shutdown()`

The server knows a worker by an instance key that only its heartbeats carry. The first one of a client comes
at once, so the worker is given a new client for its last moments.

A workflow task on the worker's own sticky queue may still be missed between the last poll and the end. It
then moves to the normal queue after `STICKY`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    ListWorkersRequest,
    ResetStickyTaskQueueRequest,
    ShutdownWorkerRequest,
)
from temporalio.client import Client
from temporalio.plugin import SimplePlugin
from temporalio.service import RPCError, RPCStatusCode, ServiceClient
from temporalio.worker import (
    CustomSlotSupplier,
    FixedSizeSlotSupplier,
    SlotMarkUsedContext,
    SlotPermit,
    SlotReleaseContext,
    SlotReserveContext,
    Worker,
    WorkerConfig,
    WorkerTuner,
)

from tutorial_lib.sdk import cached_runs

if TYPE_CHECKING:
    from collections.abc import Iterable

_Answer = TypeVar("_Answer")

STICKY = timedelta(seconds=2)
"""Until a workflow task that no poll fetches from the worker's sticky queue moves to the normal one."""

SLOTS = 100  # the SDK's own number of tasks in hand at once, of each kind
FEWEST = 2  # slots for workflow tasks with which the SDK can poll both of its queues
ANSWER = timedelta(seconds=1)  # for the server to answer while a worker stops; then it is asked again
DEADLINE = 8.0  # seconds for all polls to come home; then the worker stops as the SDK's does
AGAIN = 0.02  # seconds between two requests to end the polls: one may have begun in between
QUIET = 0.2  # seconds to wait for a moment without a workflow task in hand
HEARTBEAT = 0.5  # seconds for a new client's first heartbeat

_LATE = (RPCStatusCode.CANCELLED, RPCStatusCode.DEADLINE_EXCEEDED)  # the core's own timeout is the first
_KINDS = (
    TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
    TaskQueueType.TASK_QUEUE_TYPE_NEXUS,
)


class Permit(SlotPermit):
    """Leave to hold one task; it begins with a poll."""

    def __init__(self) -> None:
        super().__init__()
        self.polls = True


class Gate(CustomSlotSupplier):
    """Slots of a fixed number, as the SDK has them, which knows how many are out polling and can be closed.

    The worker's loop reserves slots; the core's own threads mark and release them.

    Args:
        size: Tasks in hand at once.
    """

    def __init__(self, size: int) -> None:
        self._size = self._free = size
        self._polling = 0
        self._closed = False
        self._waiting: deque[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = deque()
        self._lock = threading.Lock()

    @property
    def polling(self) -> int:
        """Polls that have not come home with a task or without one."""
        return self._polling

    @property
    def in_hand(self) -> int:
        """Tasks that were brought and have not ended."""
        return self._size - self._free - self._polling

    def close(self) -> None:
        """Let no new poll begin."""
        with self._lock:
            self._closed = True

    async def reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit:
        """Wait for a free slot; for ever once the gate is closed."""
        while (permit := self.try_reserve_slot(ctx)) is None:
            loop = asyncio.get_running_loop()
            turn: asyncio.Future[None] = loop.create_future()
            with self._lock:
                if self._free and not self._closed:
                    continue  # one came free since
                self._waiting.append((loop, turn))
            await turn
        return permit

    def try_reserve_slot(self, _ctx: SlotReserveContext) -> Permit | None:
        """A free slot, or None."""
        with self._lock:
            if self._closed or not self._free:
                return None
            self._free -= 1
            self._polling += 1
            return Permit()

    def mark_slot_used(self, ctx: SlotMarkUsedContext) -> None:
        """The poll of this slot has brought a task."""
        self._home(ctx.permit)

    def release_slot(self, ctx: SlotReleaseContext) -> None:
        """The task of this slot has ended, or its poll brought none."""
        self._home(ctx.permit)
        with self._lock:
            self._free += 1
            turn = self._next()
        if turn:
            loop, future = turn
            with contextlib.suppress(RuntimeError):  # its loop has ended
                loop.call_soon_threadsafe(_wake, future)

    def _home(self, permit: SlotPermit) -> None:
        with self._lock:
            if isinstance(permit, Permit) and permit.polls:
                permit.polls = False
                self._polling -= 1

    def _next(self) -> tuple[asyncio.AbstractEventLoop, asyncio.Future[None]] | None:
        while self._waiting:
            loop, future = self._waiting.popleft()
            if not future.done():  # else the core does not wait for it any more
                return loop, future
        return None


def _wake(turn: asyncio.Future[None]) -> None:
    if not turn.done():
        turn.set_result(None)


class Draining(SimplePlugin):
    """Puts gates into one worker, and stops that worker without loss.

    A worker that was given a tuner of its own keeps it, and stops as the SDK's does.
    """

    def __init__(self) -> None:
        super().__init__("tutorial_lib.Draining")
        self._gates: list[Gate] = []

    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        """Replace fixed numbers of slots by gates of the same numbers. The last plugin sees them all."""
        slots = {
            kind: config.get(f"max_concurrent_{kind}") or SLOTS
            for kind in ("workflow_tasks", "activities", "local_activities", "nexus_tasks")
        }
        if config.get("tuner") is not None or int(str(slots["workflow_tasks"])) < FEWEST:
            return super().configure_worker(config)
        workflows, activities, local, nexus = (int(str(number)) for number in slots.values())
        self._gates = [Gate(workflows), Gate(activities), Gate(nexus)]
        settings: dict[str, Any] = {**config, **{f"max_concurrent_{kind}": None for kind in slots}}
        settings["tuner"] = WorkerTuner.create_composite(
            workflow_supplier=self._gates[0],
            activity_supplier=self._gates[1],
            local_activity_supplier=FixedSizeSlotSupplier(local),
            nexus_supplier=self._gates[2],
        )
        return super().configure_worker(settings)  # type: ignore[arg-type]

    async def stop(self, worker: Worker) -> None:
        """`worker.shutdown()`, once no poll of it is open.

        Args:
            worker: The worker that this was given to.
        """
        with contextlib.suppress(RPCError, RuntimeError, TimeoutError):  # RuntimeError: it cannot connect
            async with asyncio.timeout(DEADLINE):
                await self._drain(worker)
        await worker.shutdown()

    def _polling(self) -> bool:
        return any(gate.polling for gate in self._gates)

    async def _drain(self, worker: Worker) -> None:
        client = worker.client
        if not self._gates or not await _ends_polls(client):
            return
        for gate in self._gates:
            gate.close()
        key = await instance_key(worker)
        until = time.monotonic() + QUIET
        await _unstick(client, worker)
        while self._gates[0].in_hand and time.monotonic() < until:  # it makes its workflow sticky again
            await asyncio.sleep(AGAIN / 10)
            await _unstick(client, worker)
        while self._polling():
            request = ShutdownWorkerRequest(
                namespace=client.namespace,
                identity=_identity(worker),
                worker_instance_key=key,
                task_queue=worker.task_queue,
                task_queue_types=_KINDS,
                reason="the worker stops",
            )
            await _answer(client.workflow_service.shutdown_worker, request)
            until = time.monotonic() + AGAIN
            while self._polling() and time.monotonic() < until:  # noqa: ASYNC110 - the core's own threads count
                await asyncio.sleep(0.001)
        await _unstick(client, worker)


async def _ends_polls(client: Client) -> bool:
    """Whether the server ends the polls of a worker that stops; one of the course does."""
    described = await _answer(
        client.workflow_service.describe_namespace, DescribeNamespaceRequest(namespace=client.namespace)
    )
    return described.namespace_info.capabilities.worker_poll_complete_on_shutdown


async def instance_key(worker: Worker) -> str:
    """The name that the server has for this very worker. It has another client afterwards.

    The name comes with a heartbeat. They are a minute apart, but the first of a client is sent at once.
    Workers may have one identity, as all of a process have that choose none, and stop together: one at a
    time changes its client, and only a worker that is seen with two clients has changed it. A worker that
    has just begun is seen with one.
    """
    async with _one_at_a_time():
        seen = await _listed(worker)
        while True:
            worker.client = await _another(worker.client)
            until = time.monotonic() + HEARTBEAT
            while time.monotonic() < until:
                listed = await _listed(worker)
                for key in seen.keys() & listed.keys():
                    if seen[key] != listed[key]:
                        return key
                if listed.keys() - seen.keys():  # it has begun, or this worker had never been seen
                    seen = listed
                    break
                await asyncio.sleep(0.003)


_changing = threading.Lock()  # workers may run in several loops


@contextlib.asynccontextmanager
async def _one_at_a_time() -> AsyncIterator[None]:
    while not _changing.acquire(blocking=False):  # noqa: ASYNC110 - the loops share no event
        await asyncio.sleep(0.003)
    try:
        yield
    finally:
        _changing.release()


async def _listed(worker: Worker) -> dict[str, str]:
    """Workers of this process with the identity of this one, ended ones too, each with its client's key."""
    request = ListWorkersRequest(
        namespace=worker.client.namespace,
        page_size=1000,
        query=f"WorkerIdentity={_quoted(_identity(worker))}",
    )
    answer = await _answer(worker.client.workflow_service.list_workers, request)
    return {
        each.worker_instance_key: each.worker_grouping_key
        for each in answer.workers
        if each.process_id == str(os.getpid())
    }


async def _another(client: Client) -> Client:
    """A client with the same settings and a connection of its own."""
    service = await ServiceClient.connect(client.service_client.config)
    settings = client.config() | {"service_client": service, "plugins": ()}
    return Client(**settings)


async def _answer(call: Callable[..., Awaitable[_Answer]], request: object) -> _Answer:
    """The server's answer. On a busy machine one can take longer than it is waited for: it is asked again.

    Raises:
        RPCError: It refuses.
    """
    while True:
        try:
            return await call(request, timeout=ANSWER)
        except RPCError as error:
            if error.status not in _LATE:
                raise


def _identity(worker: Worker) -> str:
    return worker.config()["identity"] or worker.client.identity


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


async def _unstick(client: Client, worker: Worker) -> None:
    """Send the next tasks of the workflows that this worker remembers to the normal queue."""
    service = client.workflow_service
    await _all(
        _answer(
            service.reset_sticky_task_queue,
            ResetStickyTaskQueueRequest(
                namespace=client.namespace,
                execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id),
            ),
        )
        for workflow_id, run_id in cached_runs(worker)
    )


async def _all(requests: Iterable[Awaitable[object]]) -> None:
    for outcome in await asyncio.gather(*requests, return_exceptions=True):
        if isinstance(outcome, BaseException) and not isinstance(outcome, RPCError):  # the run has ended
            raise outcome
