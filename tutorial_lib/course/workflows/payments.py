"""The workers' side of the exercises about servers and starts: what runs when the learner has done the rest.

A module of its own, and a light one: the sandbox imports it for each execution.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.exceptions import ApplicationError

__all__ = ["MoneyTransfer", "TransferMoney", "transfer"]

_CHARGE_TIMEOUT = timedelta(seconds=5)


@activity.defn
async def transfer(order: str) -> str:
    """Pays for an order, as in lesson 04."""
    return f"{order} paid"


@workflow.defn
class TransferMoney:
    """Pays for an order, as in lesson 04."""

    @workflow.run
    async def run(self, order: str) -> str:
        """Have it paid."""
        return await workflow.execute_activity(transfer, order, start_to_close_timeout=_CHARGE_TIMEOUT)


@workflow.defn
class MoneyTransfer:
    """A payment that stays open until the bank has answered, as in lesson 05."""

    def __init__(self) -> None:
        self.answer: str | None = None

    @workflow.run
    async def run(self, payment: str, amount: int) -> str:
        """Wait for the bank; charge when it confirms, fail when it declines."""
        await workflow.wait_condition(lambda: self.answer is not None)
        if self.answer == "decline":
            raise ApplicationError("declined by the bank", type="Declined")
        await workflow.execute_activity("charge", payment, start_to_close_timeout=_CHARGE_TIMEOUT)
        return f"{amount} transferred"

    @workflow.signal
    def confirm(self) -> None:
        """The bank agrees."""
        self.answer = "confirm"

    @workflow.signal
    def decline(self) -> None:
        """The bank does not."""
        self.answer = "decline"
