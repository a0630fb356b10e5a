"""What everybody writes first: a script that reads in its own ledger how far it got."""

from __future__ import annotations

import inspect
from typing import Any

from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_function
from tutorial_lib.exercises.outcome import NotYet

_STEPS = ["stock reserved", "card charged", "parcel shipped"]
# How many are done: as after the kill; then all, and none.
_DONE = (2, 3, 0)


class StepsLeft(Exercise):
    """What everybody writes first: a script that reads in its own ledger how far it got."""

    title = "Mend the script"
    task = "Let `steps_left` return the steps that have no line in the ledger yet."
    starter = """
STEPS = ["stock reserved", "card charged", "parcel shipped"]


def steps_left(ledger: str) -> list[str]:
    return [step for step in STEPS if ____]
"""
    takes = (a_function("steps_left"),)
    hints = (
        "A step is left when its line is not in the text of the ledger.",
        'Python says so in words: `"tea" not in "coffee, milk"` is True.',
    )
    solution_code = """
def steps_left(ledger: str) -> list[str]:
    return [step for step in STEPS if step not in ledger]
"""
    why = (
        "It holds as long as no crash comes between a step and its line: a card that was charged an instant "
        "before the kill is charged again. And each program needs such code, and tests for it."
    )

    async def verify(self, bench: Workbench, *answers: Any) -> str:  # noqa: ARG002 - no server is needed
        """The steps left are those without a line, whatever is done."""
        (steps_left,) = answers
        for done in _DONE:
            ledger = "".join(f"{step}\n" for step in _STEPS[:done])
            try:
                left = steps_left(ledger)
            except Exception as error:  # noqa: BLE001 - a learner's function may raise anything
                raise NotYet(
                    f"`steps_left` raised {type(error).__name__}: {error}",
                    "it is given the text of the ledger; `step` is one of the steps",
                ) from None
            if inspect.iscoroutine(left):
                left.close()
                raise NotYet(
                    "`steps_left` is `async`: called, it returned a coroutine",
                    "a plain `def` will do: nothing in it waits",
                )
            if left != _STEPS[done:]:
                raise self._another(left, done)
        return f"After a crash just behind '{_STEPS[1]}', the script would go on with '{_STEPS[2]}'."

    @staticmethod
    def _another(left: Any, done: int) -> NotYet:
        has = f"the ledger has {_listed(_STEPS[:done])}"
        if not isinstance(left, list):
            return NotYet(
                f"`steps_left` returned {left!r}, which is no list",
                "return a list of steps, as the starter does",
            )
        if done and left == _STEPS[:done]:
            return NotYet(
                f"{has}, and just that is what `steps_left` returned",
                "that is what is done; what is left is the rest",
            )
        if again := [step for step in _STEPS[:done] if step in left]:
            return NotYet(
                f"{has}, and '{again[-1]}' would be done once more",
                "leave out each step whose line is in the ledger",
            )
        if unknown := [step for step in left if step not in _STEPS]:
            return NotYet(f"{unknown[0]!r} is none of the steps", "return the steps as they stand in `STEPS`")
        missing = next((step for step in _STEPS[done:] if step not in left), "")
        if not missing:
            return NotYet(f"{has}, and `steps_left` returned {left}", "return each step once, in order")
        return NotYet(
            f"{has}, and nobody would ever do '{missing}'",
            "a step without a line is one that is left",
        )


def _listed(steps: list[str]) -> str:
    return " and ".join(f"'{step}'" for step in steps) or "no line"
