"""Days pass in a check: the clock of one execution is put forward by the server, the code stays as it is."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper

from tutorial_lib.history import fetch_history

__all__ = ["skip"]

_MOST = 5.0  # seconds for the server to get there; what the execution waits for is told by others
_TO_REST = 2.0  # seconds for what is to be done at once
_LOOK_EVERY = 0.02


async def skip(client: Client, handle: WorkflowHandle[Any, Any], time: timedelta) -> bool:
    """Let time pass for an execution: timers that are due fire, what it then asks for is done.

    A pending task or activity holds the clock: nothing is skipped while something is to be done. A timer of
    no length does not (server 1.32): it would fire when the time is over, so it is waited for here.

    Args:
        client: Client of the execution's namespace.
        handle: The execution.
        time: How far its clock is put forward.

    Returns:
        Whether it got there: it has not if it ended before, or if its task fails over and over.
    """
    with contextlib.suppress(TimeoutError, RPCError):  # it has ended already
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_TO_REST):
                while not await _rests(handle):
                    if await _fails(handle):
                        return False
                    await asyncio.sleep(_LOOK_EVERY)
        return await asyncio.wait_for(TimeSkipper(client).fast_forward(handle, time), _MOST)
    return False


async def _rests(handle: WorkflowHandle[Any, Any]) -> bool:
    """Whether nothing is to be done now: only timers run, or it waits for a message."""
    raw = (await handle.describe()).raw_description
    if raw.HasField("pending_workflow_task") or raw.pending_activities:
        return False
    history = await fetch_history(handle)
    return all(
        event.attributes.get("start_to_fire_seconds") or history.answers(event.id)
        for event in history
        if event.type == "TimerStarted"
    )


async def _fails(handle: WorkflowHandle[Any, Any]) -> bool:
    """Whether its workflow task has failed, and is tried again."""
    raw = (await handle.describe()).raw_description
    return raw.HasField("pending_workflow_task") and raw.pending_workflow_task.attempt > 1
