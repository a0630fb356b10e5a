"""Takes a census of a namespace, as the server reports it.

    list of open executions ──> describe each ──> its pending activities: queue, worker, attempt
                                     └─ longer history than at the last look? ──> its newest events:
                                        the worker of the latest workflow task has the execution in its cache

Nothing is asked of the workers themselves: a view shows what the server knows, also when that is wrong for a
while (a killed worker's activity runs on until a timeout).
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import (
    ActivityExecutionStatus,
    EventType,
    PendingActivityState,
    PendingWorkflowTaskState,
)
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import PendingActivityInfo, WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import (
    DescribeActivityExecutionRequest,
    DescribeWorkflowExecutionRequest,
    DescribeWorkflowExecutionResponse,
    GetWorkflowExecutionHistoryReverseRequest,
    ListActivityExecutionsRequest,
    ListWorkflowExecutionsRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from tutorial_lib.views.kit.census import Activity, Census, Execution, LatestTask

MOST: Final = 50  # executions looked at: the newest; a lesson has a handful, a real namespace a million
AT_ONCE: Final = 8  # requests on their way at a time
RPC_TIMEOUT: Final = timedelta(seconds=5)
_OPEN: Final = 'ExecutionStatus="Running"'
_NEWEST_EVENTS: Final = 20  # events a page, of at most _PAGES, to find the latest workflow task in
_PAGES: Final = 5

_GAVE_UP = {EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED, EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT}
_AT_WORK = {
    PendingActivityState.PENDING_ACTIVITY_STATE_STARTED,
    PendingActivityState.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED,
    PendingActivityState.PENDING_ACTIVITY_STATE_PAUSE_REQUESTED,
}


class CensusReader:
    """Takes one census after another; what has not changed is not asked for twice.

    Args:
        client: Client of the namespace.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._service = client.workflow_service
        self._tasks: dict[
            str, tuple[int, LatestTask]
        ] = {}  # run id -> length of its history then, latest task
        self._standalone = True  # whether this server knows standalone activities

    async def take(self) -> Census:
        """How things are now.

        Raises:
            RPCError: If the server does not answer.
        """
        listed = await self._service.list_workflow_executions(
            ListWorkflowExecutionsRequest(namespace=self._client.namespace, page_size=MOST, query=_OPEN),
            timeout=RPC_TIMEOUT,
        )
        gate = asyncio.Semaphore(AT_ONCE)
        found, standalone = await asyncio.gather(
            asyncio.gather(*(self._execution(info, gate) for info in listed.executions)),
            self._standalone_activities(gate),
        )
        executions = [each for each in found if each is not None]
        self._tasks = {
            each.run_id: self._tasks[each.run_id] for each in executions if each.run_id in self._tasks
        }
        return Census(tuple(reversed(executions)), standalone, not listed.next_page_token)

    async def _execution(self, info: WorkflowExecutionInfo, gate: asyncio.Semaphore) -> Execution | None:
        async with gate:
            try:
                answer = await self._service.describe_workflow_execution(
                    DescribeWorkflowExecutionRequest(
                        namespace=self._client.namespace, execution=info.execution
                    ),
                    timeout=RPC_TIMEOUT,
                )
                if answer.workflow_execution_info.HasField("close_time"):
                    return None  # the list is a moment old
                task = await self._latest_task(info.execution, answer)
            except RPCError as error:
                if error.status == RPCStatusCode.NOT_FOUND:
                    return None
                raise
        started = PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED
        return Execution(
            id=info.execution.workflow_id,
            run_id=info.execution.run_id,
            type=info.type.name,
            queue=answer.workflow_execution_info.task_queue or info.task_queue,
            task=task,
            working=answer.HasField("pending_workflow_task")
            and answer.pending_workflow_task.state == started,
            activities=tuple(map(_activity, answer.pending_activities)),
        )

    async def _latest_task(
        self, execution: WorkflowExecution, answer: DescribeWorkflowExecutionResponse
    ) -> LatestTask:
        length = answer.workflow_execution_info.history_length
        known = self._tasks.get(execution.run_id)
        if known is not None and known[0] == length:
            return known[1]
        task = LatestTask()
        token = b""
        for _ in range(_PAGES):
            page = await self._service.get_workflow_execution_history_reverse(
                GetWorkflowExecutionHistoryReverseRequest(
                    namespace=self._client.namespace,
                    execution=execution,
                    maximum_page_size=_NEWEST_EVENTS,
                    next_page_token=token,
                ),
                timeout=RPC_TIMEOUT,
            )
            latest = next(filter(None, map(_task, page.history.events)), None)
            token = page.next_page_token
            if latest is not None or not token:
                task = latest or task
                break
        self._tasks[execution.run_id] = (length, task)
        return task

    async def _standalone_activities(self, gate: asyncio.Semaphore) -> tuple[Activity, ...]:
        if not self._standalone:
            return ()
        namespace = self._client.namespace
        try:
            listed = await self._service.list_activity_executions(
                ListActivityExecutionsRequest(namespace=namespace, page_size=MOST, query=_OPEN),
                timeout=RPC_TIMEOUT,
            )
        except RPCError as error:
            if error.status in {RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED}:
                raise
            self._standalone = False  # an older server
            return ()

        async def one(activity_id: str, run_id: str) -> Activity | None:
            async with gate:
                answer = await self._service.describe_activity_execution(
                    DescribeActivityExecutionRequest(
                        namespace=namespace, activity_id=activity_id, run_id=run_id
                    ),
                    timeout=RPC_TIMEOUT,
                )
            info = answer.info
            if info.status != ActivityExecutionStatus.ACTIVITY_EXECUTION_STATUS_RUNNING:
                return None
            worker = info.last_worker_identity if info.run_state in _AT_WORK else ""
            return Activity(info.activity_type.name, info.task_queue, worker, info.attempt)

        found = await asyncio.gather(*(one(each.activity_id, each.run_id) for each in listed.executions))
        return tuple(each for each in reversed(found) if each is not None)


def _activity(info: PendingActivityInfo) -> Activity:
    worker = info.last_worker_identity if info.state in _AT_WORK else ""
    return Activity(info.activity_type.name, info.activity_options.task_queue.name, worker, info.attempt)


def _task(event: HistoryEvent) -> LatestTask | None:
    """The task of an event that shows whose cache has the execution; None for any other event."""
    at = event.event_time.ToNanoseconds() / 1e9
    if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED:
        return LatestTask(event.workflow_task_started_event_attributes.identity, at)
    if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
        return LatestTask(event.workflow_task_completed_event_attributes.identity, at)
    return LatestTask("", at) if event.event_type in _GAVE_UP else None
