"""A wait that cannot end says why."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from datetime import timedelta

import pytest
from temporalio import activity
from temporalio.api.nexus.v1 import EndpointSpec, EndpointTarget
from temporalio.api.operatorservice.v1 import CreateNexusEndpointRequest
from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion, WorkflowIDConflictPolicy
from temporalio.service import RPCError
from temporalio.worker import Worker, WorkerDeploymentConfig

from tests.support.waiting import BACKSTOP, looks_async
from tests.support.workflows import (
    Buggy,
    Calling,
    Careless,
    Elsewhere,
    Failing,
    Greeting,
    Mended,
    Parent,
    Prepared,
    Sleeping,
    Unregistered,
    failing,
    greet,
)
from tutorial_lib import open_lab
from tutorial_lib.errors import ServerGoneError, WorkflowStuckError
from tutorial_lib.stage.look import Look
from tutorial_lib.stage.pollers import has_ended, heartbeats


@pytest.fixture
def worker(lab):
    return lab.start_worker(
        task_queue="greetings",
        workflows=[
            Buggy,
            Calling,
            Careless,
            Elsewhere,
            Failing,
            Greeting,
            Parent,
            Prepared,
            Sleeping,
            Unregistered,
        ],
        activities=[failing, greet],
    )


async def stuck(lab, workflow, *args, task_queue="greetings", timeout=3600.0, failing=False):
    """The error of a wait. Its own deadline is not what ends it: that is an hour.

    Args:
        failing: Whether an activity of it, or of its child, is to have failed before the wait begins.
    """
    handle = await lab.client.start_workflow(
        workflow,
        args=args,
        id="order-42",
        task_queue=task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
    )
    async for _ in looks_async():
        if not failing or await has_failed(lab, "order-42"):
            break
    with pytest.raises(WorkflowStuckError) as error:
        await lab.result(handle, timeout=timeout)
    return str(error.value)


async def has_failed(lab, workflow_id):
    found = (await lab.client.get_workflow_handle(workflow_id).describe()).raw_description
    if any(each.HasField("last_failure") for each in found.pending_activities):
        return True
    return any([await has_failed(lab, child.workflow_id) for child in found.pending_children])


async def test_no_worker_on_the_queue_names_the_likely_typo(lab, worker):
    message = await stuck(lab, "Greeting", "Ada", task_queue="greetngs")
    assert message == (
        "workflow 'order-42' waits: no worker polls 'greetngs', where its workflow task is\n"
        "  → a worker polls 'greetings': is one of the two names a typo?"
    )


async def test_without_any_worker_it_says_to_start_one(lab, unique):
    queue = unique("nobody's")
    message = await stuck(lab, "Greeting", "Ada", task_queue=queue)
    assert f"start a worker on {queue!r}; the workflow goes on as soon as one polls" in message


async def test_a_worker_on_the_same_queue_of_another_namespace_is_named(lab, client, unique):
    """As pasted code has it: `namespace="default"` here, nothing there."""
    queue = unique("greetings")
    async with Worker(client, task_queue=queue, workflows=[Greeting], activities=[greet]):
        message = await stuck(lab, "Greeting", "Ada", task_queue=queue)
    assert message == (
        f"workflow 'order-42' waits: no worker polls {queue!r} in namespace {lab.namespace!r}, where its "
        f"workflow task is\n  → start a worker on {queue!r} here; the one in namespace 'default' "
        f"cannot see this workflow: its client needs namespace={lab.namespace!r}"
    )
    # One that has stopped is not named, though the server lists it for minutes.
    handle = lab.client.get_workflow_handle("order-42")
    with pytest.raises(WorkflowStuckError) as error:
        await lab.result(handle)
    assert error.value.diagnosis.elsewhere == ()


async def test_a_killed_worker_does_not_count_as_a_poller(lab):
    process = lab.spawn_worker(task_queue="greetings", workflows=[Greeting], activities=[greet])
    process.kill()
    message = await stuck(lab, "Greeting", "Ada")
    assert "no worker polls 'greetings'" in message


async def test_a_stopped_worker_does_not_count_as_a_poller(lab, worker):
    worker.stop()
    message = await stuck(lab, "Greeting", "Ada")
    assert "no worker polls 'greetings'" in message


async def test_a_type_that_no_worker_knows(lab, worker):
    message = await stuck(lab, "greeting", "Ada")
    assert "Workflow class greeting is not registered on this worker" in message
    assert message.endswith(
        "→ the worker has 'Greeting': is one of the two names a typo (capitals count)? A type cannot be "
        "changed: terminate this one, and start 'Greeting'"
    )
    message = await stuck(lab, "Gretings", "Ada")
    assert "the worker has 'Greeting': is one of the two names a typo? A type" in message
    message = await stuck(lab, "Invoice", "Ada")
    assert (
        "give the worker `workflows=[..., Invoice]`, or terminate this one and start a type that" in message
    )
    assert f"({', '.join(sorted(each.__name__ for each in worker.spec.workflows))})" in message


async def test_a_queue_that_differs_in_capitals_only(lab, worker):
    message = await stuck(lab, "Greeting", "Ada", task_queue="GREETINGS")
    assert "a worker polls 'greetings': is one of the two names a typo (capitals count)?" in message


async def test_workers_that_the_lab_did_not_make_count_as_well(lab, unique):
    """A plain `Worker` of the SDK, as pasted code has it: known by what it reports to the server."""
    queue = unique("parcels")
    client = await Client.connect(lab.address, namespace=lab.namespace)  # the first worker reports at once
    async with Worker(client, task_queue=queue, workflows=[Greeting], activities=[greet]):
        async for _ in looks_async():
            if queue in {beat.task_queue for beat in await heartbeats(lab.client, lab.namespace)}:
                break
        message = await stuck(lab, "Greeting", "Ada", task_queue=queue + "s")
    assert f"a worker polls {queue!r}: is one of the two names a typo?" in message


async def test_one_that_stopped_before_the_lab_was_opened_again_is_no_poller(lab):
    """The server lists it for minutes; the lab that knew it is another."""
    lab.start_worker(task_queue="greetings", workflows=[Greeting], activities=[greet])
    again = await open_lab(lab.name)
    message = await stuck(again, "Greeting", "Ada")
    assert "no worker polls 'greetings'" in message


async def test_one_in_its_grace_period_is_no_poller(lab):
    """It ends its activity, and takes nothing new."""
    begun, end = threading.Event(), threading.Event()

    @activity.defn
    def busy() -> None:
        begun.set()
        end.wait(60)

    worker = lab.start_worker(
        task_queue="greetings",
        workflows=[Greeting],
        activities=[busy],
        graceful_shutdown_timeout=timedelta(seconds=60),
    )
    await lab.client.start_activity(
        busy, id="busy", task_queue="greetings", start_to_close_timeout=timedelta(seconds=90)
    )
    await asyncio.to_thread(begun.wait, 30)
    stopping = asyncio.create_task(asyncio.to_thread(worker.stop))
    while not any(map(has_ended, await heartbeats(lab.client, lab.namespace))):  # noqa: ASYNC110 - the server knows
        await asyncio.sleep(0.02)
    try:
        message = await stuck(lab, "Greeting", "Ada")
    finally:
        end.set()
        await stopping
    assert "no worker polls 'greetings'" in message


async def test_a_bug_in_workflow_code(lab, worker):
    message = await stuck(lab, "Buggy")
    assert "its workflow task fails and is retried: KeyError: 'card'" in message


async def test_code_that_was_mended_is_waited_for_until_it_has_been_tried(lab, worker):
    """One that fails again is not answered: the server waits for it, from the fourth on for seconds."""
    handle = await lab.client.start_workflow(
        "Buggy", id="order-42", task_queue="greetings", task_timeout=timedelta(seconds=1)
    )
    async for _ in looks_async():
        if (await handle.describe()).raw_description.pending_workflow_task.attempt == 4:
            break
    lab.start_worker(task_queue="greetings", workflows=[Mended])
    assert await lab.result(handle) == "charged"


async def test_an_activity_that_no_worker_knows(lab, worker):
    message = await stuck(lab, "Unregistered")
    assert "Activity function grete" in message
    assert "the worker has 'greet': is one of the two names a typo?" in message


async def test_an_activity_on_a_queue_without_workers(lab, worker):
    message = await stuck(lab, "Elsewhere", "gpu")
    assert "no worker polls 'gpu', where its activity 'greet' is" in message


async def test_a_child_is_looked_at_as_well(lab, worker):
    message = await stuck(lab, "Parent", "Greeting", "greetngs")
    assert message == (
        "workflow 'order-42' waits: its child workflow 'Greeting' waits: no worker polls 'greetngs', where "
        "its workflow task is\n  → a worker polls 'greetings': is one of the two names a typo?"
    )
    message = await stuck(lab, "Parent", "Buggy", "greetings")
    assert (
        "its child workflow 'Buggy' waits: its workflow task fails and is retried: KeyError: 'card'"
        in message
    )
    message = await stuck(lab, "Parent", "Unregistered", "greetings")
    assert "its child workflow 'Unregistered' waits: activity 'grete' fails" in message


async def test_a_child_that_works_is_no_mistake(lab, worker):
    message = await stuck(
        lab, "Parent", "Failing", "greetings", timeout=4, failing=True
    )  # short: it is to pass
    assert message.startswith(
        "workflow 'order-42' is still running after 4 s: its child workflow 'Failing' waits"
    )


@pytest.fixture
async def endpoint(lab, unique):
    """A Nexus endpoint that leads to the queue "cards" of the lab's namespace. Returns its name."""
    name = unique("cards")
    target = EndpointTarget(worker=EndpointTarget.Worker(namespace=lab.namespace, task_queue="cards"))
    await lab.client.operator_service.create_nexus_endpoint(
        CreateNexusEndpointRequest(spec=EndpointSpec(name=name, target=target))
    )
    return name


async def test_a_nexus_operation_whose_queue_nobody_polls(lab, worker, endpoint):
    message = await stuck(lab, "Calling", endpoint)
    assert "no worker polls 'cards', where its Nexus operation 'charge' is" in message


WRONG_STARTS = [
    ("Greeting", (), "Greeting.run() missing 1 required positional argument: 'name'"),
    ("Greeting", ("Ada", "Bob"), "Greeting.run() takes 2 positional arguments but 3 were given"),
    ("Greeting", ({"name": "Ada"},), "Expected value to be str, was <class 'dict'>"),
    ("Prepared", (), "Prepared.__init__() missing 1 required positional argument: 'name'"),
]


async def test_what_it_was_started_with_does_not_change(lab):
    # In a process of its own: what cannot be decoded leaves a coroutine of the SDK's that nobody awaits.
    lab.spawn_worker(task_queue="greetings", workflows=[Greeting, Prepared])
    for workflow, arguments, error in WRONG_STARTS:
        message = await stuck(lab, workflow, *arguments)
        assert error in message
        assert message.endswith(
            "→ what a workflow was started with cannot be changed: terminate this one, and start it with "
            "what its `run` takes"
        )


async def test_a_wrong_call_in_its_code_can_be_mended(lab, worker):
    message = await stuck(lab, "Careless", "Ada")
    assert "Careless.greeting() takes 2 positional arguments but 3 were given" in message
    assert "fix the code, make a new worker, and it goes on" in message


def versioned(lab, build: str, queue: str):
    version = WorkerDeploymentVersion("shop", build)
    return lab.spawn_worker(
        task_queue=queue,
        name=build,
        workflows=[Prepared],
        deployment_config=WorkerDeploymentConfig(
            version=version, use_worker_versioning=True, default_versioning_behavior=VersioningBehavior.PINNED
        ),
    )


async def current(lab, build: str) -> None:
    """Make a version the current one, as soon as the server knows it."""

    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=lab.namespace, deployment_name="shop", build_id=build
    )
    async for _ in looks_async():
        with contextlib.suppress(RPCError):
            await lab.client.workflow_service.set_worker_deployment_current_version(request)
            break


async def test_a_version_of_the_workers_that_is_not_current_is_named(lab, unique):
    queue = unique("versions")
    first = versioned(lab, "1.0", queue)
    message = await stuck(lab, "Prepared", "Ada", task_queue=queue)
    assert message == (
        f"workflow 'order-42' waits: of the versions of the workers that poll {queue!r} none is the current "
        "one\n  → `temporal worker deployment set-current-version --deployment-name shop --build-id 1.0`"
    )
    await current(lab, "1.0")
    handle = lab.client.get_workflow_handle("order-42")
    assert await lab.result(handle, timeout=BACKSTOP) == "Ada"
    versioned(lab, "2.0", queue)
    first.kill()
    message = await stuck(lab, "Prepared", "Ada", task_queue=queue)
    assert message == (
        f"workflow 'order-42' waits: no worker of version 'shop.1.0' polls {queue!r}, which is the current "
        "one\n  → start a worker of that version, or make another version the current one"
    )


async def test_an_activity_that_fails_may_still_succeed_so_the_wait_lasts(lab, worker):
    message = await stuck(
        lab,
        "Failing",
        timeout=4.0,  # short: longer than a hopeless state lasts
        failing=True,
    )
    assert "is still running after 4 s: activity 'failing' fails and is retried" in message
    assert "the bank is closed" in message


async def test_a_workflow_that_only_sleeps_is_no_mistake(lab, worker):
    message = await stuck(lab, "Sleeping", 600.0, timeout=2.0)  # short: it is waited for
    assert message.startswith("workflow 'order-42' is still running after 2 s")


async def test_a_failed_workflow_raises_the_sdks_own_error(lab, worker):
    handle = await lab.client.start_workflow("Sleeping", 600.0, id="order-42", task_queue="greetings")
    await handle.terminate("enough")
    with pytest.raises(WorkflowFailureError):
        await lab.result(handle)


async def test_a_result_that_the_server_forgot_to_tell_is_asked_for_anew(lab, worker, monkeypatch):
    """A busy server drops the news of an event, and whoever waits hears nothing for 20 seconds."""
    result, asked = WorkflowHandle.result, []

    async def dropped_once(handle):
        asked.append(handle.id)
        if len(asked) == 1:
            await asyncio.Future()
        return await result(handle)

    monkeypatch.setattr(WorkflowHandle, "result", dropped_once)
    handle = await lab.client.start_workflow(Greeting.run, "Ada", id="forgotten", task_queue="greetings")
    assert await lab.result(handle, timeout=BACKSTOP) == "Hello, Ada!"
    assert asked == ["forgotten", "forgotten"]


async def test_ctrl_c_while_waiting_leaves_the_workflow_running(lab, worker):
    handle = await lab.client.start_workflow("Sleeping", 600.0, id="order-42", task_queue="greetings")
    waiting = asyncio.create_task(lab.result(handle))
    await asyncio.sleep(1.2)  # short: it may be interrupted at any moment
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (await handle.describe()).status.name == "RUNNING"


async def test_a_cancellation_counts_in_the_moment_when_a_look_is_done(lab, worker, monkeypatch):
    """`asyncio.wait_for` of Python 3.11 loses it then, and the learner's stop would have done nothing."""
    handle = await lab.client.start_workflow("Sleeping", 600.0, id="order-42", task_queue="greetings")
    waiting = asyncio.create_task(lab.result(handle))
    looked = Look.__call__

    async def cancelled_meanwhile(look):
        seen = await looked(look)
        waiting.cancel()
        return seen

    monkeypatch.setattr(Look, "__call__", cancelled_meanwhile)
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_server_that_goes_meanwhile_is_told_at_once(own_state):
    lab = await open_lab("lesson-99")
    lab.start_worker(task_queue="greetings", workflows=[Sleeping])
    handle = await lab.client.start_workflow(Sleeping.run, 600.0, id="order-42", task_queue="greetings")
    waiting = asyncio.create_task(lab.result(handle, timeout=3600))
    await asyncio.sleep(0.7)  # short: the server may go at any moment
    os.kill(lab.server.pid, signal.SIGKILL)
    with pytest.raises(ServerGoneError, match="was ended by SIGKILL"):
        await waiting
    lab.close()


async def test_a_server_that_is_suspended_is_no_verdict_about_the_workflow(own_state):
    lab = await open_lab("suspended")
    lab.start_worker(task_queue="greetings", workflows=[Sleeping], activities=[greet])
    handle = await lab.client.start_workflow(Sleeping.run, 60.0, id="order-42", task_queue="greetings")
    server = lab.server.pid
    os.kill(server, signal.SIGSTOP)
    try:
        with pytest.raises(ServerGoneError, match=r"the Temporal server at \S+ does not answer\n.*suspended"):
            await lab.result(handle, timeout=2)  # short: a suspended server never answers
        with pytest.raises(ServerGoneError, match="does not answer"):
            lab.cli("workflow list", timeout=2)  # short: the same
        with pytest.raises(ServerGoneError, match="does not answer"):
            await lab.wait_for_start("WorkflowId = 'x'", what="start it", stand_in="--version", patience=0.1)
    finally:
        os.kill(server, signal.SIGCONT)
    lab.close()


@pytest.mark.parametrize("start", ["start_worker", "spawn_worker"])
async def test_a_worker_that_cannot_start_on_a_suspended_server_says_so(own_state, monkeypatch, start):
    monkeypatch.setattr("tutorial_lib.stage.workers.embedded.START_DEADLINE", 3.0)
    monkeypatch.setattr("tutorial_lib.stage.workers.process.START_DEADLINE", 3.0)
    lab = await open_lab("suspended")
    server = lab.server.pid
    os.kill(server, signal.SIGSTOP)
    try:
        with pytest.raises(ServerGoneError, match="does not answer"):
            getattr(lab, start)(task_queue="greetings", workflows=[Greeting], activities=[greet])
    finally:
        os.kill(server, signal.SIGCONT)
    lab.close()
