"""Workflows that are cancelled, terminated and reset while they wait."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
async def heat() -> None:
    """Heat until somebody says stop."""
    while True:
        activity.heartbeat()
        await asyncio.sleep(0.05)


@workflow.defn
class Stay:
    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(timedelta(days=30))


@workflow.defn
class Sauna:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(
            heat,
            start_to_close_timeout=timedelta(hours=1),
            heartbeat_timeout=timedelta(seconds=30),
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        )
