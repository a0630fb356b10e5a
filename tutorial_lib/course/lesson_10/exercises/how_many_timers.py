"""How many timers a piece of workflow code asks for, foretold."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from tutorial_lib.course.workflows.waits import Wait, nap
from tutorial_lib.exercises.checks.skipping import skip
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_value
from tutorial_lib.exercises.outcome import NotYet

LETTERS: Final = ("A", "B", "C", "D", "E")
_FAR = timedelta(days=30)
_REASONS: Final = {
    "A": "each call of `asyncio.sleep` asks for a timer of its own, also where both run at the same time",
    "B": "a timer fires once: each turn of the loop asks for another one",
    "C": "this sleep is an activity's: it is the worker that waits, and the workflow asks for no timer",
    "D": "a timeout is a timer, too; it is canceled when the activity is done",
    "E": "it is looked at first: where the condition holds already, nothing is waited for",
}


class HowManyTimers(Exercise):
    """How many timers a piece of workflow code asks for, foretold."""

    title = "How many timers?"
    task = (
        "Write how many events of the type `TimerStarted` each of the five leaves in its history. The check "
        "runs them all."
    )
    starter = """
timers = {
    "A": ____,
    "B": ____,
    "C": ____,
    "D": ____,
    "E": ____,
}
"""
    takes = (a_value("timers", dict, "the dictionary of the starter cell"),)
    hints = (
        "Who sleeps in each of them, a workflow or an activity? Only a workflow asks the server for timers.",
        "In D and E a timer is asked for only while there is something to wait for. Is there?",
    )
    solution_code = """
timers = {"A": 2, "B": 3, "C": 0, "D": 1, "E": 0}
"""
    why = (
        "Whatever waits for a time in workflow code is a timer: a sleep, a timeout of asyncio, that of "
        "`wait_condition`. An activity's own sleep is none: the server knows only that it runs."
    )
    seconds = 20.0

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[str, int] | None = None

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """All five run once a kernel; further guesses are held against the same histories."""
        said = _well_formed(answers[0])
        if self._seen is None:
            self._seen = await _counted(bench)
        wrong = [letter for letter in LETTERS if said[letter] != self._seen[letter]]
        if wrong:
            first = wrong[0]
            more = f" ({len(wrong) - 1} more of the five are otherwise)" if len(wrong) > 1 else ""
            raise NotYet(
                f"{first}: you wrote {said[first]}, and its history has {self._seen[first]}{more}",
                _REASONS[first],
            )
        return (
            "All five: two timers side by side, three one after the other, none of an activity's own, one "
            "that was canceled when the activity was done, and none where there was nothing to wait for."
        )


def _well_formed(timers: Mapping[Any, Any]) -> dict[str, int]:
    missing = [letter for letter in LETTERS if letter not in timers]
    if missing:
        raise NotYet(f"`timers` has no line {missing[0]!r}", "keep the five letters of the starter cell")
    odd = [each for each in LETTERS if not isinstance(timers[each], int) or isinstance(timers[each], bool)]
    if odd:
        raise NotYet(f"{timers[odd[0]]!r}, at {odd[0]!r}, is no whole number", "0, 1, 2 ...")
    return {letter: timers[letter] for letter in LETTERS}


async def _counted(bench: Workbench) -> dict[str, int]:
    """How many timers each of the five has in its history."""
    await bench.worker(workflows=[Wait], activities=[nap])

    async def count(letter: str) -> int:
        handle = await bench.start(Wait, letter, name=letter.lower())
        await skip(bench.client, handle, _FAR)
        return len((await bench.ended(handle)).expect.events("TimerStarted"))

    return dict(zip(LETTERS, await asyncio.gather(*map(count, LETTERS)), strict=True))
