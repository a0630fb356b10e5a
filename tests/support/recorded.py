"""The workflows behind the histories in `tests/data`, recorded once with `temporal workflow show`."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

SHORT = {"start_to_close_timeout": timedelta(seconds=5)}


@activity.defn
async def reserve(what: str) -> str: ...


@activity.defn
async def charge(what: str) -> str: ...


@activity.defn
async def ship(what: str) -> str: ...


@activity.defn
async def undo(what: str) -> str: ...


@activity.defn
async def slow(seconds: float) -> str: ...


@workflow.defn
class Saga:
    def __init__(self) -> None:
        self.undo: list[str] = []

    @workflow.run
    async def run(self, order: str) -> str:
        quick = RetryPolicy(initial_interval=timedelta(milliseconds=50))
        try:
            for step in (reserve, charge, ship):
                await workflow.execute_activity(step, order, retry_policy=quick, **SHORT)
                self.undo.append(step.__name__)
        except ActivityError:
            for name in reversed(self.undo):
                await workflow.execute_activity(undo, name, **SHORT)
            return "rolled back"
        return "done"


@workflow.defn
class Kid:
    @workflow.run
    async def run(self, number: int) -> int: ...


@workflow.defn
class Family:
    def __init__(self) -> None:
        self.total = 0

    async def one(self, number: int) -> None:
        kid = f"{workflow.info().workflow_id}-kid{number}"
        self.total += await workflow.execute_child_workflow(Kid.run, number, id=kid)

    @workflow.run
    async def run(self) -> int:
        await asyncio.gather(self.one(1), self.one(2))
        return self.total


@workflow.defn
class Loop:
    @workflow.run
    async def run(self, left: int, per_run: int) -> str:
        for _ in range(per_run):
            await workflow.execute_activity(undo, str(left), **SHORT)
            left -= 1
            if left == 0:
                return "loop done"
        return workflow.continue_as_new(args=[left, per_run])


@workflow.defn
class Cart:
    def __init__(self) -> None:
        self.items: list[str] = []
        self.closed = False

    @workflow.run
    async def run(self) -> list[str]:
        await workflow.wait_condition(lambda: self.closed)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self.items

    @workflow.update
    async def add(self, item: str) -> int:
        await workflow.execute_activity(reserve, item, **SHORT)
        self.items.append(item)
        return len(self.items)

    @workflow.update
    def close(self) -> str:
        self.closed = True
        return "closed"


@workflow.defn(name="Cart")
class RefusingCart(Cart):
    """It accepts what is added, and fails it in the end."""

    @workflow.run
    async def run(self) -> list[str]:
        return await super().run()

    @workflow.update
    async def add(self, item: str) -> int:
        await super().add(item)
        raise ApplicationError(f"{item} is sold out")


@workflow.defn
class Many:
    @workflow.run
    async def run(self, rounds: int) -> int:
        done = 0
        for number in range(rounds):
            await workflow.execute_activity(undo, str(number), **SHORT)
            done += 1
        return done


@workflow.defn
class Locals:
    @workflow.run
    async def run(self, long: float) -> list[str]:
        out = []
        out.append(await workflow.execute_local_activity(undo, "l1", **SHORT))
        out.append(await workflow.execute_local_activity(undo, "l2", **SHORT))
        out.append(
            await workflow.execute_local_activity(slow, long, start_to_close_timeout=timedelta(seconds=20))
        )
        out.append(await workflow.execute_activity(undo, "a3", **SHORT))
        return out


@workflow.defn
class Mixed:
    """A patch, a workflow task that failed, a cancellation, several signals in one task."""

    def __init__(self) -> None:
        self.got: list[int] = []

    @workflow.run
    async def run(self) -> str:
        if workflow.patched("v2"):
            await workflow.execute_activity(undo, "patched", **SHORT)
        try:
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            await workflow.execute_activity(undo, f"cleanup {self.got}", **SHORT)
            raise
        return "x"

    @workflow.signal
    def sig(self, number: int) -> None:
        self.got.append(number)


ALL = [Saga, Family, Loop, Cart, Many, Locals, Mixed]
