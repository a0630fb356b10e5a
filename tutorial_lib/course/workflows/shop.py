"""The shop of lesson 02 once more, to be killed and drained in its exercises.

A module of its own, and a light one: a worker process imports it, and the sandbox does for each execution.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy

__all__ = ["STEPS", "FulfilOrder", "pack", "pick"]

PACKING = 0.5  # seconds
# Short, so that nobody waits long for a worker that has gone.
_LIMIT = timedelta(seconds=2)
_RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=100))


@activity.defn
async def pick(order_id: str) -> str:
    """Takes the goods from the shelf."""
    return f"goods of {order_id}"


@activity.defn
async def pack(goods: str) -> str:
    """Sends a heartbeat, then packs."""
    activity.heartbeat("in hand")
    await asyncio.sleep(PACKING)
    return f"a box with the {goods}"


STEPS = [pick, pack]


@workflow.defn
class FulfilOrder:
    """Waits for the payment, then has the goods picked and packed."""

    def __init__(self) -> None:
        self.paid = False

    @workflow.run
    async def run(self, order_id: str) -> str:
        """Wait, pick, pack."""
        await workflow.wait_condition(lambda: self.paid)
        goods = await workflow.execute_activity(
            pick, order_id, start_to_close_timeout=_LIMIT, retry_policy=_RETRY
        )
        return await workflow.execute_activity(
            pack, goods, start_to_close_timeout=_LIMIT, retry_policy=_RETRY
        )

    @workflow.signal
    def pay(self) -> None:
        """The payment has arrived."""
        self.paid = True
