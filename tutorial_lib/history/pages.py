"""The pages of a run's history as they grow; a server that is away is waited for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionRequest,
    GetWorkflowExecutionHistoryRequest,
    GetWorkflowExecutionHistoryResponse,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

LONG_POLL = timedelta(seconds=40)  # the server answers after 20 s at the latest; one that is dead never does
SHORT = timedelta(seconds=5)
FIRST_PAUSE = 0.1  # seconds until a failed request is tried again; doubles up to ...
LONGEST_PAUSE = 2.0
MISSING_FOR = 5.0  # seconds after which "not found" is believed: a server that starts says so for a moment

_FATAL = {
    RPCStatusCode.PERMISSION_DENIED,
    RPCStatusCode.UNAUTHENTICATED,
    RPCStatusCode.UNIMPLEMENTED,
    RPCStatusCode.INVALID_ARGUMENT,
}


class EndError(Exception):
    """The history has ended, for the reason given."""


class Pages:
    """The pages of one run.

    Args:
        client: Client of its namespace.
        workflow_id: Workflow id.
        run_id: Run id; the latest run if "".
        on_connection: Called when the server does not answer any more, and when it does again.
    """

    def __init__(
        self, client: Client, workflow_id: str, run_id: str, on_connection: Callable[[bool], None]
    ) -> None:
        self.run_id = run_id
        self._on_connection = on_connection
        self._connected = True
        self._client = client
        self._workflow_id = workflow_id
        self._token = b""
        self._last = 0  # id of the last event passed on

    async def next(self) -> list[HistoryEvent]:
        """The next events; none if the server had nothing new for a while.

        Raises:
            EndError: If the run cannot be followed.
        """
        pause, missing_since = FIRST_PAUSE, 0.0
        while True:
            try:
                if not (self.run_id and self._connected):
                    await self._find()
                answer = await self._ask()
            except RPCError as error:
                now = time.monotonic()
                if error.status is RPCStatusCode.NOT_FOUND:
                    missing_since = missing_since or now
                    if now - missing_since > MISSING_FOR:
                        raise EndError(f"the server has no such execution: {error.message}") from None
                else:
                    missing_since = 0.0
                    self._consider(error)
                    self._tell(connected=False)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            self._token = answer.next_page_token
            events = [event for event in answer.history.events if event.event_id > self._last]
            if events:
                self._last = events[-1].event_id
            return events

    async def _find(self) -> None:
        """Ask for the run itself.

        That pins it, whatever is started under the same id later. And it shows at once that a server is back;
        a long poll would show it with the next event only.
        """
        # Without the SDK's own retries, which take seconds, and print.
        answer = await self._client.workflow_service.describe_workflow_execution(
            DescribeWorkflowExecutionRequest(namespace=self._client.namespace, execution=self._execution),
            timeout=SHORT,
        )
        self.run_id = answer.workflow_execution_info.execution.run_id
        self._tell(connected=True)

    async def _ask(self) -> GetWorkflowExecutionHistoryResponse:
        return await self._client.workflow_service.get_workflow_execution_history(
            GetWorkflowExecutionHistoryRequest(
                namespace=self._client.namespace,
                execution=self._execution,
                wait_new_event=True,
                next_page_token=self._token,
                skip_archival=True,
            ),
            timeout=LONG_POLL,
        )

    @property
    def _execution(self) -> WorkflowExecution:
        return WorkflowExecution(workflow_id=self._workflow_id, run_id=self.run_id)

    def _tell(self, *, connected: bool) -> None:
        if connected != self._connected:
            self._connected = connected
            self._on_connection(connected)

    def _consider(self, error: RPCError) -> None:
        """Whether to go on after an error: most pass when the server is back."""
        if error.status is RPCStatusCode.INVALID_ARGUMENT and self._token:
            self._token = b""  # a page token of before a restart: begin again, and pass on only what is new
        elif error.status in _FATAL:
            raise EndError(f"the server refuses: {error.message}")
