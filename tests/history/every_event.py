"""Workflows that make a real server write every event type that it can be brought to write."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import nexusrpc
from nexusrpc.handler import StartOperationContext, service_handler, sync_operation
from temporalio import activity, nexus, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError, FailureError

ONCE = RetryPolicy(maximum_attempts=1)
SOON = timedelta(seconds=90)  # a backstop


@activity.defn
async def greet(name: str) -> str:
    return f"Hello, {name}"


@activity.defn
async def stumble() -> int:
    attempt = activity.info().attempt
    if attempt == 1:
        raise ValueError("the first attempt stumbles")
    return attempt


@activity.defn
async def refuse() -> None:
    raise ApplicationError("the card is blocked", {"card": 7}, type="CardBlocked", non_retryable=True)


@activity.defn
async def linger() -> None:
    await asyncio.sleep(5)


ACTIVITIES = [greet, stumble, refuse, linger]


@workflow.defn
class Child:
    @workflow.run
    async def run(self, how: str) -> str:
        if how == "fail":
            raise ApplicationError("the child fell", type="Fallen")
        try:
            await workflow.wait_condition(lambda: not how.startswith("wait"))
        except asyncio.CancelledError:
            # An operation that ends before its handler has answered forgets the request to cancel.
            await workflow.sleep(8 if how == "wait, slow to end" else 0)
            raise
        return f"child {how}"

    @workflow.signal
    def poke(self, text: str) -> None:
        """Something to receive."""


@workflow.defn
class Activities:
    """All that happens to activities and timers, with markers and properties."""

    @workflow.run
    async def run(self) -> list[Any]:
        done: list[Any] = [workflow.patched("new-way")]
        workflow.upsert_memo({"mood": "busy"})
        done.append(await workflow.execute_local_activity(greet, "local", start_to_close_timeout=SOON))
        done.append(
            await workflow.execute_activity(
                stumble,
                start_to_close_timeout=SOON,
                retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=20)),
                summary="stumbles once",
            )
        )
        for failing, timeout in ((refuse, SOON), (linger, timedelta(milliseconds=200))):
            try:
                await workflow.execute_activity(failing, start_to_close_timeout=timeout, retry_policy=ONCE)
            except FailureError as error:
                done.append(type(error.cause).__name__)
        nobody = workflow.start_activity(
            greet,
            "nobody",
            task_queue=workflow.info().task_queue + "-empty",
            start_to_close_timeout=SOON,
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        )
        nap = asyncio.create_task(asyncio.sleep(60))
        await workflow.sleep(0.001)
        nap.cancel()
        nobody.cancel()
        await asyncio.gather(nobody, nap, return_exceptions=True)
        return done


@workflow.defn
class Parent:
    """All that happens to children and to other workflows; somebody must terminate the child "doomed"."""

    @workflow.run
    async def run(self, left: int) -> int:
        if not left:
            return 0
        own = workflow.info().workflow_id
        start = workflow.start_child_workflow
        await workflow.execute_child_workflow(Child.run, "well", id=f"{own}-well")
        waiting = {name: await start(Child.run, "wait", id=f"{own}-{name}") for name in ("a", "b", "doomed")}
        slow = await start(Child.run, "wait", id=f"{own}-slow", run_timeout=timedelta(seconds=1))
        await waiting["a"].signal(Child.poke, "hi")
        waiting["a"].cancel()
        await workflow.get_external_workflow_handle(f"{own}-b").cancel()
        outcomes = await asyncio.gather(
            *waiting.values(),
            slow,
            workflow.execute_child_workflow(Child.run, "fail", id=f"{own}-fail"),
            workflow.execute_child_workflow(Child.run, "well", id=own),
            workflow.get_external_workflow_handle(f"{own}-none").signal("poke"),
            workflow.get_external_workflow_handle(f"{own}-none").cancel(),
            return_exceptions=True,
        )
        assert all(isinstance(outcome, BaseException) for outcome in outcomes), outcomes
        return workflow.continue_as_new(left - 1)


@workflow.defn
class Open:
    """Stays open; takes signals and updates."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    @workflow.run
    async def run(self) -> list[str]:
        await workflow.wait_condition(lambda: "end" in self.seen)
        return self.seen

    @workflow.signal
    def note(self, text: str) -> None:
        self.seen.append(text)

    @workflow.update
    async def add(self, text: str) -> int:
        if text == "bad":
            raise ApplicationError("not that one", type="Refused")
        self.seen.append(text)
        return len(self.seen)


@workflow.defn
class Fails:
    @workflow.run
    async def run(self) -> None:
        raise ApplicationError("always", type="Always") from ValueError("underneath")


@workflow.defn
class Loop:
    """Goes on as new until nothing is left."""

    @workflow.run
    async def run(self, left: int) -> str:
        if left:
            workflow.continue_as_new(left - 1)
        return "done"


@workflow.defn
class Sleeper:
    @workflow.run
    async def run(self) -> int:
        start = workflow.now()
        await workflow.sleep(timedelta(days=30))
        return (workflow.now() - start).days


@nexusrpc.service
class Billing:
    fee: nexusrpc.Operation[int, int]
    charge: nexusrpc.Operation[str, str]


@service_handler(service=Billing)
class BillingHandler:
    @sync_operation
    async def fee(self, _: StartOperationContext, amount: int) -> int:
        return amount * 2

    @nexus.workflow_run_operation
    async def charge(self, ctx: nexus.WorkflowRunOperationContext, how: str) -> nexus.WorkflowHandle[str]:
        return await ctx.start_workflow(Child.run, how, id=f"charge-{ctx.request_id}")


@workflow.defn
class Buys:
    """All that happens to Nexus operations."""

    @workflow.run
    async def run(self, endpoint: str) -> list[Any]:
        billing = workflow.create_nexus_client(service=Billing, endpoint=endpoint)
        done: list[Any] = [
            await billing.execute_operation(Billing.fee, 21),
            await billing.execute_operation(Billing.charge, "well"),
        ]
        canceled = await billing.start_operation(Billing.charge, "wait, slow to end")
        canceled.cancel()
        outcomes = await asyncio.gather(
            billing.execute_operation(Billing.charge, "fail"),
            billing.execute_operation(Billing.charge, "wait", schedule_to_close_timeout=timedelta(seconds=1)),
            canceled,
            return_exceptions=True,
        )
        return [*done, *(type(getattr(outcome, "cause", None)).__name__ for outcome in outcomes)]


WORKFLOWS = [Child, Activities, Parent, Open, Fails, Loop, Sleeper, Buys]
