"""What one execution waits for, looked at once: its own task, activities, children and Nexus operations.

describe ──> its workflow task ──> who polls the queue, of which version; the failure that it is retried for
        ├──> its activities    ──> the same of their queues
        ├──> its children      ──> a look at each
        └──> Nexus operations  ──> who polls the endpoint's queue; the failure
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from temporalio.api.enums.v1 import (
    EventType,
    ParentClosePolicy,
    PendingActivityState,
    PendingNexusOperationState,
    PendingWorkflowTaskState,
    TaskQueueType,
    VersioningBehavior,
    WorkerVersioningMode,
)
from temporalio.api.failure.v1 import Failure
from temporalio.api.nexus.v1 import EndpointTarget
from temporalio.api.operatorservice.v1 import ListNexusEndpointsRequest
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue, TaskQueueVersioningInfo
from temporalio.api.worker.v1 import WorkerHeartbeat
from temporalio.api.workflow.v1 import (
    PendingActivityInfo,
    PendingChildExecutionInfo,
    PendingNexusOperationInfo,
    PendingWorkflowTaskInfo,
    WorkflowExecutionVersioningInfo,
)
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, DescribeTaskQueueResponse
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError

from tutorial_lib import sdk
from tutorial_lib.errors import Diagnosis, Stuck
from tutorial_lib.stage.clock import clock_of
from tutorial_lib.stage.likely_names import likely, typo
from tutorial_lib.stage.pollers import (
    RPC_TIMEOUT,
    OtherNamespaces,
    goodbyes_in,
    has_ended,
    heartbeats,
    living,
    process_gone,
)
from tutorial_lib.stage.progress import progress

__all__ = ["Look"]

_WORKFLOW: Final = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
_ACTIVITY: Final = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
_INPUT: Final = (
    "what a workflow was started with cannot be changed: terminate this one, and start it with what its "
    "`run` takes"
)
_GENERATIONS: Final = 5  # of children that are looked at
_CHILDREN: Final = 10  # of one parent, that are looked at


class Look:
    """Looks at one execution, as often as it is called.

    Args:
        handle: The execution.
        manned: As for `result_with_care`.
        gone: As for `result_with_care`.
        generations: How many generations of children are looked at.
    """

    def __init__(
        self,
        handle: WorkflowHandle[Any, Any],
        manned: Mapping[str, float],
        gone: Collection[str],
        generations: int = _GENERATIONS,
    ) -> None:
        self.client = sdk.client_of(handle)
        self.handle = handle
        self.manned = manned
        self.gone = gone
        self.generations = generations
        self.name = f"workflow {handle.id!r}"
        self.progress = 0
        self.ended = ""
        """Run id of the execution, if it has ended: those who wait may not know it from a busy server."""

    async def __call__(self) -> Diagnosis | None:
        """What keeps the execution; None if that cannot be seen, or is nothing."""
        try:
            description = await self.handle.describe()
        except RPCError:
            return None  # `handle.result()` tells, or the next look does
        raw = description.raw_description
        self.progress = progress(raw, clock_of(self.client).now())
        self.ended = description.run_id if description.close_time else ""
        queue = description.task_queue or ""
        if raw.HasField("pending_workflow_task"):
            task, own = raw.pending_workflow_task, raw.workflow_execution_info.versioning_info
            if diagnosis := await self._own_task(task, queue, own):
                return diagnosis
        for activity in raw.pending_activities:
            if diagnosis := await self._pending(activity, queue):
                return diagnosis
        for operation in raw.pending_nexus_operations:
            if diagnosis := await self._nexus(operation):
                return diagnosis
        return await self._children(raw.pending_children[:_CHILDREN] if self.generations else ())

    async def unattended(self) -> Diagnosis | None:
        """Of an execution that nothing keeps: that nobody polls its queue."""
        with contextlib.suppress(RPCError):
            description = await self.handle.describe()
            queue = description.task_queue or ""
            if not description.close_time and not await self._polled(queue, _WORKFLOW, self.client.namespace):
                found = await self._nobody(queue, _WORKFLOW, "workflow task")
                return dataclasses.replace(found, seen=f"no worker polls {queue!r}", hopeless=False)
        return None

    async def _own_task(
        self, task: PendingWorkflowTaskInfo, queue: str, own: WorkflowExecutionVersioningInfo
    ) -> Diagnosis | None:
        described = await self._describe(queue, _WORKFLOW, self.client.namespace)
        pollers = await self._living(described, queue, self.client.namespace)
        if not pollers:
            return await self._nobody(queue, _WORKFLOW, "workflow task")
        if task.attempt > 1:
            return await self._failing_task(task, queue)
        if task.state == PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED:
            return _of_no_version(queue, described.versioning_info, pollers, own)
        return None

    async def _children(self, children: Iterable[PendingChildExecutionInfo]) -> Diagnosis | None:
        """What the first child that is kept waits for."""
        first = None
        for child in children:
            handle = self.client.get_workflow_handle(child.workflow_id, run_id=child.run_id)
            look = Look(handle, self.manned, self.gone, self.generations - 1)
            found = await look()
            self.progress += look.progress
            if found and not first:
                waited_for = child.parent_close_policy != ParentClosePolicy.PARENT_CLOSE_POLICY_ABANDON
                first = dataclasses.replace(
                    found,
                    seen=f"its child workflow {child.workflow_type_name!r} waits: {found.seen}",
                    hopeless=found.hopeless and waited_for,
                )
        return first

    async def _nexus(self, operation: PendingNexusOperationInfo) -> Diagnosis | None:
        if operation.state == PendingNexusOperationState.PENDING_NEXUS_OPERATION_STATE_STARTED:
            return None  # it has a handle of its own
        kind = TaskQueueType.TASK_QUEUE_TYPE_NEXUS
        target = await self._target(operation.endpoint)
        name = f"Nexus operation {operation.operation!r}"
        if target is not None and not await self._polled(target.task_queue, kind, target.namespace):
            if target.namespace == self.client.namespace:
                return await self._nobody(target.task_queue, kind, name)
            return Diagnosis(
                Stuck.NO_POLLER,
                f"no worker polls {target.task_queue!r} in namespace {target.namespace!r}, where {name} is",
                f"start a worker on {target.task_queue!r} there: endpoint {operation.endpoint!r} leads to it",
                hopeless=True,
                queue=target.task_queue,
            )
        if not operation.HasField("last_attempt_failure"):
            return None
        error, message = _root(operation.last_attempt_failure)
        return Diagnosis(
            Stuck.OPERATION_FAILS,
            f"{name} fails and is retried: {_told(error, message)}",
            f"look at the handler of service {operation.service!r}, behind endpoint {operation.endpoint!r}",
            error_type=error,
            message=message,
        )

    async def _target(self, endpoint: str) -> EndpointTarget.Worker | None:
        """The task queue that a Nexus endpoint leads to; None if that cannot be found out."""
        with contextlib.suppress(RPCError):
            answer = await self.client.operator_service.list_nexus_endpoints(
                ListNexusEndpointsRequest(name=endpoint), timeout=RPC_TIMEOUT
            )
            for each in answer.endpoints:
                if each.spec.target.HasField("worker"):
                    return each.spec.target.worker
        return None

    async def _polled(self, queue: str, kind: TaskQueueType.ValueType, namespace: str) -> bool:
        return bool(await self._living(await self._describe(queue, kind, namespace), queue, namespace))

    async def _describe(
        self, queue: str, kind: TaskQueueType.ValueType, namespace: str
    ) -> DescribeTaskQueueResponse:
        return await self.client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind
            )
        )

    async def _living(
        self, described: DescribeTaskQueueResponse, queue: str, namespace: str
    ) -> Sequence[PollerInfo]:
        if not described.pollers:
            return ()
        clock = clock_of(self.client)
        goodbyes = goodbyes_in(await self._heartbeats(namespace), clock)
        return living(described.pollers, queue, clock.now(), goodbyes, self.gone)

    async def _heartbeats(self, namespace: str) -> Sequence[WorkerHeartbeat]:
        with contextlib.suppress(RPCError):  # a server that does not know, or may not be asked
            return await heartbeats(self.client, namespace)
        return ()

    async def _polled_queues(self) -> set[str]:
        """Task queues that have workers, as the lab and the workers themselves report."""
        beats = await self._heartbeats(self.client.namespace)
        return set(self.manned) | {
            beat.task_queue
            for beat in beats
            if not (
                has_ended(beat) or process_gone(beat.worker_identity) or beat.worker_identity in self.gone
            )
        }

    async def _nobody(
        self, queue: str, kind: TaskQueueType.ValueType, what: str, activity: str = ""
    ) -> Diagnosis:
        elsewhere = await OtherNamespaces(self.client).polling(queue, kind)
        others = sorted(await self._polled_queues() - {queue})
        near = likely(queue, others)
        own = self.client.namespace
        here = f" in namespace {own!r}" if elsewhere else ""
        if elsewhere:
            hint = (
                f"start a worker on {queue!r} here; the one in namespace {', '.join(map(repr, elsewhere))} "
                f"cannot see this workflow: its client needs namespace={own!r}"
            )
        elif near:
            hint = f"a worker polls {near!r}: {typo(queue, near)}"
        elif others:
            hint = f"workers poll {', '.join(map(repr, others))}; start one on {queue!r}"
        else:
            hint = f"start a worker on {queue!r}; the workflow goes on as soon as one polls"
        return Diagnosis(
            Stuck.NO_POLLER,
            f"no worker polls {queue!r}{here}, where its {what} is",
            hint,
            hopeless=True,
            queue=queue,
            elsewhere=elsewhere,
            activity=activity,
        )

    async def _failing_task(self, task: PendingWorkflowTaskInfo, queue: str) -> Diagnosis | None:
        kind = message = ""
        refused = False
        async for event in self.handle.fetch_history_events():
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
                failure = event.workflow_task_failed_event_attributes.failure
                kind, message = _root(failure)
                refused = sdk.refuses_input(failure)
            elif event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
                kind, message = (
                    "",
                    "no worker answered in time (its worker died, or its event loop is blocked)",
                )
        unregistered = sdk.is_unregistered(kind, message)
        # Who has it fails without a word, and the server waits for an answer longer each time.
        tried = task.started_time if task.HasField("started_time") else task.scheduled_time
        if tried.ToNanoseconds() / 1e9 < self.manned.get(queue, 0.0):
            return Diagnosis(
                Stuck.TASK_FAILS,
                f"its workflow task failed before the newest worker came: {_told(kind, message)}",
                "the server offers it again, but after longer and longer times: wait on, with `lab.result` "
                "and a longer `timeout`",
                error_type=kind,
                message=message,
                unregistered=unregistered,
            )
        return Diagnosis(
            Stuck.TASK_FAILS,
            f"its workflow task fails and is retried: {_told(kind, message)}",
            await self._type_hint(message)
            if unregistered
            else _INPUT
            if refused
            else "the workflow has not failed: fix the code, make a new worker, and it goes on",
            hopeless=bool(message),
            error_type=kind,
            message=message,
            unregistered=unregistered,
        )

    async def _type_hint(self, message: str) -> str:
        """What to try when a worker does not know a workflow's type."""
        written = (await self.handle.describe()).workflow_type
        if near := likely(written, known := sdk.registered_in(message)):
            return (
                f"the worker has {near!r}: {typo(written, near)} A type cannot be changed: terminate this "
                f"one, and start {near!r}"
            )
        also = ", ".join(known)
        return (
            f"give the worker `workflows=[..., {written}]`, or terminate this one and start a type that it "
            f"has{f' ({also})' if also else ''}"
        )

    async def _pending(self, activity: PendingActivityInfo, queue: str) -> Diagnosis | None:
        name = activity.activity_type.name
        if activity.HasField("last_failure"):
            kind, message = _root(activity.last_failure)
            unregistered = sdk.is_unregistered(kind, message)
            near = likely(name, sdk.registered_in(message)) if unregistered else ""
            hint = "fix the activity, or limit its retries"
            if near:
                hint = f"the worker has {near!r}: {typo(name, near)}"
            elif unregistered:
                hint = f"give the worker `activities=[{name}]`"
            return Diagnosis(
                Stuck.ACTIVITY_FAILS,
                f"activity {name!r} fails and is retried: {_told(kind, message)}",
                hint,
                hopeless=unregistered,
                activity=name,
                error_type=kind,
                message=message,
                unregistered=unregistered,
            )
        if activity.state == PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED:
            own = await self._queue_of(activity.activity_id) or queue
            if not await self._polled(own, _ACTIVITY, self.client.namespace):
                return await self._nobody(own, _ACTIVITY, f"activity {name!r}", name)
        return None

    async def _queue_of(self, activity_id: str) -> str:
        async for event in self.handle.fetch_history_events():
            scheduled = event.activity_task_scheduled_event_attributes
            if scheduled.activity_id == activity_id:
                return scheduled.task_queue.name
        return ""


def _of_no_version(
    queue: str,
    routing: TaskQueueVersioningInfo,
    pollers: Sequence[PollerInfo],
    own: WorkflowExecutionVersioningInfo,
) -> Diagnosis | None:
    """Whether a workflow task is for a version of the workers that none of those who poll is of."""
    pinned = own.behavior == VersioningBehavior.VERSIONING_BEHAVIOR_PINNED
    if own.HasField("versioning_override") or (routing.ramping_version_percentage and not pinned):
        return None  # more than one may be meant
    version = own.deployment_version if pinned else routing.current_deployment_version
    wanted = (version.deployment_name, version.build_id) if version.build_id else None
    there = {_version_of(poller) for poller in pollers}
    if wanted in there:
        return None
    if wanted is None:
        deployment, build = max(filter(None, there))
        return Diagnosis(
            Stuck.NO_POLLER,
            f"of the versions of the workers that poll {queue!r} none is the current one",
            f"`temporal worker deployment set-current-version --deployment-name {deployment} "
            f"--build-id {build}`",
            hopeless=True,
            queue=queue,
        )
    return Diagnosis(
        Stuck.NO_POLLER,
        f"no worker of version {'.'.join(wanted)!r} polls {queue!r}, "
        + ("to which it is pinned" if pinned else "which is the current one"),
        "start a worker of that version" + ("" if pinned else ", or make another version the current one"),
        hopeless=True,
        queue=queue,
    )


def _version_of(poller: PollerInfo) -> tuple[str, str] | None:
    """Deployment and build id of a worker; None of one that is not versioned."""
    options = poller.deployment_options
    versioned = options.worker_versioning_mode == WorkerVersioningMode.WORKER_VERSIONING_MODE_VERSIONED
    return (options.deployment_name, options.build_id) if versioned else None


def _root(failure: Failure) -> tuple[str, str]:
    """Type and message of the innermost failure."""
    while failure.HasField("cause"):
        failure = failure.cause
    message = failure.message.split(". If this is code from a module")[0]  # the sandbox's long advice
    return failure.application_failure_info.type, message


def _told(kind: str, message: str) -> str:
    return f"{kind}: {message}" if kind and kind not in message else message
