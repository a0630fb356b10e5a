"""Workers of cells in this kernel and in processes: the same code, the same types, the same options."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import pytest

from tests.support.kernels import OPEN, Kernel, kernel
from tutorial_lib.stage import stop_server

CELLS = '''
import asyncio
from dataclasses import dataclass
from datetime import timedelta
from temporalio import activity, workflow
from temporalio.client import WorkflowFailureError
from temporalio.worker import ActivityInboundInterceptor, Interceptor

class Sold(Exception):
    """The last one has gone."""

@dataclass
class Order:
    item: str
    paid: bool = False

class Loud(ActivityInboundInterceptor):
    async def execute_activity(self, input):
        return f"{await super().execute_activity(input)}!"

class LoudInterceptor(Interceptor):
    def intercept_activity(self, next):
        return Loud(next)

class Store:
    def __init__(self, name):
        self.name = name

    @activity.defn
    async def ship(self) -> str:
        return f"shipped from {self.name}"

store = Store("north")
OPTIONS = {"workflow_failure_exception_types": [Sold], "interceptors": [LoudInterceptor()]}

@workflow.defn
class Buy:
    def __init__(self) -> None:
        self.order = None

    @workflow.run
    async def run(self, order: Order) -> str:
        if order.item == "nothing":
            raise Sold("nothing is left")
        self.order = self.order or order  # the signal may be there before
        assert isinstance(order, Order)
        await workflow.wait_condition(lambda: self.order.paid)
        return await workflow.execute_activity_method(
            Store.ship, schedule_to_close_timeout=timedelta(seconds=100)
        )

    @workflow.signal
    def pay(self, order: Order) -> None:
        assert isinstance(order, Order)
        self.order = order

async def bought(queue, item):
    handle = await lab.client.start_workflow(
        Buy.run, Order(item), id=f"{queue}-{item}", task_queue=queue,
        execution_timeout=timedelta(seconds=60))
    if item != "nothing":
        await handle.signal(Buy.pay, Order(item, paid=True))
    try:
        return await handle.result()
    except WorkflowFailureError as error:
        return f"{error.cause.type}: {error.cause.message}"
'''


def good(one: Kernel, source: str) -> str:
    """What a cell prints that must not fail."""
    ran = one.run(textwrap.dedent(source))
    assert ran.error is None, ran
    return ran.text


@pytest.fixture(scope="module")
def lab_kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    folder = tmp_path_factory.mktemp("cells")
    with kernel(folder / "state") as one:
        good(one, OPEN.format(name="cells"))
        good(one, CELLS)
        yield one
        stop_server(folder / "state")


@pytest.mark.parametrize("start", ["start_worker", "spawn_worker"])
def test_options_may_hold_classes_of_cells(lab_kernel: Kernel, start: str) -> None:
    good(
        lab_kernel,
        f"worker = lab.{start}(task_queue='{start}-q', workflows=[Buy], activities=[store.ship], **OPTIONS)",
    )
    assert good(lab_kernel, f"print(await bought('{start}-q', 'tea'))") == "shipped from north!\n"
    assert good(lab_kernel, f"print(await bought('{start}-q', 'nothing'))") == "Sold: nothing is left\n"


def test_a_run_that_begins_in_the_kernel_ends_in_a_process(lab_kernel: Kernel) -> None:
    told = good(
        lab_kernel,
        """
        first = lab.start_worker(task_queue="moves", workflows=[Buy], activities=[store.ship], **OPTIONS)
        handle = await lab.client.start_workflow(
            Buy.run, Order("tea"), id="moves", task_queue="moves", execution_timeout=timedelta(seconds=60))
        while len((await handle.fetch_history()).events) < 4:  # its first workflow task is done
            await asyncio.sleep(0.02)
        first.stop()
        second = lab.spawn_worker(task_queue="moves", workflows=[Buy], activities=[store.ship], **OPTIONS)
        await handle.signal(Buy.pay, Order("tea", paid=True))
        print(await handle.result())
        print(not [e for e in (await handle.fetch_history()).events
                   if e.HasField("workflow_task_failed_event_attributes")])
    """,
    )
    assert told == "shipped from north!\nTrue\n"


def test_an_option_that_lives_here_is_named(lab_kernel: Kernel) -> None:
    ran = lab_kernel.run(
        textwrap.dedent("""
        from concurrent.futures import ThreadPoolExecutor
        lab.spawn_worker(task_queue="pool", workflows=[Buy], activity_executor=ThreadPoolExecutor(1))
    """)
    )
    assert ran.error is not None
    assert "'activity_executor' (ThreadPoolExecutor) cannot be taken to another process." in ran.error
