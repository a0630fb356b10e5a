"""Waiting for a workflow's result with care: one that cannot end raises with the reason, and never hangs.

handle.result() ──runs beside──> every half second: describe the execution, its queues' pollers and the
       ^                         last failure ──> a diagnosis; the same one for long enough is an error
       └── asked anew, once ──── a run that has ended, whose news the server has dropped
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final, TypeVar

from temporalio.api.enums.v1 import EventType, PendingActivityState, TaskQueueType
from temporalio.api.failure.v1 import Failure
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.worker.v1 import WorkerHeartbeat
from temporalio.api.workflow.v1 import PendingActivityInfo, PendingWorkflowTaskInfo
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, GetSystemInfoRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from tutorial_lib import sdk
from tutorial_lib.background import run_apart
from tutorial_lib.errors import Diagnosis, ServerGoneError, Stuck, WorkflowStuckError
from tutorial_lib.stage.clock import clock_of
from tutorial_lib.stage.likely_names import likely, typo
from tutorial_lib.stage.pollers import (
    OtherNamespaces,
    goodbyes_in,
    has_ended,
    heartbeats,
    living,
    process_gone,
)
from tutorial_lib.stage.progress import progress

PATIENCE = 3.0  # seconds that a diagnosis must hold before the wait ends early
LOOK_EVERY = 0.5  # seconds between looks
ANSWER = 3.0  # seconds for a server to answer; one that is suspended never does

NO_WORKERS: Final[Mapping[str, float]] = MappingProxyType({})

SILENT = (
    "is it suspended, or the machine very busy? `tutorial server stop` ends it, and "
    "`lab = await open_lab(...)` starts a new one"
)

_Result = TypeVar("_Result")


async def result_with_care(
    handle: WorkflowHandle[Any, _Result],
    *,
    timeout: float,
    check_server: Callable[[], None],
    manned: Mapping[str, float] = NO_WORKERS,
    gone: Collection[str] = (),
    patience: float = PATIENCE,
    over: Callable[[int, float], bool] | None = None,
) -> _Result:
    """`handle.result()`, but a wait that will not end is an error that names the reason.

    Args:
        handle: The execution.
        timeout: Seconds to wait at most.
        check_server: Raises when the server has gone.
        manned: Task queues that do have workers, with when the latest of each was started, by the server's
            clock: to name the likely typo, and to know a failure that is older than the worker.
        gone: Identities of workers known to have ended; the server lists them as pollers for minutes.
        patience: Seconds that a hopeless state must hold before it is an error.
        over: Decides instead of `timeout`, after each look, whether to wait no longer. Gets how far the
            execution is (`progress`), and how many seconds the look took.

    Raises:
        WorkflowStuckError: When there can be no result, or at the deadline: what was seen and what to try.
        ServerGoneError: When the server ends while waiting, or does not answer at the deadline.
        WorkflowFailureError: As `handle.result()` does.
    """
    waiting = asyncio.ensure_future(handle.result())
    start = time.monotonic()
    look = _Look(handle, manned, gone)
    asked_anew = set[str]()
    last: Diagnosis | None = None
    since = start
    try:
        while True:
            left = LOOK_EVERY if over is not None else start + timeout - time.monotonic()
            done, _ = await asyncio.wait({waiting}, timeout=max(0.0, min(LOOK_EVERY, left)))
            check_server_unless_done(check_server, waiting)
            if done:
                return waiting.result()
            diagnosis = None
            looked = time.monotonic()
            with contextlib.suppress(TimeoutError):  # a server that is suspended: it may come back
                diagnosis = await asyncio.wait_for(look(), ANSWER)
            if look.ended and look.ended not in asked_anew and not waiting.done():
                asked_anew.add(look.ended)
                waiting.cancel()
                waiting = asyncio.ensure_future(handle.result())
                await asyncio.wait({waiting}, timeout=ANSWER)
                continue
            if diagnosis != last:
                last, since = diagnosis, time.monotonic()
            late = time.monotonic() - start >= timeout
            if over is not None:
                late = over(look.progress, time.monotonic() - looked)
            if last and last.hopeless and (late or time.monotonic() - since >= patience):
                raise WorkflowStuckError(f"{look.name} waits: {last.seen}", last.hint, diagnosis=last)
            if late:
                await check_answers(look.client, check_server)
                raise WorkflowStuckError(
                    f"{look.name} is still running after {timeout:g} s" + (f": {last.seen}" if last else ""),
                    last.hint
                    if last
                    else "give `lab.result` a longer `timeout`, or look at it with `lab.ui(handle)`",
                    diagnosis=last or Diagnosis(Stuck.DEADLINE),
                )
    finally:
        if not waiting.done():
            waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await waiting


def check_server_unless_done(check_server: Callable[[], None], waiting: asyncio.Future[Any]) -> None:
    """A result that is there counts, even if the server has gone since."""
    if not waiting.done() or (not waiting.cancelled() and isinstance(waiting.exception(), RPCError)):
        check_server()


async def check_answers(client: Client, check_server: Callable[[], None]) -> None:
    """Raise if the server has gone or does not answer: then a deadline means nothing for anybody's code.

    Args:
        client: Client of the server.
        check_server: Raises when the server is known to have gone.

    Raises:
        ServerGoneError: With how it ended, or that it does not answer.
    """
    check_server()
    try:
        await asyncio.wait_for(
            client.workflow_service.get_system_info(
                GetSystemInfoRequest(), timeout=timedelta(seconds=ANSWER)
            ),
            ANSWER + 1,
        )
    except (RPCError, TimeoutError):
        check_server()  # its keeper may have needed a moment to notice
        address = client.service_client.config.target_host
        raise ServerGoneError(f"the Temporal server at {address} does not answer", SILENT) from None


def check_answers_now(client: Client, check_server: Callable[[], None]) -> None:
    """`check_answers` for code that blocks: on a loop of its own.

    Args:
        client: Client of the server.
        check_server: Raises when the server is known to have gone.

    Raises:
        ServerGoneError: With how it ended, or that it does not answer.
    """
    run_apart("does the server answer?", lambda: check_answers(client, check_server))


def waits_for_now(
    handle: WorkflowHandle[Any, Any], *, manned: Mapping[str, float], gone: Collection[str]
) -> str:
    """What an execution waits for, looked at once, for code that blocks: on a loop of its own.

    Args:
        handle: The execution.
        manned: As for `result_with_care`.
        gone: As for `result_with_care`.

    Returns:
        What is seen, and below it what to try; "" if there is no such execution, or no server that answers.
    """

    async def looked() -> str:
        with contextlib.suppress(RPCError, TimeoutError):
            return await asyncio.wait_for(_looked_at(_Look(handle, manned, gone)), ANSWER)
        return ""

    return run_apart("what does it wait for?", looked)


async def _looked_at(look: _Look) -> str:
    diagnosis = await look()
    # The server still lists the pending task of an execution that was terminated.
    if look.ended or diagnosis is None:
        status = (await look.handle.describe()).status
        now = f"has ended ({status.name})" if look.ended and status is not None else "is RUNNING"
        return f"{look.name} {now}, and what was awaited has not come"
    return f"{look.name} waits: {diagnosis.seen}\n  → {diagnosis.hint}"


class _Look:
    """Looks at one execution and returns what it waits for."""

    def __init__(
        self, handle: WorkflowHandle[Any, Any], manned: Mapping[str, float], gone: Collection[str]
    ) -> None:
        self.client = sdk.client_of(handle)
        self.handle = handle
        self.manned = manned
        self.gone = gone
        self.name = f"workflow {handle.id!r}"
        self.progress = 0
        self.ended = ""
        """Run id of the execution, if it has ended: a busy server may not have told those who wait."""

    async def __call__(self) -> Diagnosis | None:
        try:
            description = await self.handle.describe()
        except RPCError:
            return None  # `handle.result()` tells, or the next look does
        raw = description.raw_description
        self.progress = progress(raw, clock_of(self.client).now())
        self.ended = description.run_id if description.close_time else ""
        queue = description.task_queue or ""
        if raw.HasField("pending_workflow_task"):
            if not await self._polled(queue, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW):
                return await self._nobody(queue, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW)
            if raw.pending_workflow_task.attempt > 1:
                return await self._failing_task(raw.pending_workflow_task, queue)
        for activity in raw.pending_activities:
            if diagnosis := await self._pending(activity, queue):
                return diagnosis
        return None

    async def _polled(self, queue: str, kind: TaskQueueType.ValueType) -> bool:
        answer = await self.client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=self.client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind
            )
        )
        if not answer.pollers:
            return False
        clock = clock_of(self.client)
        goodbyes = goodbyes_in(await self._heartbeats(), clock)
        return bool(living(answer.pollers, queue, clock.now(), goodbyes, self.gone))

    async def _heartbeats(self) -> Sequence[WorkerHeartbeat]:
        with contextlib.suppress(RPCError):  # a server that does not know, or may not be asked
            return await heartbeats(self.client, self.client.namespace)
        return ()

    async def _polled_queues(self) -> set[str]:
        """Task queues that have workers, as the lab and the workers themselves say."""
        beats = await self._heartbeats()
        return set(self.manned) | {
            beat.task_queue
            for beat in beats
            if not (
                has_ended(beat) or process_gone(beat.worker_identity) or beat.worker_identity in self.gone
            )
        }

    async def _nobody(self, queue: str, kind: TaskQueueType.ValueType, activity: str = "") -> Diagnosis:
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
        what = f"activity {activity!r}" if activity else "workflow task"
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
        async for event in self.handle.fetch_history_events():
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
                kind, message = _root(event.workflow_task_failed_event_attributes.failure)
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
            if not await self._polled(own, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY):
                return await self._nobody(own, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY, name)
        return None

    async def _queue_of(self, activity_id: str) -> str:
        async for event in self.handle.fetch_history_events():
            scheduled = event.activity_task_scheduled_event_attributes
            if scheduled.activity_id == activity_id:
                return scheduled.task_queue.name
        return ""


def _root(failure: Failure) -> tuple[str, str]:
    """Type and message of the innermost failure."""
    while failure.HasField("cause"):
        failure = failure.cause
    message = failure.message.split(". If this is code from a module")[0]  # the sandbox's long advice
    return failure.application_failure_info.type, message


def _told(kind: str, message: str) -> str:
    return f"{kind}: {message}" if kind and kind not in message else message
