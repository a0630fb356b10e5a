"""A workflow that ships parcels one after the other, and changed versions of it."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import timedelta

from temporalio import workflow

TIMEOUT = timedelta(seconds=10)
LONG = 1234567  # seconds


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
class PatientOrder:
    @workflow.run
    async def run(self, parcels: int) -> int:
        await asyncio.sleep(LONG)
        return parcels


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


@dataclasses.dataclass
class Tally:
    parcels: list[int] = dataclasses.field(default_factory=list)

    def add(self, number: int) -> int:
        self.parcels.append(number)  # sets: tally
        many = len(self.parcels)
        return abs(many)


@workflow.defn(name="Order")
class TalliedOrder:
    def __init__(self) -> None:
        self.tally = Tally()  # sets: tally
        self.many = 0  # sets: many
        self.paid = False  # sets: paid
        self.shipped = ""  # sets: shipped

    @workflow.run
    async def run(self, parcels: int) -> int:
        for number in range(parcels):
            self.shipped = await workflow.execute_activity(  # sets: shipped
                "ship", number, start_to_close_timeout=TIMEOUT
            )
            self.many = self.tally.add(number)  # sets: many
            pay(self)
        return self.many


def pay(order: TalliedOrder) -> str:
    order.paid = True  # sets: paid
    receipt = "paid"
    return receipt.title()
