"""How six workflows end that are cancelled or terminated, foretold."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Final

from temporalio.client import WorkflowFailureError, WorkflowHandle

from tutorial_lib.course.workflows.endings import (
    EatsD,
    EatsE,
    SleepsA,
    SleepsB,
    SleepsC,
    SleepsF,
    breakfast,
)
from tutorial_lib.exercises.checks.in_words import in_one_form, one_word_a_line
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_value
from tutorial_lib.exercises.outcome import NotYet

STORIES: Final = {"A": SleepsA, "B": SleepsB, "C": SleepsC, "D": EatsD, "E": EatsE, "F": SleepsF}
ENDS: Final = ("completed", "failed", "canceled", "terminated")
_TERMINATED: Final = "F"
_REASONS: Final = {
    "A": "it was asked to stop, and it returned: how does a workflow end that returns?",
    "B": "which exception left `run` in the end?",
    "C": "a `CancelledError` is a `BaseException`, and no `Exception`: does this `except` see it?",
    "D": "what does an `await` of an activity raise, and is that an `Exception`?",
    "E": "what does an `await` of an activity raise? This `except` does not see it, and it leaves `run`",
    "F": "a termination raises nothing: the server ends it, and tells the code nothing",
}


class HowItEnds(Exercise):
    """How six workflows end that are cancelled or terminated, foretold."""

    title = "How does it end?"
    task = (
        "Write the status that each has in the end: "
        '`"completed"`, `"failed"`, `"canceled"` or `"terminated"`. The check lets all six happen.'
    )
    starter = """
ends = {
    "A": ____,
    "B": ____,
    "C": ____,
    "D": ____,
    "E": ____,
    "F": ____,
}
"""
    takes = (a_value("ends", dict, "the dictionary of the starter cell"),)
    hints = (
        "For each ask first: what is raised at the `await`, and does its `except` catch it?",
        "Where `run` returns, it completes. Where an exception leaves it, that one says how it ends.",
        "At a timer it is `asyncio.CancelledError`; at an activity `ActivityError`, an `Exception`.",
    )
    solution_code = """
ends = {
    "A": "completed",
    "B": "failed",
    "C": "canceled",
    "D": "completed",
    "E": "canceled",
    "F": "terminated",
}
"""
    why = (
        "The status is what `run` makes of it. C and E do not catch what comes, and it leaves `run`: "
        "canceled. A and D catch it and return. In B the cleanup raises an error of its own: failed. F "
        "catches everything, and there is nothing to catch."
    )

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[str, str] | None = None

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """All six happen once a kernel; further guesses are held against the same ends."""
        said = one_word_a_line(answers[0], STORIES, ENDS, name="ends", form=_form)
        if self._seen is None:
            self._seen = await _happen(bench)
        wrong = [name for name, end in self._seen.items() if said[name] != end]
        if wrong:
            first = wrong[0]
            more = f" ({len(wrong) - 1} more of the six came otherwise)" if len(wrong) > 1 else ""
            raise NotYet(
                f"{first}: you wrote {said[first]!r}, and it was {self._seen[first]!r}{more}",
                _REASONS[first],
            )
        return "All six. Who catches, decides; and a termination is nothing that could be caught."


def _form(answer: Any) -> str:
    """An answer in the form that is compared: with two L, it is meant as well."""
    return in_one_form(answer, cancelled="canceled")


async def _happen(bench: Workbench) -> dict[str, str]:
    """How each of the stories ends."""
    await bench.worker(workflows=list(STORIES.values()), activities=[breakfast])
    handles = {name: await bench.start(story, name=name.lower()) for name, story in STORIES.items()}
    ends = await asyncio.gather(*(_end(bench, name, handle) for name, handle in handles.items()))
    return dict(zip(STORIES, ends, strict=True))


async def _end(bench: Workbench, name: str, handle: WorkflowHandle[Any, Any]) -> str:
    waits = "ActivityTaskScheduled" if STORIES[name] in (EatsD, EatsE) else "TimerStarted"
    await bench.until(handle, waits)
    if name == _TERMINATED:
        await handle.terminate()
    else:
        await handle.cancel()
    with contextlib.suppress(WorkflowFailureError):
        await handle.result()
    status = (await handle.describe()).status
    return status.name.lower() if status is not None else ""
