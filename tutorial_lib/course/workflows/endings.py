"""Six workflows that are cancelled or terminated while they wait, each with another `except`."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.exceptions import ApplicationError

_LONG = timedelta(days=1)


@activity.defn
async def breakfast() -> None:
    """Take long, and send heartbeats."""
    while True:
        activity.heartbeat()
        await asyncio.sleep(0.05)


async def _eat() -> None:
    await workflow.execute_activity(
        breakfast, start_to_close_timeout=_LONG, heartbeat_timeout=timedelta(seconds=5)
    )


@workflow.defn
class SleepsA:
    """Sleeps, and catches the cancellation."""

    @workflow.run
    async def run(self) -> str:
        """Return when cancelled."""
        try:
            await workflow.sleep(_LONG)
        except asyncio.CancelledError:
            return "early"
        return "late"


@workflow.defn
class SleepsB:
    """Sleeps, and its cleanup fails."""

    @workflow.run
    async def run(self) -> str:
        """Fail while it tidies up."""
        try:
            await workflow.sleep(_LONG)
        finally:
            raise ApplicationError("no key", non_retryable=True)


@workflow.defn
class SleepsC:
    """Sleeps, and catches each `Exception`."""

    @workflow.run
    async def run(self) -> str:
        """Catch what a cancellation is not."""
        try:
            await workflow.sleep(_LONG)
        except Exception:  # noqa: BLE001 what the exercise asks about
            return "early"
        return "late"


@workflow.defn
class EatsD:
    """Waits for an activity, and catches each `Exception`."""

    @workflow.run
    async def run(self) -> str:
        """Catch an `ActivityError`, unknowing."""
        try:
            await _eat()
        except Exception:  # noqa: BLE001 what the exercise asks about
            return "early"
        return "late"


@workflow.defn
class EatsE:
    """Waits for an activity, and catches the cancellation, or so it thinks."""

    @workflow.run
    async def run(self) -> str:
        """Catch what does not come."""
        try:
            await _eat()
        except asyncio.CancelledError:
            return "early"
        return "late"


@workflow.defn
class SleepsF:
    """Sleeps, and catches all there is."""

    @workflow.run
    async def run(self) -> str:
        """Catch everything that is raised."""
        try:
            await workflow.sleep(_LONG)
        except BaseException:  # noqa: BLE001 what the exercise asks about
            return "early"
        return "late"
