"""What both exercises demand in which a workflow is cancelled: what it gives, and how it ends."""

from __future__ import annotations

from typing import Any

from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import History


def demand_given(history: History, wanted: str, name: str) -> None:
    """Demand that each activity is given what `run` was given.

    Args:
        history: The workflow's.
        wanted: What `run` was given.
        name: Its parameter's name.

    Raises:
        NotYet: If one is given something else.
    """
    for event in history:
        given = event.payloads.get("input", ())
        if event.type == "ActivityTaskScheduled" and given != (wanted,):
            said = ", ".join(map(repr, given)) or "nothing"
            raise NotYet(
                f"event {event.id}: `{event.name}` is given {said}, and `run` was given {wanted!r}",
                f"give each activity the `{name}` of `run`: the name, without quotes",
            )


def demand_canceled(history: History, result: Any, done: str) -> None:
    """Demand that a workflow which has tidied up did not swallow its cancellation.

    Args:
        history: Its history.
        result: What it returned.
        done: What it has done, in words.

    Raises:
        NotYet: If it ended otherwise.
    """
    if history.status == "Completed":
        raise NotYet(
            f"{done}, and the workflow completed with {result!r}",
            "it is to end as CANCELED: raise what you have caught, with a bare `raise`",
        )
    if history.status != "Canceled":
        raise NotYet(
            f"{done}, and the workflow is {history.status}", "raise what you have caught, with a bare `raise`"
        )
