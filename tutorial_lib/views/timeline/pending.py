"""What the server reports of activities that are not over; histories lack attempts that are retried."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError

from tutorial_lib.background import Background
from tutorial_lib.views.execution.attempts import Pending
from tutorial_lib.views.execution.tries import retry_due, seconds, waits

LOOK_EVERY = 0.2  # seconds between two looks at pending activities


class PendingWatch:
    """Asks the server for pending activities while there are any, on a thread of its own.

    Args:
        client: Client of the execution's namespace; it may be in use on other loops.
        workflow_id: Workflow id.
        needed: Whether an activity is open now: else nobody is asked.
        tell: Called on the thread with what the server reported.
        where: The run now, and the start of the first run in seconds since 1970 (0 if it is not known yet).
    """

    def __init__(
        self,
        client: Client,
        workflow_id: str,
        *,
        needed: Callable[[], bool],
        tell: Callable[[list[Pending]], None],
        where: Callable[[], tuple[str, float]],
    ) -> None:
        self._client, self._workflow_id = client, workflow_id
        self._needed, self._tell, self._where = needed, tell, where
        self._thread = Background(f"pending {workflow_id}", self._watch).start()

    def stop(self) -> None:
        """Ask no more; returns at once."""
        self._thread.cancel()

    async def _watch(self) -> None:
        while True:
            run_id, started = self._where()
            if started and self._needed():
                with contextlib.suppress(
                    RPCError
                ):  # a server that is away comes back, or the follower says so
                    self._tell(await self._ask(run_id, started))
            await asyncio.sleep(LOOK_EVERY)

    async def _ask(self, run_id: str, started: float) -> list[Pending]:
        execution = WorkflowExecution(workflow_id=self._workflow_id, run_id=run_id)
        answer = await self._client.workflow_service.describe_workflow_execution(
            DescribeWorkflowExecutionRequest(namespace=self._client.namespace, execution=execution)
        )
        return [_pending(each, started) for each in answer.pending_activities]


def _pending(info: PendingActivityInfo, began: float) -> Pending:
    def at(moment: float) -> float | None:
        return moment - began if moment > 0 else None

    started = None if waits(info) else at(seconds(info.last_started_time))
    return Pending(
        activity_id=info.activity_id,
        attempt=info.attempt,
        running=started is not None,
        started=started,
        ended=at(seconds(info.last_attempt_complete_time)),
        next=at(retry_due(info)),
        failure=info.last_failure.message,
    )
