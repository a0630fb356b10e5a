"""Definitions that tests of the stage run, in a module as a learner's project has them."""

from __future__ import annotations

import asyncio
import os
import time
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy

SOON = timedelta(seconds=90)  # a backstop


@activity.defn
async def greet(name: str) -> str:
    return f"Hello, {name}!"


@activity.defn
def greet_sync(name: str) -> str:
    return f"Hi, {name}!"


@activity.defn
def whoami() -> int:
    return os.getpid()


@activity.defn
def stubborn(seconds: float) -> None:
    time.sleep(seconds)


@workflow.defn
class Greeting:
    @workflow.run
    async def run(self, name: str) -> str:
        return await workflow.execute_activity(greet, name, start_to_close_timeout=SOON)


@workflow.defn
class SyncGreeting:
    @workflow.run
    async def run(self, name: str) -> str:
        return await workflow.execute_activity(greet_sync, name, start_to_close_timeout=SOON)


@workflow.defn
class WhoRunsIt:
    @workflow.run
    async def run(self) -> int:
        return await workflow.execute_activity(whoami, start_to_close_timeout=SOON)


@workflow.defn
class Ticking:
    """Counts activities until it is told to stop."""

    def __init__(self) -> None:
        self.ticks = 0
        self.done = False

    @workflow.run
    async def run(self) -> int:
        while not self.done:
            await workflow.execute_activity(greet, "tick", start_to_close_timeout=SOON)
            self.ticks += 1
            await asyncio.sleep(0.1)
        return self.ticks

    @workflow.signal
    def stop(self) -> None:
        self.done = True

    @workflow.query
    def count(self) -> int:
        return self.ticks


@workflow.defn
class Buggy:
    @workflow.run
    async def run(self) -> str:
        raise KeyError("card")


@workflow.defn(name="Buggy")
class Mended:
    @workflow.run
    async def run(self) -> str:
        return "charged"


@workflow.defn
class Elsewhere:
    @workflow.run
    async def run(self, task_queue: str) -> str:
        return await workflow.execute_activity(
            "greet", "Ada", task_queue=task_queue, start_to_close_timeout=SOON
        )


@workflow.defn
class Unregistered:
    @workflow.run
    async def run(self) -> str:
        return await workflow.execute_activity("grete", "Ada", start_to_close_timeout=SOON)


@workflow.defn
class Parent:
    @workflow.run
    async def run(self, child: str, task_queue: str) -> str:
        return await workflow.execute_child_workflow(child, task_queue=task_queue, result_type=str)


@workflow.defn
class Calling:
    """Calls a Nexus operation by an endpoint's name."""

    @workflow.run
    async def run(self, endpoint: str) -> str:
        caller = workflow.create_nexus_client(service="Cards", endpoint=endpoint)
        return await caller.execute_operation("charge", "Ada", output_type=str)


@workflow.defn
class Prepared:
    """Takes its input in `__init__` as well."""

    @workflow.init
    def __init__(self, name: str) -> None:
        self.name = name

    @workflow.run
    async def run(self, name: str) -> str:
        return name


@workflow.defn
class Careless:
    """Calls its own function in a wrong way: no matter of what it was started with."""

    @workflow.run
    async def run(self, name: str) -> str:
        return self.greeting(name, name)  # type: ignore[call-arg]

    def greeting(self, name: str) -> str:
        return name


@workflow.defn
class Failing:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(
            failing,
            start_to_close_timeout=SOON,
            retry_policy=RetryPolicy(maximum_interval=timedelta(seconds=1)),
        )


@activity.defn
async def failing() -> None:
    raise RuntimeError("the bank is closed")


@workflow.defn
class Sleeping:
    @workflow.run
    async def run(self, seconds: float) -> str:
        await asyncio.sleep(seconds)
        return "rested"


@activity.defn
async def touch(n: int) -> int:
    return n


@workflow.defn
class Touching:
    @workflow.run
    async def run(self) -> int:
        for n in range(2):
            await workflow.execute_activity(touch, n, start_to_close_timeout=timedelta(seconds=10))
        return 2
