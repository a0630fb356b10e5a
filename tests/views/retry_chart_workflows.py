"""An activity that fails a given number of times, in a module that the sandbox can import."""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

POLICY = RetryPolicy(
    initial_interval=timedelta(seconds=0.4),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(seconds=1),
    maximum_attempts=5,
)


@activity.defn
async def charge(failures: int) -> str:
    attempt = activity.info().attempt
    if attempt <= failures:
        raise ApplicationError("the bank is closed", type="BankClosed")
    return "charged"


@workflow.defn
class Order:
    @workflow.run
    async def run(self, failures: int) -> str:
        return await workflow.execute_activity(
            charge, failures, start_to_close_timeout=timedelta(seconds=5), retry_policy=POLICY
        )
