"""What a check tells of an execution that came to nothing, in a learner's words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from temporalio.client import WorkflowHandle

from tutorial_lib.exercises.outcome import NotYet

__all__ = ["place_or", "refuse_hopeless", "under_way", "without_names"]

ENDLESS = 200  # events that no run of an exercise comes to
_MEND = "the workflow has not failed: fix the code, make a new worker, and it goes on"
_ENDS = ("SystemExit", "KeyboardInterrupt")
_MISFIT = re.compile(
    r"TypeError: .*\(\) (missing \d+ required|takes \S+ (positional )?argument|got an unexpected)"
)


def refuse_hopeless(told: Sequence[str]) -> None:
    """A retry does not mend an activity that is called in the wrong way, or that ends the program.

    Args:
        told: Failures, in three lines each, as a cell would show them.

    Raises:
        NotYet: If one of them is such a one.
    """
    for text in told:
        head, _, place = text.partition("\n")
        kind, _, message = head.removeprefix("ACTIVITY FAILED ").partition(": ")
        if not head.startswith("ACTIVITY FAILED "):
            continue
        name = kind.split(" ")[0]
        if message.startswith(_ENDS):
            raise NotYet(
                f"activity `{name}` ends the program ({message}); to fail, it raises an exception",
                place.strip(),
            )
        if _MISFIT.match(message) and f"{name}()" in message:
            raise NotYet(
                f"activity `{name}` is called with the wrong arguments: {message}",
                "`execute_activity` takes the activity, then its argument; several as `args=[...]`",
            )


def place_or(told: Sequence[str], hint: str) -> str:
    """Where it went wrong, as the cell would show it; else what the stage suggests."""
    if any("coroutine is not JSON serializable" in text for text in told):
        return "a call that was not awaited gives a coroutine: put `await` in front of it"
    lines = [line.strip() for text in told for line in text.split("\n")[1:]]
    places = [line for line in lines if ", line " in line]
    return places[-1] if places else hint.replace(_MEND, "fix it in the starter cell, then run both cells")


def without_names(text: str, name: str) -> str:
    """A workflow id that only this check knows tells the learner nothing.

    Args:
        text: What was seen.
        name: What the ids of this check begin with.
    """
    text = text.split(" waits: ", 1)[-1].replace("its workflow task", "the workflow task")
    text = text.replace("_DeadlockError: ", "")  # private to the SDK
    return re.sub(rf"workflow '{re.escape(name)}[^']*'", "your workflow", text)


async def under_way(handle: WorkflowHandle[Any, Any]) -> str:
    """What an open execution waits for, as far as its server knows."""
    raw = (await handle.describe()).raw_description
    if raw.workflow_execution_info.history_length > ENDLESS:
        return f"it goes on and on, with more than {ENDLESS} events so far"
    for activity in raw.pending_activities:
        return f"activity `{activity.activity_type.name}` has begun and does not end"
    for child in raw.pending_children:
        return f"child workflow `{child.workflow_type_name}` does not end"
    if raw.HasField("pending_workflow_task"):
        return "its code does not come to the next `await`"
    return "nothing is under way; it waits for a timer, a message or a condition"
