"""Reads the task queues of a namespace from the server: who really polls, what waits, here and elsewhere."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Final

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeTaskQueueResponse,
    ListWorkflowExecutionsRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from tutorial_lib.stage.clock import clock_of
from tutorial_lib.stage.pollers import (
    Goodbyes,
    OtherNamespaces,
    goodbyes_in,
    has_ended,
    heartbeats,
    living,
    process_gone,
)
from tutorial_lib.stage.workers.workers import Workers
from tutorial_lib.views.kit.census import Activity, Census
from tutorial_lib.views.kit.census_reader import AT_ONCE, MOST, RPC_TIMEOUT, CensusReader
from tutorial_lib.views.task_queues.facts import Queue, Side

MOST_QUEUES: Final = 40
_ELSEWHERE_EVERY: Final = 3.0  # seconds between looks into other namespaces
_SAME_AGE: Final = 3.0  # seconds that the server's "oldest task" may jump without being another task

_WORKFLOW = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
_ACTIVITY = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY

_Asked = tuple[str, TaskQueueType.ValueType, bool]  # a queue, a kind of task, whether for pollers


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
        self._others = OtherNamespaces(client)
        self._elsewhere: dict[_Asked, tuple[float, tuple[str, ...]]] = {}

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
        queues = await asyncio.gather(
            *(self._queue(name, census, activities, goodbyes, gone, gate) for name in wanted)
        )
        return tuple(await asyncio.gather(*map(self._with_elsewhere, queues)))

    async def _with_elsewhere(self, queue: Queue) -> Queue:
        """The queue, and what a queue of its name in another namespace has to do with it."""
        name, workflow, activity = queue.name, queue.workflow, queue.activity
        if workflow.stuck:
            polled = await self._ask((name, _WORKFLOW, True), self._others.polling)
            workflow = dataclasses.replace(workflow, polled_in=polled)
        elif workflow.pollers and not workflow.needed_by:
            waits = await self._ask((name, _WORKFLOW, False), self._others.waiting)
            workflow = dataclasses.replace(workflow, waits_in=waits)
        if activity.stuck:
            polled = await self._ask((name, _ACTIVITY, True), self._others.polling)
            activity = dataclasses.replace(activity, polled_in=polled)
        return dataclasses.replace(queue, workflow=workflow, activity=activity)

    async def _ask(
        self,
        what: _Asked,
        look: Callable[[str, TaskQueueType.ValueType], Awaitable[tuple[str, ...]]],
    ) -> tuple[str, ...]:
        """What was found elsewhere, at most some seconds ago."""
        at, found = self._elsewhere.get(what, (-_ELSEWHERE_EVERY, ()))
        if time.monotonic() - at >= _ELSEWHERE_EVERY:
            found = await look(what[0], what[1])
            self._elsewhere[what] = (time.monotonic(), found)
        return found

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
            beats = await heartbeats(self._client, self._client.namespace)
        except RPCError as error:
            if error.status in {RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED}:
                raise
            self._lists_workers = False  # an older server
            return set(), {}
        gone = self._workers.gone()
        polled = {
            beat.task_queue
            for beat in beats
            if not has_ended(beat)
            and beat.worker_identity not in gone
            and not process_gone(beat.worker_identity)
        }
        return polled, goodbyes_in(beats, self._clock)

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
            pollers = [each.identity for each in living(answer.pollers, name, now, goodbyes, gone)]
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
            self._client.namespace,
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
