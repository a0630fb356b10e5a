"""Five ways to wait, or not to: what `lesson_10.how_many_timers` asks about. A light module of its own."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import activity, workflow

__all__ = ["Wait", "nap"]

_LIMIT = timedelta(seconds=20)
_DAY = 24 * 60 * 60


@activity.defn
async def nap() -> None:
    """Sleeps, in the worker."""
    await asyncio.sleep(0.5)


@workflow.defn
class Wait:
    """Waits in the way of a letter."""

    @workflow.run
    async def run(self, letter: str) -> None:
        """Do what the exercise's table has at this letter."""
        if letter == "A":
            await asyncio.gather(asyncio.sleep(_DAY), asyncio.sleep(_DAY))
        elif letter == "B":
            for _ in range(3):
                await asyncio.sleep(_DAY)
        elif letter == "C":
            await workflow.execute_activity(nap, start_to_close_timeout=_LIMIT)
        elif letter == "D":
            async with asyncio.timeout(_DAY):
                await workflow.execute_activity(nap, start_to_close_timeout=_LIMIT)
        elif letter == "E":
            await workflow.wait_condition(lambda: True, timeout=timedelta(days=1))
