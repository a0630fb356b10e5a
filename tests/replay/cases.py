"""Runs all recorded workflows at once on one worker, and drives each from outside where it needs that."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.nexus.v1 import EndpointSpec, EndpointTarget
from temporalio.api.operatorservice.v1 import CreateNexusEndpointRequest
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleSpec,
    WithStartWorkflowOperation,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.common import RetryPolicy, WorkflowIDConflictPolicy
from temporalio.worker import Worker, WorkflowRunner

from tests.replay import activities, more_workflows, workflows
from tests.replay.more_workflows import PayHandler
from tests.replay.workflows import Signals, Updates
from tests.support.waiting import BACKSTOP, looks_async
from tutorial_lib.history.reading import fetch_history

WORKFLOWS = [*workflows.ALL, *more_workflows.ALL]
BUSY = timedelta(minutes=2)  # the longest that a server allows
LONG_TASK = timedelta(seconds=10)  # of the workflow whose local activity takes almost as long


@dataclasses.dataclass
class Case:
    """One namespace with a worker, and ways to start workflows on it."""

    client: Client
    queue: str
    endpoint: str

    async def start(self, workflow: str, *args: Any, **options: Any) -> WorkflowHandle[Any, Any]:
        workflow_id = options.pop("id", workflow)
        # No task is to time out on a machine whose workers wait for their turn.
        options = {"task_timeout": BUSY, **options}
        return await self.client.start_workflow(
            workflow, args=args, id=workflow_id, task_queue=self.queue, **options
        )

    async def run(self, workflow: str, *args: Any, **options: Any) -> None:
        """Runs to its end, whichever that is."""
        await ended(await self.start(workflow, *args, **options))

    # What is to be done from outside, a method each.

    async def completed_elsewhere(self) -> None:
        handle = await self.start("CompletedElsewhere")
        async for _ in looks_async():
            pending = (await handle.describe()).raw_description.pending_activities
            if pending and pending[0].state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED:
                break
        run_id = handle.first_execution_run_id
        await self.client.get_async_activity_handle(
            workflow_id=handle.id, run_id=run_id, activity_id=pending[0].activity_id
        ).complete("from outside")
        await ended(handle)

    async def signals(self) -> None:
        handle = await self.start("Signals", start_signal="say", start_signal_args=["with the start"])
        await handle.signal("late", "before there is a handler")
        await handle.signal("unheard-of", args=[1, 2])
        await asyncio.gather(handle.signal(Signals.say, "two"), handle.signal(Signals.say_slowly, "three"))
        await handle.query(Signals.so_far)
        await handle.signal(Signals.say, "four")
        await ended(handle)

    async def updates(self) -> None:
        start = WithStartWorkflowOperation(
            "Updates",
            100,
            id="Updates",
            task_queue=self.queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        await self.client.execute_update_with_start_workflow(
            Updates.deposit, 1, start_workflow_operation=start
        )
        handle = await start.workflow_handle()
        await asyncio.gather(
            handle.execute_update(Updates.deposit, 2), handle.execute_update(Updates.deposit, 3)
        )
        for update, amount in ((Updates.deposit, -1), (Updates.withdraw, 1000), (Updates.withdraw, 5)):
            with contextlib.suppress(WorkflowUpdateFailedError):
                await handle.execute_update(update, amount)
        await handle.execute_update(Updates.close)
        await ended(handle)

    async def meddles(self) -> None:
        other = await self.start("Kid", "for ever", id="meddled-with")
        await self.run("Meddles", other.id)
        await ended(other)

    async def cleans_up(self, swallow: bool) -> None:
        handle = await self.start("CleansUp", swallow, id=f"CleansUp {swallow}")
        await self._asleep(handle)
        await handle.cancel(reason="enough")
        await ended(handle)

    async def terminated(self) -> None:
        handle = await self.start("NeverEnds", id="terminated")
        await self._asleep(handle)
        await handle.terminate("enough")

    async def reset(self) -> None:
        handle = await self.start("Sequential", [1, 2, 3], id="reset")
        await ended(handle)
        tasks = [
            event.event_id
            async for event in handle.fetch_history_events()
            if event.HasField("workflow_task_completed_event_attributes")
        ]
        answer = await self.client.workflow_service.reset_workflow_execution(
            ResetWorkflowExecutionRequest(
                namespace=self.client.namespace,
                workflow_execution=WorkflowExecution(
                    workflow_id=handle.id, run_id=handle.first_execution_run_id
                ),
                reason="again from the second workflow task",
                workflow_task_finish_event_id=tasks[1],
                request_id="reset",
            )
        )
        await ended(self.client.get_workflow_handle(handle.id, run_id=answer.run_id))

    async def scheduled(self) -> None:
        action = ScheduleActionStartWorkflow("OneActivity", "schedule", id="scheduled", task_queue=self.queue)
        schedule = await self.client.create_schedule("schedule", Schedule(action=action, spec=ScheduleSpec()))
        await schedule.trigger()
        async for _ in looks_async():
            recent = (await schedule.describe()).info.recent_actions
            if recent:
                break
        await ended(self.client.get_workflow_handle(recent[0].action.workflow_id))
        await schedule.delete()

    async def cron(self) -> None:
        handle = await self.start("OneActivity", "cron", id="cron", cron_schedule="@every 1s")
        first = self.client.get_workflow_handle(handle.id, run_id=handle.first_execution_run_id)
        async for _ in looks_async():
            if (await first.describe()).close_time is not None:
                break
        await self.client.get_workflow_handle(handle.id).terminate("enough")

    async def long_local_activity(self) -> None:
        """To be run alone: among the others, a task of it could take as long as its timeout."""
        await self.run("LongLocalActivity", task_timeout=LONG_TASK)

    async def _asleep(self, handle: WorkflowHandle[Any, Any]) -> None:
        async for _ in looks_async():
            events = [event.WhichOneof("attributes") async for event in handle.fetch_history_events()]
            if "timer_started_event_attributes" in events:
                return

    def all(self) -> list[Any]:
        """Everything, as coroutines."""
        short = timedelta(seconds=0.5)
        return [
            self.run("Nothing", request_eager_start=True),
            self.run("OneActivity", "Ada", memo={"by": "test"}, static_summary="one", static_details="*one*"),
            self.run("Sequential", [1, 2, 3]),
            self.run("Concurrent"),
            self.run("Retried"),
            self.run("Fails"),
            self.run("Compensates"),
            self.run("TimesOut"),
            self.run("CancelsActivities"),
            self.run("CancelledAtOnce"),
            self.completed_elsewhere(),
            self.run("Timers"),
            self.signals(),
            self.updates(),
            self.run("Coordination"),
            self.run("LocalActivities"),
            self.run("Parent"),
            self.meddles(),
            self.run("Continues", 2),
            self.run("Patched"),
            self.run("Properties"),
            self.cleans_up(swallow=True),
            self.cleans_up(swallow=False),
            self.run("Chance"),
            self.run("TaskFails"),
            self.run("RunsAgain", retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=20))),
            self.run("a type that no class has", 1, 2),
            self.run("Groups"),
            self.run("StartsBySignal"),
            self.run("Pays", self.endpoint),
            self.terminated(),
            self.run("NeverEnds", id="run timed out", run_timeout=short),
            self.run("NeverEnds", id="execution timed out", execution_timeout=short),
            self.run("OneActivity", "late", id="delayed", start_delay=timedelta(milliseconds=50)),
            self.reset(),
            self.scheduled(),
            self.cron(),
        ]


async def ended(handle: WorkflowHandle[Any, Any]) -> None:
    """Waits for the end of an execution, whichever that is; not for ever."""
    with contextlib.suppress(WorkflowFailureError):
        try:
            async with asyncio.timeout(BACKSTOP):
                await handle.result()
        except TimeoutError:
            raise AssertionError(await _whereabouts(handle)) from None


async def _whereabouts(handle: WorkflowHandle[Any, Any]) -> str:
    """What an execution that does not end waits for: its history, and what the server has pending."""
    events = [f"{event.id} {event.time:.3f} {event.type}" for event in (await fetch_history(handle)).events]
    about = (await handle.describe()).raw_description
    pending = [about.pending_activities, about.pending_children, about.pending_workflow_task]
    return "\n".join([f"{handle.id} does not end", *events, *map(str, pending)])


@contextlib.asynccontextmanager
async def stage(client: Client, queue: str, runner: WorkflowRunner, **options: Any) -> AsyncIterator[Case]:
    """A worker for all workflows on a queue of its own, and a Nexus endpoint that leads back to it."""
    target = EndpointTarget(worker=EndpointTarget.Worker(namespace=client.namespace, task_queue=queue))
    request = CreateNexusEndpointRequest(spec=EndpointSpec(name=f"to-{queue}", target=target))
    await client.operator_service.create_nexus_endpoint(request)
    async with Worker(
        client,
        task_queue=queue,
        workflows=WORKFLOWS,
        activities=activities.ALL,
        nexus_service_handlers=[PayHandler()],
        workflow_runner=runner,
        max_heartbeat_throttle_interval=timedelta(milliseconds=100),
        **options,
    ):
        yield Case(client, queue, f"to-{queue}")
