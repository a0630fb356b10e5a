"""A replay runs under what the run itself ran under: data converter, sandbox, plugins, interceptors."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowFailureError
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    EncodingPayloadConverter,
    ExternalStorage,
    StorageDriver,
    StorageDriverClaim,
)
from temporalio.plugin import SimplePlugin
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    UnsandboxedWorkflowRunner,
    Worker,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxMatcher, SandboxRestrictions

from tests.replay.conditional import Amount, Clock, Money, OfAmount, OfMoney, OfText, Refusing
from tests.support.cell_kernel import Kernel
from tests.support.hiding import Hide
from tutorial_lib import Lab
from tutorial_lib.errors import HistoryError


class MoneyConverter(EncodingPayloadConverter):
    encoding = "text/money"

    def to_payload(self, value: Any) -> Payload | None:
        if not isinstance(value, Money):
            return None
        return Payload(metadata={"encoding": self.encoding.encode()}, data=str(value.cents).encode())

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:
        del type_hint
        return Money(int(payload.data))


class MoneyConverters(CompositePayloadConverter):
    def __init__(self) -> None:
        super().__init__(MoneyConverter(), *DefaultPayloadConverter.default_encoding_payload_converters)


class Shelf(StorageDriver):
    """Payloads in this process' memory."""

    def __init__(self) -> None:
        self.stored: dict[str, bytes] = {}

    def name(self) -> str:
        return "shelf"

    async def store(self, context: Any, payloads: Sequence[Payload]) -> list[StorageDriverClaim]:
        del context
        claims = []
        for payload in payloads:
            key = str(len(self.stored))
            self.stored[key] = payload.SerializeToString()
            claims.append(StorageDriverClaim(claim_data={"key": key}))
        return claims

    async def retrieve(self, context: Any, claims: Sequence[StorageDriverClaim]) -> list[Payload]:
        del context
        return [Payload.FromString(self.stored[claim.claim_data["key"]]) for claim in claims]


class Patient(Interceptor):
    """Has each workflow begin with a timer."""

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002 - the SDK's name
    ) -> type[WorkflowInboundInterceptor]:
        del input
        return Waiting


class Waiting(WorkflowInboundInterceptor):
    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002 - the SDK's name
        await asyncio.sleep(0.002)
        return await super().execute_workflow(input)


SHELF = Shelf()
CONVERTERS: Mapping[str, tuple[DataConverter, Any, Any]] = {
    "codec": (DataConverter(payload_codec=Hide()), OfText, "ada"),
    "pydantic": (pydantic_data_converter, OfAmount, Amount(cents=7, when=timedelta(seconds=1))),
    "own": (
        dataclasses.replace(DataConverter.default, payload_converter_class=MoneyConverters),
        OfMoney,
        Money(1),
    ),
    "external storage": (
        DataConverter(external_storage=ExternalStorage([SHELF], payload_size_threshold=0)),
        OfText,
        "ada",
    ),
    "both": (
        DataConverter(
            payload_codec=Hide(), external_storage=ExternalStorage([SHELF], payload_size_threshold=0)
        ),
        OfText,
        "ada",
    ),
}


def assert_it_agrees(recording: Any) -> None:
    assert recording.error is None, recording.error
    assert recording.divergence is None
    assert recording.history.unreadable == {}


@pytest.mark.parametrize("name", CONVERTERS)
async def test_a_run_is_replayed_with_its_clients_data_converter(lab: Lab, name: str):
    converter, made, given = CONVERTERS[name]
    client = await Client.connect(lab.address, namespace=lab.namespace, data_converter=converter)
    async with Worker(client, task_queue="q", workflows=[made]):
        handle = await client.start_workflow(made.run, given, id="one", task_queue="q")
        await handle.result()
    assert_it_agrees(await lab.replay(handle, made))
    history = await lab.history(handle)
    assert_it_agrees(await lab.replay(history, made))
    table = await lab.history_table(handle)
    assert not [row for row in table.records() if "bytes>" in str(row["values"]) or "external" in row["says"]]
    table.close()


OPTIONS: Mapping[str, tuple[Any, dict[str, Any]]] = {
    "failure types": (Refusing, {"workflow_failure_exception_types": [ValueError]}),
    "unsandboxed": (Clock, {"workflow_runner": UnsandboxedWorkflowRunner()}),
    "restrictions": (
        Clock,
        {
            "workflow_runner": SandboxedWorkflowRunner(
                restrictions=dataclasses.replace(
                    SandboxRestrictions.default, invalid_module_members=SandboxMatcher()
                )
            )
        },
    ),
    "interceptor": (
        Refusing,
        {"interceptors": [Patient()], "workflow_failure_exception_types": [ValueError]},
    ),
    "plugin": (
        Refusing,
        {"plugins": [SimplePlugin("strict", workflow_failure_exception_types=[ValueError])]},
    ),
}


@pytest.mark.parametrize("name", OPTIONS)
async def test_a_run_is_replayed_with_its_workers_options(lab: Lab, name: str):
    made, options = OPTIONS[name]
    lab.start_worker(task_queue="q", workflows=[made], **options)
    handle = await lab.client.start_workflow(made.run, id="one", task_queue="q")
    with contextlib.suppress(WorkflowFailureError):
        await handle.result()
    assert_it_agrees(await lab.replay(handle))
    assert_it_agrees(await lab.replay(await handle.fetch_history(), made))


async def test_a_plugin_is_around_a_replay_as_it_is_around_a_worker(lab: Lab):
    times: list[str] = []

    @contextlib.asynccontextmanager
    async def around() -> AsyncIterator[None]:
        times.append("begins")
        yield
        times.append("ends")

    plugin = SimplePlugin("around", run_context=around)
    lab.start_worker(task_queue="q", workflows=[OfText], plugins=[plugin])
    handle = await lab.client.start_workflow(OfText.run, "ada", id="one", task_queue="q")
    await handle.result()
    lab.workers[0].stop()
    times.clear()
    assert_it_agrees(await lab.replay(handle))
    assert times == ["begins", "ends"]


async def test_what_if_answers_in_the_form_of_the_runs_payloads(lab: Lab):
    client = await Client.connect(
        lab.address, namespace=lab.namespace, data_converter=DataConverter(payload_codec=Hide())
    )
    async with Worker(client, task_queue="q", workflows=[OfText]):
        handle = await client.start_workflow(OfText.run, "ada", id="one", task_queue="q")
        await handle.result()
    lab.start_worker(task_queue="elsewhere", workflows=[OfText])  # so that the class is known
    started = await lab.what_if(handle, 1, result="grace")
    assert started.history.event(1).payloads["input"] == ("grace",)
    [kept] = started.history.source.events[0].workflow_execution_started_event_attributes.input.payloads
    assert kept.metadata["encoding"] == b"hidden"
    assert started.error is None


CELL = """
%load_ext tutorial_lib
from tutorial_lib import open_lab
from temporalio import workflow
from temporalio.client import WorkflowFailureError
from temporalio.worker import Worker
lab = await open_lab("conditions")

@workflow.defn
class Refusing:
    @workflow.run
    async def run(self) -> None:
        raise ValueError("no")

async with Worker(
    lab.client, task_queue="q", workflows=[Refusing], workflow_failure_exception_types=[ValueError]
):
    handle = await lab.client.start_workflow(Refusing.run, id="one", task_queue="q")
    try:
        await handle.result()
    except WorkflowFailureError:
        pass
"""


def test_a_worker_that_a_cell_has_made_is_known(dev_server_address: str):
    with Kernel(dev_server_address) as kernel:
        kernel.good(CELL)
        out = kernel.good(
            "recording = await lab.replay(handle); print(recording.error, recording.divergence)"
        )
        assert out == "None None"


async def test_what_is_no_execution_is_told_with_what_to_give(lab: Lab):
    coroutine = lab.client.start_workflow(OfText.run, "ada", id="one", task_queue="q")
    cases: list[tuple[Any, str, str]] = [
        (coroutine, "this is a call of Client.start_workflow that nobody awaited", "handle = await"),
        (OfText, "OfText is a workflow class, not an execution", "await lab.step_through(handle, OfText)"),
        ("order-1", "cannot read 'order-1'", "lab.client.get_workflow_handle('order-1')"),
        (lab.client.get_schedule_handle("s"), "handle of a schedule", "names its latest runs"),
        (
            lab.client.get_async_activity_handle(workflow_id="w", run_id=None, activity_id="1"),
            "this is the handle of an activity, which has no event history of its own",
            "get_workflow_handle(WORKFLOW_ID)",
        ),
        (lab.client.get_activity_handle("a"), "this is the handle of an activity", "get_workflow_handle"),
    ]
    for given, seen, hint in cases:
        with pytest.raises(HistoryError) as caught:
            await lab.step_through(given)
        assert seen in caught.value.seen
        assert hint in caught.value.hint


async def test_an_open_run_without_a_worker_or_a_class_says_what_is_missing(lab: Lab):
    handle = await lab.client.start_workflow(OfText.run, "ada", id="one", task_queue="q")
    with pytest.raises(HistoryError, match="no worker has begun with 'one'") as caught:
        await lab.step_through(handle, OfText)
    assert "start a worker on its task queue 'q'" in caught.value.hint
    other = await Client.connect(lab.address, namespace=lab.namespace)
    async with Worker(other, task_queue="q", workflows=[OfText]):
        await handle.result()
    with pytest.raises(HistoryError, match="no class of workflow type 'OfText' is known here") as caught:
        await lab.step_through(handle)
    assert "step_through(handle, OfText)" in caught.value.hint
