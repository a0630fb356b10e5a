"""Reads the task queues of a namespace from the server, and distinguishes pollers from their ghosts.

The server lists a poller for five minutes after its last poll. A live worker's poll lasts a minute at most,
and a worker that stops in good order reports it: what polled longer ago, has signed off, or was a process of
this machine that is not there any more, does not count.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Final

from temporalio.api.enums.v1 import TaskQueueType, WorkerStatus
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeTaskQueueResponse,
    ListWorkersRequest,
    ListWorkflowExecutionsRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from tutorial_lib.stage.clock import clock_of
from tutorial_lib.stage.workers.workers import Workers
from tutorial_lib.views.kit.census import Activity, Census
from tutorial_lib.views.kit.census_reader import AT_ONCE, MOST, RPC_TIMEOUT, CensusReader
from tutorial_lib.views.task_queues.facts import Queue, Side

LONGEST_POLL: Final = 70.0  # seconds: the server answers a poll after 60 at the latest
MOST_QUEUES: Final = 40
_SAME_AGE: Final = 3.0  # seconds that the server's "oldest task" may jump without being another task

_WORKFLOW = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
_ACTIVITY = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
_ENDED = {WorkerStatus.WORKER_STATUS_SHUTTING_DOWN, WorkerStatus.WORKER_STATUS_SHUTDOWN}

Goodbyes = dict[tuple[str, str], float]  # (identity, queue) -> when its worker said goodbye


class QueueReader:
    """Reads a namespace's task queues again and again.

    Args:
        client: Client of the namespace.
        workers: The lab's workers: their queues count, and those that have ended do not.
        since: Executions that were started earlier and are over do not make a queue count.
    """

    def __init__(self, client: Client, workers: Workers, since: datetime) -> None:
        self._client = client
        self._service = client.workflow_service
        self._clock = clock_of(client)
        self._workers = workers
        self._since = since.astimezone(UTC)
        self._taker = CensusReader(client)
        self._oldest: dict[tuple[str, int], float] = {}
        self._lists_workers = True

    async def read(self) -> tuple[Queue, ...]:
        """The queues that workflows, activities or workers use now.

        Raises:
            RPCError: If the server does not answer.
        """
        census, recent, (polled, goodbyes) = await asyncio.gather(
            self._taker.take(), self._recent(), self._listed_workers()
        )
        activities = (*(a for each in census.executions for a in each.activities), *census.activities)
        needed = {each.queue for each in census.executions} | {each.queue for each in activities}
        others = recent | polled | {worker.spec.task_queue for worker in self._workers}
        # A namespace may have more than can be looked at: those with open work first.
        wanted = [*filter(None, sorted(needed)), *filter(None, sorted(others - needed))][:MOST_QUEUES]
        gate = asyncio.Semaphore(AT_ONCE)
        gone = self._workers.gone()
        return tuple(
            await asyncio.gather(
                *(self._queue(name, census, activities, goodbyes, gone, gate) for name in wanted)
            )
        )

    async def _recent(self) -> set[str]:
        """Queues of executions that were started since the lab was opened, open or not."""
        query = f"StartTime >= '{self._since.isoformat().replace('+00:00', 'Z')}'"
        answer = await self._service.list_workflow_executions(
            ListWorkflowExecutionsRequest(namespace=self._client.namespace, page_size=MOST, query=query),
            timeout=RPC_TIMEOUT,
        )
        return {each.task_queue for each in answer.executions}

    async def _listed_workers(self) -> tuple[set[str], Goodbyes]:
        """Queues of workers that report to the server, and goodbyes of those that stopped."""
        if not self._lists_workers:
            return set(), {}
        try:
            answer = await self._service.list_workers(
                ListWorkersRequest(namespace=self._client.namespace, page_size=100), timeout=RPC_TIMEOUT
            )
        except RPCError as error:
            if error.status in {RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED}:
                raise
            self._lists_workers = False  # an older server
            return set(), {}
        polled: set[str] = set()
        goodbyes: Goodbyes = {}
        gone = self._workers.gone()
        for beat in (each.worker_heartbeat for each in answer.workers_info):
            place = (beat.worker_identity, beat.task_queue)
            if beat.status in _ENDED:
                # By the worker's clock: most likely this machine's, or set as this one's is.
                at = self._clock.of_ours(beat.heartbeat_time.ToNanoseconds() / 1e9)
                goodbyes[place] = max(at, goodbyes.get(place, 0.0))
            elif beat.worker_identity not in gone and not _process_gone(beat.worker_identity):
                polled.add(beat.task_queue)
        return polled, goodbyes

    async def _queue(
        self,
        name: str,
        census: Census,
        activities: Collection[Activity],
        goodbyes: Goodbyes,
        gone: Collection[str],
        gate: asyncio.Semaphore,
    ) -> Queue:
        async with gate:
            workflow, activity = await asyncio.gather(
                self._describe(name, _WORKFLOW), self._describe(name, _ACTIVITY)
            )
        now = self._clock.now()

        def side(
            answer: DescribeTaskQueueResponse, kind: TaskQueueType.ValueType, needed_by: list[str]
        ) -> Side:
            pollers = sorted(
                poller.identity
                for poller in answer.pollers
                if poller.identity not in gone
                and not is_ghost(poller, now, goodbyes.get((poller.identity, name), 0.0))
            )
            return Side(
                tuple(pollers),
                answer.stats.approximate_backlog_count,
                self._waits_since(name, kind, answer, now),
                tuple(needed_by),
            )

        return Queue(
            name,
            side(workflow, _WORKFLOW, [each.id for each in census.executions if each.queue == name]),
            side(activity, _ACTIVITY, sorted({each.name for each in activities if each.queue == name})),
        )

    async def _describe(self, name: str, kind: TaskQueueType.ValueType) -> DescribeTaskQueueResponse:
        return await self._service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=self._client.namespace,
                task_queue=TaskQueue(name=name),
                task_queue_type=kind,
                report_stats=True,
            ),
            timeout=RPC_TIMEOUT,
        )

    def _waits_since(
        self, name: str, kind: TaskQueueType.ValueType, answer: DescribeTaskQueueResponse, now: float
    ) -> float:
        """When the oldest task arrived; steady from look to look, though the server reports an age."""
        if not answer.stats.approximate_backlog_count:
            self._oldest.pop((name, kind), None)
            return 0.0
        since = (
            now
            - timedelta(seconds=answer.stats.approximate_backlog_age.ToNanoseconds() / 1e9).total_seconds()
        )
        known = self._oldest.get((name, kind), 0.0)
        if abs(known - since) > _SAME_AGE:
            self._oldest[name, kind] = since
        return self._oldest[name, kind]


def is_ghost(poller: PollerInfo, now: float, goodbye: float) -> bool:
    """Whether a poller that the server lists has ended.

    Args:
        poller: As the server lists it.
        now: Seconds since the epoch, by the server's clock.
        goodbye: When the last worker of that identity on the queue that has stopped reported it, by the
            server's clock; 0 if none has.
    """
    polled = poller.last_access_time.ToNanoseconds() / 1e9
    return polled < goodbye or now - polled > LONGEST_POLL or _process_gone(poller.identity)


def _process_gone(identity: str) -> bool:
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
