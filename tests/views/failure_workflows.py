"""Workflows that fail in all ways that a caller gets to see."""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, ApplicationErrorCategory

QUICK = RetryPolicy(
    initial_interval=timedelta(milliseconds=1), maximum_attempts=3, non_retryable_error_types=["CardDeclined"]
)


class CardDeclined(Exception):  # noqa: N818 - as people name it
    """Named in the policy."""


@activity.defn
async def charge(how: str) -> None:
    if how == "declined":
        raise CardDeclined("insufficient funds")
    if how == "fraud":
        raise ApplicationError("card is stolen", "case-7", type="Fraud", non_retryable=True)
    if how == "expected":
        raise ApplicationError("no such card", category=ApplicationErrorCategory.BENIGN, non_retryable=True)
    raise ConnectionError("the card service\ndoes not answer")


@workflow.defn
class Payment:
    @workflow.run
    async def run(self, how: str) -> None:
        try:
            await workflow.execute_activity(
                charge, how, start_to_close_timeout=timedelta(seconds=5), retry_policy=QUICK
            )
        except ActivityError as error:
            if how == "wrapped":
                raise ApplicationError("no payment", type="PaymentFailed") from error
            raise


@workflow.defn
class Order:
    @workflow.run
    async def run(self, how: str) -> None:
        if how == "bug":
            raise KeyError(how)
        if how == "sleeps":
            await workflow.sleep(timedelta(days=1))
        if how == "again" and workflow.info().attempt < 2:
            raise ApplicationError("not yet")
        if how != "fine":
            await workflow.execute_child_workflow(Payment.run, how, id=f"{workflow.info().workflow_id}-pay")
