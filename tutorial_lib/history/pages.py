"""The pages of a run's history as they grow; a server that is away is waited for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionRequest,
    GetWorkflowExecutionHistoryRequest,
    GetWorkflowExecutionHistoryResponse,
)
from temporalio.client import Client, WorkflowHandle
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


async def events_as_they_come(handle: WorkflowHandle[Any, Any]) -> AsyncIterator[HistoryEvent]:
    """The events of a run from its first one, each as soon as it is written, up to the end of the run.

    `handle.fetch_history_events(wait_new_event=True)`, but for one thing: a server under load (1.32) breaks
    that off now and then with "Current and request branch tokens ... don't match", INVALID_ARGUMENT, though
    nothing has become of the run. Then it is asked again.

    Args:
        handle: The execution.

    Yields:
        Each event once.

    Raises:
        RPCError: If there is no such run or no server.
    """
    last, going_on = 0, True
    while going_on:
        going_on = False
        try:
            async for event in handle.fetch_history_events(wait_new_event=True):
                if event.event_id > last:
                    last = event.event_id
                    yield event
        except RPCError as error:
            if error.status is not RPCStatusCode.INVALID_ARGUMENT or not last:
                raise
            going_on = True
            await asyncio.sleep(FIRST_PAUSE)


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
            # A page token of before a restart, or one that a server under load does not know: begin anew,
            # and pass on only what is new.
            self._token = b""
        elif error.status in _FATAL:
            raise EndError(f"the server refuses: {error.message}")
