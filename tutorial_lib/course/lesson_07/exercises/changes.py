"""Predict which changes stop a running order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from temporalio import activity

from tutorial_lib.course.lesson_07.bank import charge_card
from tutorial_lib.exercises.checks.replays import recorded, where_they_part
from tutorial_lib.exercises.checks.versions import OURS, version
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_value
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import History

if TYPE_CHECKING:
    from tutorial_lib.replay.steps import Recording


@dataclass(frozen=True)
class Change:
    """A change of a running order's code.

    Attributes:
        old: The piece of the code that is replaced.
        new: What replaces it.
        why: Why a replay does not mind it, if it does not.
    """

    old: str
    new: str
    why: str = ""

    def applied(self, code: str) -> str:
        """The code with this change."""
        if self.old not in code:
            raise ValueError(f"{self.old!r} is not in the code")
        return code.replace(self.old, self.new)


_CODE = """
from datetime import timedelta

from temporalio import workflow


@workflow.defn
class Order:
    def __init__(self) -> None:
        self.is_packed = False

    @workflow.run
    async def run(self, order: str) -> None:
        limit = timedelta(seconds=10)
        await workflow.execute_activity("reserve_stock", order, start_to_close_timeout=limit)
        await workflow.execute_activity("charge_card", order, start_to_close_timeout=limit)
        await workflow.wait_condition(lambda: self.is_packed)
        await workflow.execute_activity("ship_parcel", order, start_to_close_timeout=limit)

    @workflow.signal
    def packed(self) -> None:
        self.is_packed = True
"""

_STEP = '        await workflow.execute_activity("{}", order, start_to_close_timeout=limit)\n'

_RESERVE, _CHARGE, _SHIP = (_STEP.format(step) for step in ("reserve_stock", "charge_card", "ship_parcel"))

_ANSWERS = ("goes on", "stops")

_SLEEP = "        await workflow.sleep(1)\n"


class Changes(Exercise):
    """Predict which changes stop a running order."""

    title = "Predict: will it go on?"
    task = (
        "An order of version 1 has charged the card and waits for `packed`, when somebody deploys a change. "
        "For each of the six, say what becomes of the order: does it go on, or does it stop with TMPRL1100?"
    )
    starter = """
# "goes on" or "stops"
guess = {
    "the activities' timeouts are 60 seconds, not 10": ____,
    "a second's sleep before the card is charged": ____,
    "a second's sleep before the parcel is shipped": ____,
    "charge_card is called take_payment": ____,
    "the card is charged first, the stock reserved then": ____,
    "the parcel's address as a second argument of charge_card": ____,
}
"""
    takes = (a_value("guess", dict, "a dict"),)
    hints = (
        (
            "Write down the commands that the order has given so far, task by task. Which of the changes "
            "gives another one, or another sequence of them, before the place where the order waits now?"
        ),
        (
            "Of each command its kind and name are compared, and its place in the sequence; what else is in "
            "it is not. And nobody compares what has not happened yet."
        ),
    )
    solution_code = """
guess = {
    "the activities' timeouts are 60 seconds, not 10": "goes on",
    "a second's sleep before the card is charged": "stops",
    "a second's sleep before the parcel is shipped": "goes on",
    "charge_card is called take_payment": "stops",
    "the card is charged first, the stock reserved then": "stops",
    "the parcel's address as a second argument of charge_card": "goes on",
}
"""
    why = (
        "A replay compares which commands come, task by task, up to where the execution stands: kind, name, "
        "order. A timer, another name, another order: another road. What is in a command "
        "(timeouts, arguments) is not compared, and what lies ahead has nothing to be compared with."
    )
    made: ClassVar[dict[str, Change]] = {
        "the activities' timeouts are 60 seconds, not 10": Change(
            "seconds=10", "seconds=60", "the same commands come; their timeouts are not compared"
        ),
        "a second's sleep before the card is charged": Change(_CHARGE, f"{_SLEEP}{_CHARGE}"),
        "a second's sleep before the parcel is shipped": Change(
            _SHIP, f"{_SLEEP}{_SHIP}", "the order has not got there: there is nothing to compare it with"
        ),
        "charge_card is called take_payment": Change("charge_card", "take_payment"),
        "the card is charged first, the stock reserved then": Change(
            f"{_RESERVE}{_CHARGE}", f"{_CHARGE}{_RESERVE}"
        ),
        "the parcel's address as a second argument of charge_card": Change(
            '"charge_card", order,',
            '"charge_card", args=[order, "Oslo"],',
            "the same command comes; its arguments are not compared, and the card was charged without them",
        ),
    }

    def __init__(self) -> None:
        super().__init__()
        self._order: History | None = None

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """A real order is replayed with each change; nothing is known beforehand."""
        (guess,) = answers
        self._readable(guess)
        if self._order is None:
            self._order = await self._waiting_order(bench)
        history = self._order
        stopped = 0
        for number, (question, change) in enumerate(self.made.items(), start=1):
            changed = version(change.applied(_CODE), "Order", f"order_{number}.py")
            recording = await recorded(history, changed, runner=OURS)
            seen = "goes on" if recording.error is None else "stops"
            stopped += seen == "stops"
            if _plain(guess[question]) != seen:
                raise await self._another(history, question, _plain(guess[question]), recording, change)
        return (
            f"As you said: a replay of the order's {len(history)} events stops with {stopped} changes, and "
            f"does not notice the other {len(self.made) - stopped}. Such a test takes no time."
        )

    def _readable(self, guess: dict[str, Any]) -> None:
        for question in self.made:
            if question not in guess:
                raise NotYet(
                    f"`guess` says nothing of {question!r}", "keep the keys as the starter cell has them"
                )
            if _plain(guess[question]) not in _ANSWERS:
                raise NotYet(
                    f"{question!r}: {guess[question]!r} is none of the two answers",
                    'they are "goes on" and "stops"',
                )

    async def _waiting_order(self, bench: Workbench) -> History:
        order = version(_CODE, "Order", "order.py")
        await bench.worker(workflows=[order], activities=[reserve_stock, charge_card], workflow_runner=OURS)
        return await bench.until(await bench.start(order, "order-42"), "WorkflowTaskCompleted", 3)

    async def _another(
        self, history: History, question: str, said: str, recording: Recording, change: Change
    ) -> NotYet:
        from tutorial_lib.views import Stepper

        if recording.error is None:
            return NotYet(
                (
                    f"{question!r}: you say it {said}; all {len(history)} "
                    "events of the order replay without complaint"
                ),
                change.why,
            )
        as_it_was = await recorded(history, version(_CODE, "Order", "order.py"), runner=OURS)
        return NotYet(
            f"{question!r}: you say it {said}; its replay stops: {where_they_part(recording)}",
            "step through both versions below: up to which workflow task do they ask for the same?",
            view=Stepper.of(as_it_was, recording, labels=("as it was", "changed")),
        )


def _plain(answer: Any) -> Any:
    """An answer as it is compared: capitals, blanks and a full stop do not count."""
    return answer.strip(" .").casefold() if isinstance(answer, str) else answer


@activity.defn
async def reserve_stock(order: str) -> None:
    """Reserves."""
