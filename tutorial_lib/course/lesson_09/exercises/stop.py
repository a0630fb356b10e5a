"""An activity that hears of a cancellation, tidies up and ends as cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from temporalio.client import WorkflowHandle

from tutorial_lib.course.workflows.warehouse import WrapParcels
from tutorial_lib.exercises.checks.workbench import PROMPTLY, Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import an_activity
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import History

_OFF = "the machine is switched off"
_MANY, _FEW = 40, 3


class Stop(Exercise):
    """An activity that hears of a cancellation, tidies up and ends as cancelled."""

    title = "Stop when you are told"
    task = (
        "Let `wrap` hear of a cancellation: then it calls `ex.stop.switch_off()` and ends as cancelled. If "
        "nobody cancels it, it wraps all parcels."
    )
    starter = """
import asyncio

from temporalio import activity


@activity.defn
async def wrap(parcels: int) -> str:
    for parcel in range(parcels):
        ____
        await asyncio.sleep(0.1)
    ____
    return "all wrapped"
"""
    takes = (an_activity("wrap"),)
    hints = (
        "How does the server tell a worker that an activity is to stop? It needs a word from it first.",
        "Where it hears of it, `asyncio.CancelledError` is raised at an `await`. It is no `Exception`.",
        "`try: ... except asyncio.CancelledError:` around the loop; switch off, and `raise` it again.",
    )
    solution_code = """
@activity.defn
async def wrap(parcels: int) -> str:
    try:
        for parcel in range(parcels):
            activity.heartbeat()
            await asyncio.sleep(0.1)
    except asyncio.CancelledError:
        ex.stop.switch_off()
        raise
    return "all wrapped"
"""
    why = (
        "The answer to a heartbeat brings the cancellation. Raised again it ends the attempt as cancelled; "
        "swallowed, the activity is completed, and the workflow goes on as if all were wrapped."
    )
    seconds = 20.0

    def switch_off(self) -> None:
        """Switch the machine off."""
        self.ledger.add(_OFF)

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """Wrap a few in peace, then many that are cancelled."""
        (wrap,) = answers
        await bench.worker(workflows=[WrapParcels], activities=[wrap], **PROMPTLY)
        peace = await bench.ended(await bench.start(WrapParcels, _FEW))
        if peace.failure is not None or peace.result != "all wrapped":
            failed = _event(peace.history, "ActivityTaskFailed")
            said = f"the error {_failure(peace.history)}" if failed else repr(peace.failure or peace.result)
            raise NotYet(
                f"nobody cancelled, and wrapping {_FEW} parcels ended with {said}",
                "it is to return 'all wrapped' then",
            )
        self.ledger.clear()
        handle = await bench.start(WrapParcels, _MANY)
        await bench.in_hand(handle)
        await handle.cancel()
        watching = asyncio.ensure_future(_heartbeat_seen(handle))
        run = await bench.ended(handle)
        watching.cancel()
        self._judge(run.history, wrap, began=watching.done() and not watching.cancelled())
        return (
            "It heard of the cancellation by a heartbeat, switched off and ended as cancelled: event "
            f"{_event(run.history, 'ActivityTaskCanceled')}. In peace, it wraps all."
        )

    def _judge(self, history: History, wrap: Callable[..., Any], *, began: bool) -> None:
        off = self.ledger.count(_OFF)
        if timed_out := _event(history, "ActivityTaskTimedOut"):
            came = "none came after the first one" if began else "no heartbeat came"
            raise NotYet(
                f"it never heard of the cancellation: {came}, and event {timed_out} is its timeout",
                "send a heartbeat with each parcel",
            )
        if done := _event(history, "ActivityTaskCompleted"):
            raise NotYet(
                f"it was cancelled, and event {done} is ActivityTaskCompleted: the workflow believes that "
                "all is wrapped",
                "raise the `CancelledError` again when you have switched off",
            )
        if failed := _event(history, "ActivityTaskFailed"):
            raise NotYet(
                f"it was cancelled, and event {failed} is ActivityTaskFailed: it ended with "
                f"{_failure(history)}",
                "raise what you have caught, with a bare `raise`, and nothing else on the way there",
            )
        if not off:
            raise NotYet(
                "it ended as cancelled, and the machine still runs: `ex.stop.switch_off()` was not called",
                _why_not_off(wrap.__code__.co_names, wrap.__globals__.get("CancelledError")),
            )


def _why_not_off(names: Sequence[str], imported: object) -> str:
    """Why the machine was not switched off.

    Args:
        names: Those that the answer's code uses.
        imported: What the learner's notebook knows as `CancelledError`; None if nothing.
    """
    if "switch_off" not in names:
        return "nothing in `wrap` calls it"
    if "is_cancelled" in names:
        return "the `await` raises `CancelledError` before `activity.is_cancelled()` is asked: catch that"
    if "Exception" in names:
        return "a `CancelledError` is no `Exception`: what catches it?"
    if "CancelledError" in names and imported not in {None, asyncio.CancelledError}:
        return "an `async def` gets `asyncio.CancelledError`: you catch another one of that name"
    return "is `ex.stop.switch_off()` where the cancellation arrives, with its brackets?"


def _failure(history: History) -> str:
    """What the activity failed with."""
    failure = next(event.failure for event in history if event.type == "ActivityTaskFailed")
    while failure is not None and failure.cause is not None and not failure.type:
        failure = failure.cause
    return str(failure)


async def _heartbeat_seen(handle: WorkflowHandle[Any, Any]) -> None:
    """Wait until the server has a heartbeat of the activity."""
    while True:
        for each in (await handle.describe()).raw_description.pending_activities:
            if each.HasField("last_heartbeat_time"):
                return
        await asyncio.sleep(0.05)


def _event(history: History, kind: str) -> int:
    """Id of the last event of a type; 0 if there is none."""
    return max((event.id for event in history if event.type == kind), default=0)
