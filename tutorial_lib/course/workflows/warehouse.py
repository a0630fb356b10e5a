"""The workflows that the exercises of lesson 09 run an answer's activity with."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

_SECOND = timedelta(seconds=1)
_SOON = timedelta(milliseconds=100)


@workflow.defn
class CountStock:
    """Counts shelves, in several attempts if need be."""

    @workflow.run
    async def run(self, shelves: list[str]) -> int:
        """Run `count_shelves`."""
        counted: int = await workflow.execute_activity(
            "count_shelves",
            shelves,
            start_to_close_timeout=4 * _SECOND,
            heartbeat_timeout=4 * _SECOND,
            retry_policy=RetryPolicy(initial_interval=_SOON, backoff_coefficient=1, maximum_attempts=3),
        )
        return counted


@workflow.defn
class WrapParcels:
    """Has parcels wrapped; when it is cancelled, it waits for what becomes of the activity."""

    @workflow.run
    async def run(self, parcels: int) -> str:
        """Run `wrap`."""
        said: str = await workflow.execute_activity(
            "wrap",
            parcels,
            start_to_close_timeout=10 * _SECOND,
            heartbeat_timeout=2 * _SECOND,
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            retry_policy=RetryPolicy(maximum_attempts=1),
        )
        return said
