"""The order of lesson 00 once more, to be killed and read about in its exercises.

A module of its own, and a light one: worker processes import it, and the sandbox does for each execution.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from temporalio import activity, workflow
from temporalio.common import RetryPolicy

__all__ = ["STEPS", "Order", "Purchase", "charge_card", "reserve_stock", "ship_parcel"]

# Short, so that nobody waits long for a worker that has gone.
_ATTEMPT = timedelta(seconds=1)
_RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=100))


@dataclass
class Purchase:
    """What is ordered, and how it fails.

    Attributes:
        order: Its number.
        ledger: File with a line for each thing that was really done.
        power_fails: Whether the worker's process ends after charging, before it can report that.
    """

    order: str
    ledger: str
    power_fails: bool = False

    def note(self, line: str) -> None:
        """Write a line into the ledger."""
        with Path(self.ledger).open("a", encoding="utf-8") as ledger:
            ledger.write(f"{line}\n")


@activity.defn
async def reserve_stock(purchase: Purchase) -> None:
    """Reserves."""
    purchase.note("stock reserved")


@activity.defn
async def charge_card(purchase: Purchase) -> None:
    """Charges; then, if so agreed, the power fails."""
    purchase.note("card charged")
    if purchase.power_fails and activity.info().attempt == 1:
        os._exit(1)


@activity.defn
async def ship_parcel(purchase: Purchase) -> None:
    """Ships."""
    purchase.note("parcel shipped")


STEPS = [reserve_stock, charge_card, ship_parcel]


@workflow.defn
class Order:
    """Three steps, with a wait for the warehouse before the last."""

    def __init__(self) -> None:
        self.is_packed = False

    @workflow.run
    async def run(self, purchase: Purchase, wait: bool) -> str:
        """Reserve, charge, wait if asked to, ship."""
        for step in STEPS[:-1]:
            await workflow.execute_activity(
                step, purchase, start_to_close_timeout=_ATTEMPT, retry_policy=_RETRY
            )
        await workflow.wait_condition(lambda: self.is_packed or not wait)
        await workflow.execute_activity(
            ship_parcel, purchase, start_to_close_timeout=_ATTEMPT, retry_policy=_RETRY
        )
        return f"{purchase.order} is complete"

    @workflow.signal
    def packed(self) -> None:
        """The warehouse has packed."""
        self.is_packed = True
