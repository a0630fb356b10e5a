"""The delivery whose history lesson 06 gives its learners to read.

A module of its own, and a light one: the sandbox imports it for each execution.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy

__all__ = ["ATTEMPTS", "Delivery", "book_courier", "weigh"]

ATTEMPTS = 3  # until the couriers answer
_LIMIT = timedelta(seconds=5)
_RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=20))


@activity.defn
async def weigh(parcel: str) -> int:
    """Weighs, in grams."""
    return 200 * len(parcel)


@activity.defn
async def book_courier(address: str, grams: int) -> str:
    """Books, once the couriers answer."""
    if activity.info().attempt < ATTEMPTS:
        raise ConnectionError("the couriers do not answer")
    return f"courier 12 takes {grams} g to {address}"


@workflow.defn
class Delivery:
    """Weigh it, wait for an address, book a courier."""

    def __init__(self) -> None:
        self.to = ""

    @workflow.run
    async def run(self, parcel: str) -> str:
        """Deliver one parcel."""
        grams = await workflow.execute_activity(weigh, parcel, start_to_close_timeout=_LIMIT)
        await workflow.wait_condition(lambda: bool(self.to))
        return await workflow.execute_activity(
            book_courier, args=[self.to, grams], start_to_close_timeout=_LIMIT, retry_policy=_RETRY
        )

    @workflow.signal
    def address(self, to: str) -> None:
        """The customer names the address."""
        self.to = to
