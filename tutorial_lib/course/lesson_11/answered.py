"""What an update has led to: its answer, its failure, and its events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.service import RPCError

from tutorial_lib.background import give_up
from tutorial_lib.cells.failures.records import FailureKind
from tutorial_lib.errors import Diagnosis, Stuck
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import Event, fetch_history

_LOOK_EVERY = 0.05  # seconds
_HELD_UP = 0.3  # seconds that a failed workflow task is given, should a worker be about to go

Handle = WorkflowHandle[Any, Any]


@dataclass(frozen=True)
class Answered:
    """What an update has led to.

    Attributes:
        result: What its handler returned; None if it failed.
        failure: What it failed with, or was refused with; None if it did not.
        events: What it has added to the history.
    """

    result: Any
    failure: BaseException | None
    events: Sequence[Event]

    @property
    def accepted(self) -> Event | None:
        """The event of its acceptance; None if it was refused."""
        return next((each for each in self.events if each.type == "WorkflowExecutionUpdateAccepted"), None)

    @property
    def why(self) -> str:
        """The words of its failure."""
        return str(getattr(self.failure, "message", self.failure))


async def answered(bench: Workbench, handle: Handle, update: str, *args: Any, who: str) -> Answered:
    """Send an update, and wait for its answer.

    Args:
        bench: The check's.
        handle: The execution.
        update: Its name.
        args: Its arguments.
        who: Who sends it, for the message.

    Raises:
        NotYet: If it gets no answer, as a workflow task fails; or if the execution is over.
    """
    before = len(await fetch_history(handle))
    result, failure = None, None
    try:
        result = await unless_held_up(bench, handle.execute_update(update, args=list(args)), who)
    except WorkflowUpdateFailedError as error:
        failure = error.cause
    except RPCError as error:
        raise NotYet(
            f"{who} cannot say anything any more: {error}",
            "it is over too early"
            if (await handle.describe()).close_time
            else "what is raised is no `Exception`: not even a validator may raise that",
        ) from None
    return Answered(result, failure, (await fetch_history(handle)).events[before:])


async def unless_held_up(bench: Workbench, call: Coroutine[Any, Any, Any], who: str) -> Any:
    """The answer to a call, unless a workflow task of the bench fails.

    Args:
        bench: The check's.
        call: What a worker is to answer.
        who: Who calls, for the message.

    Raises:
        NotYet: If a workflow task fails, with what it failed with.
    """
    calling = asyncio.ensure_future(call)
    failed_at = 0.0
    try:
        while not (await asyncio.wait({calling}, timeout=_LOOK_EVERY))[0]:
            tasks = [each for each in bench.failures if each.kind is FailureKind.TASK]
            if not tasks:
                continue
            failed_at = failed_at or time.monotonic()
            if time.monotonic() - failed_at >= _HELD_UP:
                last = tasks[-1]
                raise NotYet(
                    f"{who} gets no answer: the workflow task fails ({last.error})",
                    last.place,
                    diagnosis=Diagnosis(
                        Stuck.TASK_FAILS, hopeless=True, error_type=last.error_type, message=last.message
                    ),
                )
        return calling.result()
    finally:
        await give_up(calling)
