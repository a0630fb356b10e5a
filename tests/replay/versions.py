"""Workflows in two versions: what ran, and a change that its history does not allow.

In each changed version the line to blame carries the comment `# here`.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from tests.replay.activities import NEVER, SOON, add, declines, greet
from tests.replay.more_workflows import Kid

QUICK = {"start_to_close_timeout": SOON}
LOCAL = {"start_to_close_timeout": NEVER}


class Base:
    """What most versions share: two activities in a row."""

    async def first(self) -> str:
        return await workflow.execute_activity(greet, "first", **QUICK)

    async def second(self) -> str:
        return await workflow.execute_activity(greet, "second", **QUICK)


@workflow.defn(name="two calls")
class TwoCalls(Base):
    @workflow.run
    async def run(self) -> str:
        return await self.first() + await self.second()


@workflow.defn(name="two calls")
class OtherActivityType:
    @workflow.run
    async def run(self) -> str:
        one = await workflow.execute_activity(greet, "first", **QUICK)
        two = await workflow.execute_activity(add, args=[1, 2], **QUICK)  # here
        return f"{one}{two}"


@workflow.defn(name="two calls")
class OverLines:
    @workflow.run
    async def run(self) -> str:
        one = await workflow.execute_activity(greet, "first", **QUICK)
        two = await workflow.execute_activity(
            add,
            args=[1, 2],
            **QUICK,
        )
        return f"{one}{two}"


@workflow.defn(name="two calls")
class ExtraSleep(Base):
    @workflow.run
    async def run(self) -> str:
        one = await self.first()
        await asyncio.sleep(0.01)  # here
        return one + await self.second()


@workflow.defn(name="two calls")
class DroppedCall(Base):
    @workflow.run
    async def run(self) -> str:
        return str(await self.first())  # here


@workflow.defn(name="two calls")
class AddedCall(Base):
    @workflow.run
    async def run(self) -> str:
        one = await self.first()
        await workflow.execute_activity(add, args=[1, 2], **QUICK)  # here
        return one + await self.second()


@workflow.defn(name="two calls")
class AddedCallAtTheEnd(Base):
    @workflow.run
    async def run(self) -> str:
        both = await self.first() + await self.second()
        await workflow.execute_activity(  # here
            add,
            args=[1, 2],
            **QUICK,
        )
        return both


@workflow.defn(name="two calls")
class LocalInstead(Base):
    @workflow.run
    async def run(self) -> str:
        one = await self.first()
        two = await workflow.execute_local_activity(greet, "second", **LOCAL)  # here
        return one + two


@workflow.defn(name="two calls")
class Raises(Base):
    @workflow.run
    async def run(self) -> str:
        await self.first()
        raise ApplicationError("no second call")  # here


@workflow.defn(name="two calls")
class WaitsForNothing(Base):
    @workflow.run
    async def run(self) -> str:
        await self.first()
        await workflow.wait_condition(lambda: False)  # here
        return "never"


@workflow.defn(name="two calls")
class ContinuesAsNew(Base):
    @workflow.run
    async def run(self) -> str:
        await self.first()
        await self.second()
        workflow.continue_as_new()  # here


@workflow.defn(name="a sleep")
class Sleeps:
    @workflow.run
    async def run(self) -> str:
        await asyncio.sleep(0.01)
        return await workflow.execute_activity(greet, "rested", **QUICK)


@workflow.defn(name="a sleep")
class RemovedSleep:
    @workflow.run
    async def run(self) -> str:
        return await workflow.execute_activity(greet, "rested", **QUICK)  # here


@workflow.defn(name="a timeout")
class WaitsWithTimeout:
    @workflow.run
    async def run(self) -> str:
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(lambda: False, timeout=timedelta(milliseconds=20))
        return "timed out"


@workflow.defn(name="a timeout")
class RemovedTimeout:
    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: False)  # here
        return "timed out"


@workflow.defn(name="a child")
class StartsChild:
    @workflow.run
    async def run(self) -> str:
        return await workflow.execute_child_workflow(Kid.run, "play", id=f"{workflow.info().workflow_id}/one")


@workflow.defn(name="a child")
class OtherChildId:
    @workflow.run
    async def run(self) -> str:
        other = f"{workflow.info().workflow_id}/two"
        return await workflow.execute_child_workflow(Kid.run, "play", id=other)  # here


@workflow.defn(name="an id")
class WithId:
    @workflow.run
    async def run(self) -> str:
        return await workflow.execute_activity(greet, "first", activity_id="one", **QUICK)


@workflow.defn(name="an id")
class OtherId:
    @workflow.run
    async def run(self) -> str:
        return await workflow.execute_activity(greet, "first", activity_id="two", **QUICK)  # here


@workflow.defn(name="a child")
class ActivityForChild:
    @workflow.run
    async def run(self) -> str:
        return await workflow.execute_activity(greet, "no child", **QUICK)  # here


@workflow.defn(name="an update")
class UpdatedWithActivity:
    def __init__(self) -> None:
        self.done = False

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: self.done and workflow.all_handlers_finished())

    @workflow.update
    async def say(self, name: str) -> str:
        text = await workflow.execute_activity(greet, name, **QUICK)
        self.done = True
        return text


@workflow.defn(name="an update")
class UpdatedWithout:
    def __init__(self) -> None:
        self.done = False

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: self.done and workflow.all_handlers_finished())

    @workflow.update
    async def say(self, name: str) -> str:
        self.done = True
        return name  # here


@workflow.defn(name="a patch")
class HasPatch(Base):
    @workflow.run
    async def run(self) -> str:
        if workflow.patched("new-greeting"):
            return await self.first()
        return ""


@workflow.defn(name="a patch")
class LostPatch(Base):
    @workflow.run
    async def run(self) -> str:
        return await workflow.execute_activity(greet, "first", **QUICK)  # here


@workflow.defn(name="in turn")
class InTurn(Base):
    async def both(self, number: int) -> str:
        one = await workflow.execute_activity(greet, f"{number}", **QUICK)
        return one + str(await workflow.execute_activity(add, args=[number, 1], **QUICK))

    @workflow.run
    async def run(self) -> list[str]:
        return [await self.both(1), await self.both(2)]


@workflow.defn(name="in turn")
class Concurrent:
    async def both(self, number: int) -> str:
        one = await workflow.execute_activity(greet, f"{number}", **QUICK)  # here
        return one + str(await workflow.execute_activity(add, args=[number, 1], **QUICK))

    @workflow.run
    async def run(self) -> list[str]:
        return list(await asyncio.gather(self.both(1), self.both(2)))


@workflow.defn(name="two at once")
class AtOnce:
    @workflow.run
    async def run(self) -> str:
        one = workflow.execute_activity(greet, "first", **QUICK)
        two = workflow.execute_activity(greet, "second", **QUICK)
        return str(await asyncio.gather(one, two))


@workflow.defn(name="two at once")
class InARow:
    @workflow.run
    async def run(self) -> str:
        one = await workflow.execute_activity(greet, "first", **QUICK)  # here
        return one + await workflow.execute_activity(greet, "second", **QUICK)


@workflow.defn(name="local")
class CallsLocally:
    @workflow.run
    async def run(self) -> str:
        return await workflow.execute_local_activity(greet, "near", **LOCAL)


@workflow.defn(name="local")
class CallsAfar:
    @workflow.run
    async def run(self) -> str:
        return await workflow.execute_activity(greet, "far", **QUICK)  # here


@workflow.defn(name="local")
class OtherLocal:
    @workflow.run
    async def run(self) -> str:
        return await workflow.execute_local_activity(declines, "near", **LOCAL)  # here


@workflow.defn(name="then local")
class ThenLocal(Base):
    @workflow.run
    async def run(self) -> str:
        one = await self.first()
        await asyncio.sleep(0.01)
        return one + await workflow.execute_local_activity(greet, "near", **LOCAL)


@workflow.defn(name="then local")
class OtherBeforeLocal:
    @workflow.run
    async def run(self) -> str:
        one = await workflow.execute_activity(add, args=[1, 2], **QUICK)  # here
        await asyncio.sleep(0.01)
        return str(one) + await workflow.execute_local_activity(greet, "near", **LOCAL)


@workflow.defn(name="then local")
class OtherBeforeOtherLocal:
    @workflow.run
    async def run(self) -> str:
        one = await workflow.execute_activity(greet, "first", **QUICK)
        two = workflow.start_activity(add, args=[1, 2], **QUICK)  # here
        three = workflow.start_local_activity(declines, "near", **LOCAL)
        return f"{one}{await two}{await three}"


@workflow.defn(name="local")
class OtherLocalId:
    @workflow.run
    async def run(self) -> str:
        return await workflow.execute_local_activity(greet, "near", activity_id="far", **LOCAL)  # here


@workflow.defn(name="a sleep")
class OtherTimer:
    @workflow.run
    async def run(self) -> str:
        forgotten = asyncio.create_task(asyncio.sleep(60))
        await asyncio.sleep(0)
        forgotten.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0.01)  # here
        return await workflow.execute_activity(greet, "rested", **QUICK)


@workflow.defn(name="two calls")
class OtherArguments:
    """Not noticed by Temporal: only an activity's type is compared."""

    @workflow.run
    async def run(self) -> str:
        one = await workflow.execute_activity(greet, "quite another", **QUICK)
        return one + await workflow.execute_activity(greet, "second", start_to_close_timeout=SOON * 2)


@workflow.defn(name="a sleep")
class OtherLength:
    """Not noticed by Temporal: a timer is a timer."""

    @workflow.run
    async def run(self) -> str:
        await asyncio.sleep(3600)
        return await workflow.execute_activity(greet, "rested", **QUICK)


@workflow.defn(name="two calls")
class AtOnceAfterAll:
    """Not noticed by Temporal: the same calls in the same order, only all at once."""

    @workflow.run
    async def run(self) -> str:
        one = workflow.execute_activity(greet, "first", **QUICK)
        two = workflow.execute_activity(greet, "second", **QUICK)
        return str(await asyncio.gather(one, two))


RAN = [
    TwoCalls,
    Sleeps,
    WaitsWithTimeout,
    StartsChild,
    UpdatedWithActivity,
    HasPatch,
    AtOnce,
    InTurn,
    CallsLocally,
    ThenLocal,
    WithId,
]
