"""Who really polls a task queue: pollers without their ghosts, and the same queue in other namespaces.

The server lists a poller for five minutes after its last poll. A live worker's poll lasts a minute at most,
and a worker that stops in good order reports it: what polled longer ago, has signed off, or was a process of
this machine that is not there any more, does not count.

A task queue of one name in two namespaces is two queues. A worker here and a workflow there wait for each
other for ever, and neither side gets an error.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import timedelta
from typing import Final

from temporalio.api.enums.v1 import NamespaceState, TaskQueueType, WorkerStatus
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.worker.v1 import WorkerHeartbeat
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeTaskQueueResponse,
    ListNamespacesRequest,
    ListWorkersRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError

from tutorial_lib.stage.clock import ServerClock, clock_of
from tutorial_lib.stage.namespaces import is_courses

LONGEST_POLL: Final = 70.0  # seconds: the server answers a poll after 60 at the latest
RPC_TIMEOUT: Final = timedelta(seconds=3)
_MOST_NAMESPACES: Final = 20  # beyond that, a service is somebody's cluster
_PAGE: Final = 100
_ENDED = {WorkerStatus.WORKER_STATUS_SHUTTING_DOWN, WorkerStatus.WORKER_STATUS_SHUTDOWN}

Goodbyes = dict[tuple[str, str], float]  # (identity, queue) -> when its worker said goodbye


def is_ghost(poller: PollerInfo, now: float, goodbye: float) -> bool:
    """Whether a poller that the server lists has ended.

    Args:
        poller: As the server lists it.
        now: Seconds since the epoch, by the server's clock.
        goodbye: When the last worker of that identity on the queue that has stopped reported it, by the
            server's clock; 0 if none has.
    """
    polled = poller.last_access_time.ToNanoseconds() / 1e9
    return polled < goodbye or now - polled > LONGEST_POLL or process_gone(poller.identity)


def process_gone(identity: str) -> bool:
    """Whether an identity of the SDK's form, "pid@host", was a process of this machine that has ended."""
    pid, _, host = identity.partition("#")[0].partition("@")
    if host != socket.gethostname() or not pid.isdigit() or os.name != "posix":
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


async def heartbeats(client: Client, namespace: str) -> Sequence[WorkerHeartbeat]:
    """What workers of a namespace have reported to the server last.

    Args:
        client: Any client of the server.
        namespace: The namespace.

    Raises:
        RPCError: If the server does not answer, or is too old to know.
    """
    request = ListWorkersRequest(namespace=namespace, page_size=_PAGE)
    answer = await client.workflow_service.list_workers(request, timeout=RPC_TIMEOUT)
    return [each.worker_heartbeat for each in answer.workers_info]


def has_ended(beat: WorkerHeartbeat) -> bool:
    """Whether a worker reported that it stops."""
    return beat.status in _ENDED


def goodbyes_in(beats: Sequence[WorkerHeartbeat], clock: ServerClock) -> Goodbyes:
    """When workers that have stopped in good order reported that, by the server's clock."""
    found: Goodbyes = {}
    for beat in beats:
        if has_ended(beat):
            place = (beat.worker_identity, beat.task_queue)
            # By the worker's clock: most likely this machine's, or set as this one's is.
            at = clock.of_ours(beat.heartbeat_time.ToNanoseconds() / 1e9)
            found[place] = max(at, found.get(place, 0.0))
    return found


class OtherNamespaces:
    """The namespaces of a server beside a client's own, asked about a task queue's name.

    Lessons do not learn of each other: they use the same names of queues, each in its own namespace.

    Args:
        client: Client of the namespace that is not meant.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    async def polling(self, queue: str, kind: TaskQueueType.ValueType) -> tuple[str, ...]:
        """Namespaces in which a worker polls a queue of this name.

        Args:
            queue: Name of the queue.
            kind: Kind of its tasks.
        """
        return await self._those_where(lambda name: self._is_polled(name, queue, kind))

    async def waiting(self, queue: str, kind: TaskQueueType.ValueType) -> tuple[str, ...]:
        """Namespaces in which tasks wait in a queue of this name, and nobody polls.

        Args:
            queue: Name of the queue.
            kind: Kind of its tasks.
        """

        async def waits(namespace: str) -> bool:
            described = await self._describe(namespace, queue, kind)
            if not described.stats.approximate_backlog_count:
                return False
            return not await self._is_polled(namespace, queue, kind)

        return await self._those_where(waits)

    async def _those_where(self, holds: Callable[[str], Awaitable[bool]]) -> tuple[str, ...]:
        async def test(namespace: str) -> bool:
            with contextlib.suppress(RPCError):  # one that we may not look into
                return await holds(namespace)
            return False

        names = await self._names()
        found = await asyncio.gather(*map(test, names))
        return tuple(name for name, is_one in zip(names, found, strict=True) if is_one)

    async def _names(self) -> Sequence[str]:
        try:
            answer = await self._client.workflow_service.list_namespaces(
                ListNamespacesRequest(page_size=_PAGE), timeout=RPC_TIMEOUT
            )
        except RPCError:  # not everybody may list them
            return ()
        own = self._client.namespace
        names = sorted(
            each.namespace_info.name
            for each in answer.namespaces
            if each.namespace_info.state == NamespaceState.NAMESPACE_STATE_REGISTERED
        )
        return [
            name
            for name in names
            if name not in {own, "temporal-system"} and not (is_courses(name) and is_courses(own))
        ][:_MOST_NAMESPACES]

    async def _is_polled(self, namespace: str, queue: str, kind: TaskQueueType.ValueType) -> bool:
        described = await self._describe(namespace, queue, kind)
        if not described.pollers:
            return False
        goodbyes: Goodbyes = {}
        clock = clock_of(self._client)
        with contextlib.suppress(RPCError):
            goodbyes = goodbyes_in(await heartbeats(self._client, namespace), clock)
        return bool(living(described.pollers, queue, clock.now(), goodbyes))

    async def _describe(
        self, namespace: str, queue: str, kind: TaskQueueType.ValueType
    ) -> DescribeTaskQueueResponse:
        request = DescribeTaskQueueRequest(
            namespace=namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind, report_stats=True
        )
        return await self._client.workflow_service.describe_task_queue(request, timeout=RPC_TIMEOUT)


def living(
    pollers: Collection[PollerInfo], queue: str, now: float, goodbyes: Goodbyes, gone: Collection[str] = ()
) -> list[PollerInfo]:
    """The pollers that poll now, by their identities.

    Args:
        pollers: As the server lists them.
        queue: Name of the queue.
        now: Seconds since the epoch, by the server's clock.
        goodbyes: As `goodbyes_in` returns them.
        gone: Identities of workers known to have ended.
    """
    found = [
        poller
        for poller in pollers
        if poller.identity not in gone
        and not is_ghost(poller, now, goodbyes.get((poller.identity, queue), 0.0))
    ]
    return sorted(found, key=lambda poller: poller.identity)
