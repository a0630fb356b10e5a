"""Activities for recorded workflows: each does one thing that a history shows."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

SOON = timedelta(seconds=90)  # a backstop
# Of local activities: their timers outlive their worker in Core, which panics when one fires then.
NEVER = timedelta(hours=1)


@activity.defn
async def greet(name: str) -> str:
    return f"Hello, {name}!"


@activity.defn
async def add(a: int, b: int) -> int:
    return a + b


@activity.defn
async def fails_at_first(times: int) -> int:
    if activity.info().attempt <= times:
        raise ApplicationError("not yet", type="Busy")
    return activity.info().attempt


@activity.defn
async def declines(what: str) -> str:
    raise ApplicationError(f"declined: {what}", {"code": 51}, type="Declined", non_retryable=True)


@activity.defn
async def sleeps(seconds: float) -> float:
    await asyncio.sleep(seconds)
    return seconds


@activity.defn
async def beats_until_cancelled(limit: float) -> str:
    try:
        for number in range(int(limit / 0.05)):
            activity.heartbeat(number)
            await asyncio.sleep(0.05)
    except asyncio.CancelledError:
        return "stopped tidily"
    return "never cancelled"


@activity.defn
async def completes_elsewhere() -> str:
    activity.raise_complete_async()


@activity.defn
async def never_beats(seconds: float) -> None:
    await asyncio.sleep(seconds)


ALL = [
    greet,
    add,
    fails_at_first,
    declines,
    sleeps,
    beats_until_cancelled,
    completes_elsewhere,
    never_beats,
]
