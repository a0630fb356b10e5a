"""At least once: the power fails after the charge, before anybody could know of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tutorial_lib.course.lesson_00.order_stories import killed_inside
from tutorial_lib.course.workflows.orders import STEPS
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_value
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import History


class HalfDone(Exercise):
    """At least once: the power fails after the charge, before anybody could know of it."""

    title = "Predict: killed inside a step"
    task = (
        "This time the worker dies inside `charge_card`: the card has been charged, and the process ends "
        "before it can report that. A second worker finishes the order. How often will each line stand in "
        "the ledger?"
    )
    starter = """
# How often will the ledger of the finished order say so?
stock_reserved = ____
card_charged = ____
parcel_shipped = ____
"""
    takes = (
        a_value("stock_reserved", int, "a number"),
        a_value("card_charged", int, "a number"),
        a_value("parcel_shipped", int, "a number"),
    )
    hints = (
        "For each step ask: which event told the server that it was done, before the worker died?",
        (
            "The server cannot tell a step that was never begun from one that was done and not reported. "
            "What is the safe thing to do then: to skip it, or to have it done?"
        ),
    )
    solution_code = """
stock_reserved = 1
card_charged = 2
parcel_shipped = 1
"""
    why = (
        "`reserve_stock` was reported, so nobody does it again. `charge_card` was not: the server waits for "
        "its timeout and has it done again. At least once is what any system can promise; lesson 16 makes "
        "such a step safe, so that the second charge finds the first."
    )
    seconds = 30.0  # two processes are started, on a machine that may be busy

    def __init__(self) -> None:
        super().__init__()
        self._ran: tuple[Counter[str], History] | None = None

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """The order is killed for real, once a kernel; further guesses are held against the same ledger."""
        if self._ran is None:
            self._ran = await killed_inside(bench)
        ledger, history = self._ran
        seen = [ledger[line] for line in ("stock reserved", "card charged", "parcel shipped")]
        started = {e.name: e for e in history if e.type == "ActivityTaskStarted"}
        done = {e.name: e for e in history if e.type == "ActivityTaskCompleted"}
        reserve, charge, ship = (step.__name__ for step in STEPS)
        again = started[charge]
        if answers[0] != seen[0]:
            raise self._guess(
                "stock reserved",
                answers[0],
                seen[0],
                f"event {done[reserve].id} says that `{reserve}` was done, before the worker died",
                history,
            )
        if answers[1] != seen[1]:
            because = {
                0: "it was charged before the process ended, and a ledger forgets nothing",
                1: f"event {again.id} is attempt {again.attempt}; what did the server know of attempt 1?",
            }.get(answers[1], f"event {again.id} is attempt {again.attempt}, and it was the last")
            raise self._guess("card charged", answers[1], seen[1], because, history)
        if answers[2] != seen[2]:
            raise self._guess(
                "parcel shipped",
                answers[2],
                seen[2],
                f"`{ship}` began at event {started[ship].id}, when the second worker was there already",
                history,
            )
        why = f" ({again.failure.reason.message})" if again.failure else ""
        return (
            f"The ledger says {seen[0]}, {seen[1]}, {seen[2]}. Event {again.id} is attempt {again.attempt} "
            f"of `{charge}`{why}: nobody had told the server that the first one had charged. A step runs at "
            "least once."
        )

    @staticmethod
    def _guess(line: str, said: int, seen: int, because: str, history: History) -> NotYet:
        from tutorial_lib.views import Timeline

        times = {0: "never", 1: "once", 2: "twice"}
        return NotYet(
            f"you say '{line}' {times.get(said, f'{said} times')}; an order that was killed just so has it "
            f"{times.get(seen, f'{seen} times')}",
            because,
            view=Timeline.of(history),
        )
