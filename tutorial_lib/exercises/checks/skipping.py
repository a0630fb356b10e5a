"""Days pass in a check: the clock of one execution is put forward by the server, the code stays as it is."""

from __future__ import annotations

import asyncio
import contextlib
import time
from datetime import timedelta
from typing import Any

from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper

from tutorial_lib.exercises.checks.patience import Patience, in_time
from tutorial_lib.history import fetch_history

__all__ = ["skip"]

_MOST = 4.0  # seconds without any news for the server to get there; longer on a busy machine
_TO_REST = 3.0  # the same, for what is to be done at once; a deadlock is noticed after 2
_LOOK_EVERY = 0.02


async def skip(client: Client, handle: WorkflowHandle[Any, Any], length: timedelta) -> bool:
    """Let time pass for an execution: timers that are due fire, what it then asks for is done.

    A pending task or activity holds the clock: nothing is skipped while something is to be done. A timer of
    no length does not (server 1.32): it would fire when the time is over, so it is waited for here.

    Args:
        client: Client of the execution's namespace.
        handle: The execution.
        length: How far its clock is put forward.

    Returns:
        Whether it got there: it has not if it ended before, or if its task fails over and over.
    """
    with contextlib.suppress(RPCError):  # it has ended already
        if not await _comes_to_rest(handle):
            return False
        forward = asyncio.ensure_future(TimeSkipper(client).fast_forward(handle, length))
        if await in_time(forward, Patience(_MOST), lambda: _news(handle)):
            return forward.result()
    return False


async def _comes_to_rest(handle: WorkflowHandle[Any, Any]) -> bool:
    """Wait until nothing is to be done at once. False if its workflow task fails, and is tried again."""
    patience = Patience(_TO_REST)
    while True:
        asked = time.monotonic()
        raw = (await handle.describe()).raw_description
        if raw.pending_workflow_task.attempt > 1:
            return False
        if await _rests(handle, raw):
            return True
        if patience.over(raw.workflow_execution_info.history_length, time.monotonic() - asked):
            return True  # what it does is told by others
        await asyncio.sleep(_LOOK_EVERY)


async def _rests(handle: WorkflowHandle[Any, Any], raw: DescribeWorkflowExecutionResponse) -> bool:
    """Whether nothing is to be done now: only timers run, or it waits for a message."""
    if raw.HasField("pending_workflow_task") or raw.pending_activities:
        return False
    history = await fetch_history(handle)
    return all(
        event.attributes.get("start_to_fire_seconds") or history.answers(event.id)
        for event in history
        if event.type == "TimerStarted"
    )


async def _news(handle: WorkflowHandle[Any, Any]) -> int:
    return (await handle.describe()).raw_description.workflow_execution_info.history_length
