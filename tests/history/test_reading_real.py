from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.nexus.v1 import EndpointSpec, EndpointTarget
from temporalio.api.operatorservice.v1 import CreateNexusEndpointRequest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflow.v1 import VersioningOverride, WorkflowExecutionOptions
from temporalio.api.workflowservice.v1 import (
    PauseWorkflowExecutionRequest,
    PollWorkflowTaskQueueRequest,
    ResetWorkflowExecutionRequest,
    UnpauseWorkflowExecutionRequest,
    UpdateWorkflowExecutionOptionsRequest,
)
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.common import RetryPolicy
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper
from temporalio.worker import Worker

from tests.history.every_event import (
    ACTIVITIES,
    WORKFLOWS,
    Activities,
    BillingHandler,
    Buys,
    Child,
    Fails,
    Open,
    Parent,
    Sleeper,
)
from tutorial_lib.history import History, fetch_history, read_history
from tutorial_lib.history.explain import explain
from tutorial_lib.history.kinds import KIND_OF
from tutorial_lib.stage.cli import run_cli
from tutorial_lib.stage.server.dev_server import DevServer, start_dev_server

# What server 1.32 does not write, or only on a failure of its own.
NEVER_WRITTEN = {
    "Unspecified",
    "WorkflowExecutionUpdateRejected",  # a rejected update leaves no trace
    "WorkflowPropertiesModifiedExternally",
    "ActivityPropertiesModifiedExternally",
    "NexusOperationCancelRequestFailed",
}
FLAGS = ("frontend.WorkflowPauseEnabled=true", "frontend.WorkflowTimeSkippingEnabled=true")


QUEUE = "q"


@pytest.fixture
async def server() -> AsyncIterator[DevServer]:
    flags = (part for flag in FLAGS for part in ("--dynamic-config-value", flag))
    server = await start_dev_server(extra=tuple(flags))
    yield server
    server.close()


async def fails(handle: WorkflowHandle[Any, Any]) -> None:
    with pytest.raises(WorkflowFailureError):
        await handle.result()


async def activities(client: Client) -> None:
    await client.execute_workflow(Activities.run, id="activities", task_queue=QUEUE)


async def family(client: Client) -> None:
    handle = await client.start_workflow(Parent.run, 1, id="parent", task_queue=QUEUE)
    doomed = client.get_workflow_handle("parent-doomed")
    for _ in range(200):
        try:
            await doomed.terminate("no longer wanted")
            break
        except RPCError:
            await asyncio.sleep(0.05)
    assert await handle.result() == 0


async def nexus(client: Client) -> None:
    worker = EndpointTarget.Worker(namespace=client.namespace, task_queue=QUEUE)
    spec = EndpointSpec(name="billing", target=EndpointTarget(worker=worker))
    await client.operator_service.create_nexus_endpoint(CreateNexusEndpointRequest(spec=spec))
    result = await client.execute_workflow(Buys.run, "billing", id="buys", task_queue=QUEUE)
    assert result == [42, "child well", "ApplicationError", "TimeoutError", "CancelledError"]


async def messages(client: Client) -> None:
    """Signals, updates, pause, options; then a reset to before all that."""
    handle = await client.start_workflow(Open.run, id="open", task_queue=QUEUE)
    await handle.signal(Open.note, "first")
    await handle.execute_update(Open.add, "second")
    with pytest.raises(WorkflowUpdateFailedError):
        await handle.execute_update(Open.add, "bad")
    service, namespace = client.workflow_service, client.namespace
    execution = WorkflowExecution(workflow_id="open")
    await service.pause_workflow_execution(
        PauseWorkflowExecutionRequest(namespace=namespace, workflow_id="open", reason="lunch", identity="me")
    )
    await service.unpause_workflow_execution(
        UnpauseWorkflowExecutionRequest(namespace=namespace, workflow_id="open", reason="back", identity="me")
    )
    await service.update_workflow_execution_options(
        UpdateWorkflowExecutionOptionsRequest(
            namespace=namespace,
            workflow_execution=execution,
            update_mask=FieldMask(paths=["versioning_override"]),
            workflow_execution_options=WorkflowExecutionOptions(
                versioning_override=VersioningOverride(auto_upgrade=True)
            ),
        )
    )
    before = await fetch_history(handle)
    completed = next(event for event in before if event.type == "WorkflowTaskCompleted")
    await service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=namespace,
            workflow_execution=execution,
            reason="a test",
            workflow_task_finish_event_id=completed.id,
            request_id="reset",
        )
    )
    await client.get_workflow_handle("open").signal(Open.note, "end")
    assert await client.get_workflow_handle("open").result() == ["first", "second", "end"]


async def endings(client: Client) -> None:
    """Cancel, terminate, time out, fail with a retry; and a workflow task that nobody answers."""
    start = client.start_workflow
    canceled = await start(Open.run, id="canceled", task_queue=QUEUE)
    await canceled.cancel(reason="changed my mind")
    terminated = await start(Open.run, id="terminated", task_queue=QUEUE)
    await terminated.terminate("enough", "details")
    late = await start(Open.run, id="late", task_queue="nobody", run_timeout=timedelta(seconds=1))
    given = await start(Open.run, id="given", task_queue=f"{QUEUE}-raw", task_timeout=timedelta(seconds=1))
    poll = PollWorkflowTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=f"{QUEUE}-raw"), identity="lazy"
    )
    await client.workflow_service.poll_workflow_task_queue(poll)  # and no answer
    async for event in given.fetch_history_events(wait_new_event=True):
        if event.HasField("workflow_task_timed_out_event_attributes"):
            await given.terminate()
            break
    retry = RetryPolicy(maximum_attempts=2, initial_interval=timedelta(milliseconds=10))
    failing = await start(Fails.run, id="failing", task_queue=QUEUE, retry_policy=retry)
    for handle in (canceled, terminated, late, failing):
        await fails(handle)


async def cron(client: Client) -> None:
    handle = await client.start_workflow(
        Child.run, "cron", id="cron", task_queue=QUEUE, cron_schedule="@every 1s"
    )
    for _ in range(100):
        if (await fetch_history(handle)).next_run_id:
            break
        await asyncio.sleep(0.1)
    await client.get_workflow_handle("cron").terminate()


async def skipping(client: Client) -> None:
    skipper = TimeSkipper(client)
    assert await skipper.client.execute_workflow(Sleeper.run, id="sleeper", task_queue=QUEUE) == 30


@pytest.fixture
async def histories(server: DevServer) -> dict[str, History]:
    """The history of every run, by workflow id and run id."""
    client = await server.connect()
    async with Worker(
        client,
        task_queue=QUEUE,
        workflows=WORKFLOWS,
        activities=ACTIVITIES,
        nexus_service_handlers=[BillingHandler()],
    ):
        scenes = (activities, family, nexus, messages, endings, cron, skipping)
        await asyncio.gather(*(scene(client) for scene in scenes))
    found = {}
    async for execution in client.list_workflows():
        handle = client.get_workflow_handle(execution.id, run_id=execution.run_id)
        found[f"{execution.id} {execution.run_id}"] = await fetch_history(handle)
    return found


async def test_everything_that_a_real_server_writes_is_understood(server, histories):
    """One test, as making the histories takes seconds."""
    seen = {event.type for history in histories.values() for event in history}
    assert set(KIND_OF) - seen == NEVER_WRITTEN

    for key, history in histories.items():
        assert history.closed, key
        assert key == f"{history.workflow_id} {history.run_id}"
        assert history.started == history.when(history.event(1))
        assert read_history(history.source.to_json()).events == history.events
        told = [explain(event, history, names=False) for event in history]
        assert not [sentence for sentence in told if "(without a name)" in sentence or "``" in sentence], key
        for event in history:
            assert history.events[event.id - 1] is event
            json.dumps(dict(event.attributes))
            if event.opened_by is not None:
                assert event in history.answers(event.opened_by)
            if event.task is not None:
                assert history.event(event.task).type == "WorkflowTaskCompleted"

    runs = {history.run_id: history for history in histories.values()}
    by_id: dict[str, list[History]] = {}
    for history in histories.values():
        by_id.setdefault(history.workflow_id, []).append(history)
    statuses = {name: sorted(h.status for h in each) for name, each in by_id.items()}
    assert statuses["parent"] == ["Completed", "ContinuedAsNew"]
    assert statuses["open"] == ["Completed", "Terminated"]
    assert statuses["late"] == ["TimedOut"]
    assert statuses["canceled"] == ["Canceled"]
    for name in ("parent", "failing"):  # a chain of two runs
        (first,) = (history for history in by_id[name] if history.next_run_id)
        assert runs[first.next_run_id].workflow_id == name
        assert runs[first.next_run_id].next_run_id is None

    history = by_id["activities"][0]
    stumbled = [event for event in history if event.name == "stumble"]
    assert [event.attempt for event in stumbled] == [None, 2, 2]
    assert stumbled[0].summary == "stumbles once"
    assert stumbled[0].attributes["retry_policy"]["initial_interval_seconds"] == 0.02
    (refused,) = (event for event in history if event.type == "ActivityTaskFailed")
    assert (refused.failure.type, refused.failure.non_retryable) == ("CardBlocked", True)
    assert refused.failure.details == ({"card": 7},)
    assert "test_reading" not in refused.failure.stack
    assert "every_event.py" in refused.failure.stack

    reset = next(history for history in by_id["open"] if history.status == "Completed")
    accepted = next(event for event in reset if event.type == "WorkflowExecutionUpdateAccepted")
    assert (accepted.name, accepted.payloads["input"]) == ("add", ("second",)), (
        "told by the admitted event only"
    )

    cli = run_cli(
        server._held.info.binary.path,
        "workflow show -w activities -o json",
        address=server.address,
        namespace="default",
    )
    assert read_history(cli.stdout) == history
