"""Workflows for the history `data/many50.json` that do not come back, or fail."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time

from temporalio import workflow


class Rude:
    def __repr__(self) -> str:
        while True:
            pass


class Slow:
    def __repr__(self) -> str:
        time.sleep(0.1)
        return "slow"


@workflow.defn(name="Many")
class Spins:
    @workflow.run
    async def run(self, rounds: int) -> int:
        while True:
            rounds += 1


@workflow.defn(name="Many")
class SpinsAndCatches:
    @workflow.run
    async def run(self, rounds: int) -> int:
        while True:
            try:
                rounds += 1
            except Exception:  # noqa: BLE001 - it is naughty
                rounds = 0


@workflow.defn(name="Many")
class SpinsInALibrary:
    @workflow.run
    async def run(self, rounds: int) -> int:
        while json.dumps([rounds] * 1000):
            pass
        return rounds


@workflow.defn(name="Many")
class SpinsWithAwait:
    @workflow.run
    async def run(self, rounds: int) -> int:
        while rounds:  # noqa: ASYNC110 - it is naughty
            await asyncio.sleep(0)
        return rounds


@workflow.defn(name="Many")
class SpinsWhenMade:
    def __init__(self) -> None:
        while True:
            pass

    @workflow.run
    async def run(self, rounds: int) -> int:
        return rounds


@workflow.defn(name="Many")
class HoldsSomethingRude:
    def __init__(self) -> None:
        self.rude = Rude()

    @workflow.run
    async def run(self, rounds: int) -> int:
        return rounds


@workflow.defn(name="Many", sandboxed=False)
class HoldsSomethingSlow:
    def __init__(self) -> None:
        self.slow = Slow()

    @workflow.run
    async def run(self, rounds: int) -> int:
        while True:
            rounds += 1


@workflow.defn(name="Many")
class NeverLetsGo:
    @workflow.run
    async def run(self, rounds: int) -> int:
        while rounds:
            with contextlib.suppress(BaseException):
                await asyncio.sleep(1)
        return rounds


@workflow.defn(name="Many")
class CatchesTenTimes:
    @workflow.run
    async def run(self, rounds: int) -> int:
        for _ in range(10):
            with contextlib.suppress(BaseException):
                while True:
                    pass
        return rounds


@workflow.defn(name="Many", sandboxed=False)
class BlocksOnItsWayOut:
    @workflow.run
    async def run(self, rounds: int) -> int:
        try:
            await asyncio.sleep(1)
        finally:
            time.sleep(2)  # noqa: ASYNC251 - it is naughty
        return rounds


@workflow.defn(name="Many")
class Fails:
    @workflow.run
    async def run(self, rounds: int) -> int:
        prices: dict[str, int] = {}
        try:
            return self.price(prices)
        finally:
            prices["apple"] = rounds

    def price(self, prices: dict[str, int]) -> int:
        return prices["apple"]  # here


SPINNING = [
    Spins,
    CatchesTenTimes,
    SpinsAndCatches,
    SpinsInALibrary,
    SpinsWithAwait,
    SpinsWhenMade,
    HoldsSomethingRude,
]
