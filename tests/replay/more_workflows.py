"""More workflows that leave events: children, other workflows, Nexus, patches, properties and endings."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import nexusrpc
from nexusrpc.handler import StartOperationContext, service_handler, sync_operation
from temporalio import nexus, workflow
from temporalio.common import RawValue, RetryPolicy, SearchAttributeKey
from temporalio.exceptions import (
    ApplicationError,
    ChildWorkflowError,
    NexusOperationError,
    WorkflowAlreadyStartedError,
)
from temporalio.workflow import ChildWorkflowCancellationType, ParentClosePolicy

from tests.replay.activities import SOON, greet

KEYWORD = SearchAttributeKey.for_keyword("CustomKeywordField")
NUMBER = SearchAttributeKey.for_int("CustomIntField")


@workflow.defn
class Kid:
    def __init__(self) -> None:
        self.nudged = False

    @workflow.run
    async def run(self, what: str) -> str:
        if what == "fail":
            raise ApplicationError("the child failed", type="Tantrum")
        if what == "wait":
            await workflow.wait_condition(lambda: self.nudged)
        if what == "for ever":
            await asyncio.sleep(1000)
        return f"kid: {what}"

    @workflow.signal
    def nudge(self) -> None:
        self.nudged = True


@workflow.defn
class Parent:
    @workflow.run
    async def run(self) -> list[str]:
        own = workflow.info().workflow_id
        out = [
            await workflow.execute_child_workflow(Kid.run, "play", id=f"{own}/play", static_summary="plays")
        ]
        try:
            await workflow.execute_child_workflow(Kid.run, "fail", id=f"{own}/fail")
        except ChildWorkflowError as error:
            out.append(str(error.cause))
        waiting = await workflow.start_child_workflow(Kid.run, "wait", id=f"{own}/wait")
        await waiting.signal(Kid.nudge)
        out.append(await waiting)
        try:
            await workflow.start_child_workflow(Kid.run, "play", id=own)
        except WorkflowAlreadyStartedError:
            out.append("id in use")
        for kind in (
            ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
            ChildWorkflowCancellationType.TRY_CANCEL,
            ChildWorkflowCancellationType.WAIT_CANCELLATION_REQUESTED,
            ChildWorkflowCancellationType.ABANDON,
        ):
            kid = await workflow.start_child_workflow(
                Kid.run, "for ever", id=f"{own}/{kind.name}", cancellation_type=kind
            )
            kid.cancel()
            try:
                await kid
            except ChildWorkflowError as error:
                out.append(type(error.cause).__name__)
        left = await workflow.start_child_workflow(
            Kid.run, "wait", id=f"{own}/left", parent_close_policy=ParentClosePolicy.ABANDON
        )
        await workflow.get_external_workflow_handle(left.id).signal("nudge")
        return out


@workflow.defn
class Meddles:
    """Signals and cancels workflows that are not its children, there or not."""

    @workflow.run
    async def run(self, other: str) -> list[str]:
        out = []
        await workflow.get_external_workflow_handle(other).signal("nudge")
        for handle in (
            workflow.get_external_workflow_handle("there-is-no-such-workflow"),
            workflow.get_external_workflow_handle(other),
        ):
            try:
                await handle.signal("nudge")
                await handle.cancel()
                out.append("done")
            except ApplicationError as error:
                out.append(str(error))
        try:
            await workflow.get_external_workflow_handle("nobody").cancel()
        except ApplicationError as error:
            out.append(str(error))
        return out


@workflow.defn
class Continues:
    @workflow.run
    async def run(self, left: int) -> str:
        await workflow.execute_activity(greet, str(left), start_to_close_timeout=SOON)
        if left:
            workflow.continue_as_new(left - 1)
        return "at the end"


@workflow.defn
class Patched:
    @workflow.run
    async def run(self) -> str:
        workflow.deprecate_patch("first-change")
        out = ""
        for _ in range(2):
            if workflow.patched("second-change"):
                out += await workflow.execute_activity(greet, "new", start_to_close_timeout=SOON)
        return out


@workflow.defn
class Properties:
    @workflow.run
    async def run(self) -> str:
        workflow.set_current_details("setting properties")
        workflow.upsert_search_attributes([KEYWORD.value_set("gold"), NUMBER.value_set(3)])
        workflow.upsert_memo({"stage": "paid", "tries": 1})
        await asyncio.sleep(0.01)
        workflow.upsert_search_attributes([NUMBER.value_unset()])
        workflow.upsert_memo({"tries": None})
        return str(workflow.memo())


@workflow.defn
class CleansUp:
    @workflow.run
    async def run(self, swallow: bool) -> str:
        try:
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            await asyncio.shield(workflow.execute_activity(greet, "cleanup", start_to_close_timeout=SOON))
            if not swallow:
                raise
        return "stayed"


@workflow.defn
class Chance:
    """What is random or of the clock is the same on replay."""

    def __init__(self) -> None:
        self.drawn: list[object] = []

    @workflow.run
    async def run(self) -> int:
        for _ in range(2):
            self.drawn += [
                workflow.uuid4(),
                workflow.now(),
                workflow.random().randint(1, 6),
                workflow.time_ns(),
            ]
            await asyncio.sleep(0.01)
        return len(self.drawn)


@workflow.defn
class TaskFails:
    """Its first workflow tasks fail: a live run has steps for them, a replay has none."""

    @workflow.run
    async def run(self) -> str:
        before = await workflow.execute_activity(greet, "before", start_to_close_timeout=SOON)
        with workflow.unsafe.sandbox_unrestricted():
            fails = _failures_left(workflow.info().workflow_id)
        if fails:
            raise KeyError(before)
        return await workflow.execute_activity(greet, "after", start_to_close_timeout=SOON)


def _failures_left(workflow_id: str) -> bool:
    """True once for each workflow id in this process; a bug that the next deployment has not."""
    import sys

    failed = sys.modules["temporalio"].__dict__.setdefault("_failed_in_tests", set())
    if workflow_id in failed:
        return False
    failed.add(workflow_id)
    return True


@workflow.defn
class RunsAgain:
    """Its first run fails and the server retries it, as its own retry policy says."""

    @workflow.run
    async def run(self) -> int:
        await asyncio.sleep(0.01)
        if workflow.info().attempt < 2:
            raise ApplicationError("once more")
        return workflow.info().attempt


@workflow.defn(dynamic=True)
class Anything:
    @workflow.run
    async def run(self, values: Sequence[RawValue]) -> str:
        await asyncio.sleep(0.01)
        return f"{workflow.info().workflow_type} with {len(values)}"


@workflow.defn
class Groups:
    @workflow.run
    async def run(self) -> None:
        with workflow.create_event_group("checkout").scope():
            await workflow.execute_activity(greet, "grouped", start_to_close_timeout=SOON)
            await workflow.sleep(0.01)


@workflow.defn
class StartsBySignal:
    @workflow.run
    async def run(self) -> str:
        handle = await workflow.signal_with_start_workflow(
            Kid.run,
            "wait",
            id=f"{workflow.info().workflow_id}/signalled",
            signal=Kid.nudge,
            task_queue=workflow.info().task_queue,
        )
        return handle.id


@nexusrpc.service
class Pay:
    fee: nexusrpc.Operation[int, int]
    charge: nexusrpc.Operation[str, str]


@service_handler(service=Pay)
class PayHandler:
    @sync_operation
    async def fee(self, _context: StartOperationContext, amount: int) -> int:
        return amount * 2

    @nexus.workflow_run_operation
    async def charge(
        self, context: nexus.WorkflowRunOperationContext, what: str
    ) -> nexus.WorkflowHandle[str]:
        return await context.start_workflow(Kid.run, what, id=f"charge-{context.request_id}")


@workflow.defn
class Pays:
    @workflow.run
    async def run(self, endpoint: str) -> list[object]:
        client = workflow.create_nexus_client(service=Pay, endpoint=endpoint)
        out: list[object] = [await client.execute_operation(Pay.fee, 21)]
        out.append(await client.execute_operation(Pay.charge, "play"))
        for what in ("fail", "for ever"):
            handle = await client.start_operation(Pay.charge, what)
            if what == "for ever":
                handle.cancel()
            try:
                await handle
            except NexusOperationError as error:
                out.append(type(error.cause).__name__)
        try:
            await client.execute_operation(
                Pay.charge, "for ever", schedule_to_close_timeout=timedelta(seconds=0.3)
            )
        except NexusOperationError as error:
            out.append(type(error.cause).__name__)
        return out


@workflow.defn
class NeverEnds:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(
            greet, "hello", start_to_close_timeout=SOON, retry_policy=RetryPolicy(maximum_attempts=1)
        )
        await asyncio.sleep(1000)


ALL = [
    Kid,
    Parent,
    Meddles,
    Continues,
    Patched,
    Properties,
    CleansUp,
    Chance,
    TaskFails,
    RunsAgain,
    Anything,
    Groups,
    StartsBySignal,
    Pays,
    NeverEnds,
]
