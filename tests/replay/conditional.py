"""Workflows whose replays depend on what they ran under."""

from __future__ import annotations

import time
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    import pydantic


class Amount(pydantic.BaseModel):
    """What only pydantic's converter decodes with its own types."""

    cents: int
    when: timedelta


class Money:
    """What only a converter of its own decodes."""

    def __init__(self, cents: int) -> None:
        self.cents = cents


@workflow.defn
class OfAmount:
    @workflow.run
    async def run(self, amount: Amount) -> int:
        await workflow.sleep(amount.when / 1000)
        return amount.cents


@workflow.defn
class OfMoney:
    @workflow.run
    async def run(self, money: Money) -> int:
        await workflow.sleep(0.001)
        return money.cents


@workflow.defn
class OfText:
    @workflow.run
    async def run(self, text: str) -> str:
        await workflow.sleep(0.001)
        return text.upper()


@workflow.defn
class Refusing:
    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(0.001)
        raise ValueError("no")


@workflow.defn
class Clock:
    """Does what the standard sandbox refuses."""

    @workflow.run
    async def run(self) -> bool:
        await workflow.sleep(0.001)
        return time.time() > 0
