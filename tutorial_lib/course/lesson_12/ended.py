"""What both exercises demand in which a workflow is cancelled: that it ends as canceled."""

from __future__ import annotations

from typing import Any

from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import History


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
