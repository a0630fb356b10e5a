"""What the tests of live views run."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy

SOON = timedelta(seconds=90)  # a backstop


@activity.defn
async def charge(attempts: int) -> str:
    await asyncio.sleep(0.3)
    if activity.info().attempt < attempts:
        raise RuntimeError("the bank is closed")
    return "charged"


@workflow.defn
class Order:
    @workflow.run
    async def run(self, attempts: int) -> str:
        return await workflow.execute_activity(
            charge,
            attempts,
            start_to_close_timeout=SOON,
            retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), backoff_coefficient=1),
        )


@workflow.defn
class Chain:
    @workflow.run
    async def run(self, more: int) -> str:
        await workflow.execute_activity(charge, 0, start_to_close_timeout=SOON)
        if more:
            workflow.continue_as_new(more - 1)
        return "the end"


@workflow.defn
class Waiting:
    def __init__(self) -> None:
        self.done = False

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: self.done)

    @workflow.signal
    def finish(self) -> None:
        self.done = True
