"""What a check reports of an execution that did not end, in a learner's words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from temporalio.client import WorkflowHandle

from tutorial_lib import sdk
from tutorial_lib.cells.failures.records import FailureKind, FailureRecord
from tutorial_lib.errors import Diagnosis, Stuck
from tutorial_lib.exercises.outcome import NotYet

__all__ = ["SEVERAL", "misfits", "not_awaited", "place_or", "refuse_hopeless", "told_of", "under_way"]

ENDLESS = 200  # events that no run of an exercise comes to
_MEND = "fix it in the starter cell, then run both cells"
SEVERAL = "`execute_activity` takes the activity, then its argument; several as `args=[...]`"
_ENDS = ("SystemExit", "KeyboardInterrupt")
# Python's own words for a function that is called with other arguments than it has.
_MISFIT = re.compile(r".*\(\) (missing \d+ required|takes \S+ (positional )?argument|got an unexpected)")
_NOT_AWAITED = "coroutine is not JSON serializable"  # Python's, too
# What others' words mean, in the order in which they are looked for.
_CURES = {
    _NOT_AWAITED: "a call that was not awaited gives a coroutine: put `await` in front of it",
    # asyncio's, for what `start_activity` returned
    "await wasn't used with future": "what was started is not waited for: put `await` in front of it",
    # the SDK's, for what an activity returned
    "Activity must be a string or callable": (
        "`activity(value)` calls it here; `execute_activity(activity, value, ...)` asks a worker to"
    ),
    # Python's, for whatever stands behind the one argument
    "execute_activity() takes from 1 to 2 positional arguments": (
        f"{SEVERAL}; everything else has a name: `start_to_close_timeout=...`"
    ),
    # Python's, for an error that has to have a message
    "ApplicationError.__init__() missing": (
        "a message for people comes first, what programs compare after it: "
        '`ApplicationError("...", type=...)`'
    ),
    # protobuf's, for a timeout
    "Expected a timedelta object got": (
        "a time is a `timedelta` (from datetime): ten seconds are `timedelta(seconds=10)`"
    ),
}

# Where a check has defined its activity: of no use to whoever calls it.
_WHERE_DEFINED = re.compile(r"[\w.]+\.<locals>\.")


def refuse_hopeless(failures: Sequence[FailureRecord]) -> None:
    """A retry does not mend an activity that is called in the wrong way, or that ends the program.

    Args:
        failures: Of the execution, so far.

    Raises:
        NotYet: If one of them is such a one.
    """
    for failure in failures:
        if failure.kind is not FailureKind.ACTIVITY:
            continue
        if failure.error_type in _ENDS:
            ends = f"activity `{failure.name}` ends the program ({failure.error})"
            raise NotYet(f"{ends}; to fail, it raises an exception", failure.place, diagnosis=_of(failure))
        if misfits(failure.error_type, failure.message) and f"{failure.name}()" in failure.message:
            raise NotYet(
                f"activity `{failure.name}` is called with the wrong arguments: "
                f"{_WHERE_DEFINED.sub('', failure.error)}",
                SEVERAL,
                diagnosis=_of(failure),
            )


def _of(failure: FailureRecord) -> Diagnosis:
    """An activity's failure as what keeps the execution."""
    return Diagnosis(
        Stuck.ACTIVITY_FAILS,
        hopeless=True,
        activity=failure.name,
        error_type=failure.error_type,
        message=failure.message,
    )


def misfits(error_type: str, message: str) -> bool:
    """Whether Python's message is that a function was called with other arguments than it has."""
    return error_type == "TypeError" and _MISFIT.match(message) is not None


def not_awaited(message: str) -> bool:
    """Whether the SDK's converter was given a coroutine instead of what it would have returned."""
    return _NOT_AWAITED in message


def place_or(failures: Sequence[FailureRecord], diagnosis: Diagnosis | None = None, hint: str = "") -> str:
    """Where it failed, as the cell would show it; else what the stage suggests.

    Args:
        failures: Of the execution, so far.
        diagnosis: What keeps it.
        hint: The answer where neither has more.
    """
    for words, cure in _CURES.items():
        if any(words in failure.message for failure in failures):
            return cure
    if failures and failures[-1].error_type == "NameError" and failures[-1].advice:
        return failures[-1].advice
    if places := [failure.place for failure in failures if failure.place]:
        return places[-1]
    if diagnosis is not None and diagnosis.kind is Stuck.TASK_FAILS:
        return _MEND
    return diagnosis.hint if diagnosis is not None and diagnosis.hint else hint


def told_of(diagnosis: Diagnosis) -> str:
    """What was seen, in words of a learner who does not know the check's own workflow ids."""
    seen = diagnosis.seen.replace("its workflow task", "the workflow task")
    return seen.replace(f"{sdk.DEADLOCK}: ", "")  # its text says all


async def under_way(handle: WorkflowHandle[Any, Any], *, endless: bool) -> str:
    """What an open execution waits for, as far as its server knows.

    Args:
        handle: The execution.
        endless: Whether it was seen to move all the time.
    """
    raw = (await handle.describe()).raw_description
    if endless or raw.workflow_execution_info.history_length > ENDLESS:
        return f"it goes on and on, with {raw.workflow_execution_info.history_length} events so far"
    for activity in raw.pending_activities:
        return f"activity `{activity.activity_type.name}` has begun and does not end"
    for child in raw.pending_children:
        return f"child workflow `{child.workflow_type_name}` does not end"
    if raw.HasField("pending_workflow_task"):
        return "its code does not come to the next `await`"
    return "nothing is under way; it waits for a timer, a message or a condition"
