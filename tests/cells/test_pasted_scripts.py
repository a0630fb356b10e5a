"""Scripts of the shapes that Temporal's documentation has, pasted into one cell as they are."""

from __future__ import annotations

import pytest

from tests.support.cell_kernel import Kernel

HEAD = """
import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from temporalio import activity, workflow
from temporalio.client import Client, WorkflowFailureError
from temporalio.client import Schedule, ScheduleActionStartWorkflow, ScheduleSpec
from temporalio.common import RetryPolicy
from temporalio.envconfig import ClientConfig
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.worker import Worker
"""
TAIL = """

if __name__ == "__main__":
    asyncio.run(main())
"""
SCRIPTS = {
    "threads": (
        """
@dataclass
class Parcel:
    weight: int

@activity.defn
def weigh(parcel: Parcel) -> int:
    time.sleep(0.01)
    activity.heartbeat()
    return parcel.weight

@workflow.defn
class Post:
    @workflow.run
    async def run(self, parcels: list[Parcel]) -> int:
        soon = timedelta(seconds=5)
        return sum(await asyncio.gather(*(
            workflow.execute_activity(weigh, parcel, start_to_close_timeout=soon) for parcel in parcels)))

async def main():
    config = ClientConfig.load_client_connect_config()
    config.setdefault("target_host", "localhost:7233")
    client = await Client.connect(**config)
    async with Worker(client, task_queue="post", workflows=[Post], activities=[weigh],
                      activity_executor=ThreadPoolExecutor(4)):
        print(await client.execute_workflow(Post.run, [Parcel(1), Parcel(2)], id="post", task_queue="post"))
""",
        "3",
    ),
    "messages": (
        """
@workflow.defn
class Basket:
    def __init__(self) -> None:
        self.items: list[str] = []
        self.closed = False

    @workflow.run
    async def run(self) -> list[str]:
        await workflow.wait_condition(lambda: self.closed)
        return self.items

    @workflow.signal
    def add(self, item: str) -> None:
        self.items.append(item)

    @workflow.query
    def size(self) -> int:
        return len(self.items)

    @workflow.update
    async def close(self) -> str:
        self.closed = True
        return "closed"

    @close.validator
    def check(self) -> None:
        if not self.items:
            raise ValueError("empty")

async def main():
    client = await Client.connect("localhost:7233")
    async with Worker(client, task_queue="basket", workflows=[Basket]):
        handle = await client.start_workflow(Basket.run, id="basket", task_queue="basket")
        await handle.signal(Basket.add, "tea")
        size, closed = await handle.query(Basket.size), await handle.execute_update(Basket.close)
        print(size, closed, await handle.result())
""",
        "1 closed ['tea']",
    ),
    "children": (
        """
@workflow.defn
class Leaf:
    @workflow.run
    async def run(self, n: int) -> int:
        return n * 10

@workflow.defn
class Tree:
    @workflow.run
    async def run(self, left: int, total: int = 0) -> int:
        total += await workflow.execute_child_workflow(Leaf.run, left)
        if left > 1:
            workflow.continue_as_new(args=[left - 1, total])
        return total

async def main():
    client = await Client.connect("localhost:7233")
    async with Worker(client, task_queue="tree", workflows=[Tree, Leaf]):
        print(await client.execute_workflow(Tree.run, 3, id="tree", task_queue="tree"))
""",
        "60",
    ),
    "cancellation": (
        """
@activity.defn
async def endless() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(0.05)

@activity.defn
async def tidy() -> str:
    return "tidied"

@workflow.defn
class Endless:
    @workflow.run
    async def run(self) -> None:
        try:
            await workflow.execute_activity(endless, start_to_close_timeout=timedelta(seconds=60),
                                            heartbeat_timeout=timedelta(seconds=1))
        finally:
            await workflow.execute_activity(tidy, start_to_close_timeout=timedelta(seconds=5))

async def main():
    client = await Client.connect("localhost:7233")
    async with Worker(client, task_queue="endless", workflows=[Endless], activities=[endless, tidy]):
        handle = await client.start_workflow(Endless.run, id="endless", task_queue="endless")
        await asyncio.sleep(0.3)
        await handle.cancel()
        try:
            await handle.result()
        except WorkflowFailureError as error:
            print(isinstance(error.cause, CancelledError))
""",
        "True",
    ),
    "local activity and failure": (
        """
class Refused(ApplicationError):
    pass

@activity.defn
async def once() -> str:
    return "once"

@activity.defn
async def refuse() -> None:
    raise ApplicationError("no", type="Refused", non_retryable=True)

@workflow.defn
class Mixed:
    @workflow.run
    async def run(self) -> str:
        first = await workflow.execute_local_activity(once, start_to_close_timeout=timedelta(seconds=5))
        try:
            await workflow.execute_activity(refuse, start_to_close_timeout=timedelta(seconds=5))
        except Exception as error:
            return f"{first} {error.cause.type}"

async def main():
    client = await Client.connect("localhost:7233")
    async with Worker(client, task_queue="mixed", workflows=[Mixed], activities=[once, refuse]):
        print(await client.execute_workflow(Mixed.run, id="mixed", task_queue="mixed"))
""",
        "once Refused",
    ),
    "asynchronous completion": (
        """
class Desk:
    def __init__(self, client: Client) -> None:
        self.client = client

    @activity.defn
    async def approve(self) -> str:
        asyncio.create_task(self.later(activity.info().task_token))
        activity.raise_complete_async()

    async def later(self, token: bytes) -> None:
        await self.client.get_async_activity_handle(task_token=token).complete("approved")

@workflow.defn
class Request:
    @workflow.run
    async def run(self) -> str:
        return await workflow.execute_activity_method(
            Desk.approve, start_to_close_timeout=timedelta(seconds=5))

async def main():
    client = await Client.connect("localhost:7233")
    desk = Desk(client)
    async with Worker(client, task_queue="desk", workflows=[Request], activities=[desk.approve]):
        print(await client.execute_workflow(Request.run, id="desk", task_queue="desk"))
""",
        "approved",
    ),
    "schedule": (
        """
@workflow.defn
class Report:
    @workflow.run
    async def run(self, name: str) -> str:
        return f"report for {name}"

async def main():
    client = await Client.connect("localhost:7233")
    async with Worker(client, task_queue="report", workflows=[Report]):
        action = ScheduleActionStartWorkflow(Report.run, "ada", id="report", task_queue="report")
        schedule = await client.create_schedule("reports", Schedule(action=action, spec=ScheduleSpec()),
                                                trigger_immediately=True)
        while not (recent := (await schedule.describe()).info.recent_actions):
            await asyncio.sleep(0.05)
        print(await client.get_workflow_handle(recent[0].action.workflow_id).result())
        await schedule.delete()
""",
        "report for ada",
    ),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_runs_in_one_cell(kernel: Kernel, name: str) -> None:
    body, expected = SCRIPTS[name]
    output = kernel.run(HEAD + body + TAIL)
    assert not output.error
    assert output.text == f"{expected}\n"
