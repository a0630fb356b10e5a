"""A workflow that ships parcels one after the other, and changed versions of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow

TIMEOUT = timedelta(seconds=10)


@workflow.defn(name="Order")
class Order:
    def __init__(self) -> None:
        self.shipped = 0
        self.customer = "Ada"

    @workflow.run
    async def run(self, parcels: int) -> int:
        for number in range(parcels):
            await workflow.execute_activity("ship", number, start_to_close_timeout=TIMEOUT)
            self.shipped += 1
        return self.shipped


@workflow.defn(name="Order")
class SlowOrder:
    def __init__(self) -> None:
        self.shipped = 0
        self.customer = "Ada"

    @workflow.run
    async def run(self, parcels: int) -> int:
        for number in range(parcels):
            if number:
                await asyncio.sleep(5)  # new: a pause between two parcels
            await workflow.execute_activity("ship", number, start_to_close_timeout=TIMEOUT)
            self.shipped += 1
        return self.shipped


@workflow.defn(name="Order")
class CountingOrder:
    def __init__(self) -> None:
        self.shipped = 0
        self.customer = "Ada"

    @workflow.run
    async def run(self, parcels: int) -> int:
        for number in range(parcels):
            await workflow.execute_activity("ship", number, start_to_close_timeout=TIMEOUT)
            self.shipped += 2
        return self.shipped


@workflow.defn(name="Order")
class FailingOrder:
    @workflow.run
    async def run(self, parcels: int) -> int:
        raise KeyError(parcels)
