"""An exercise: what an author writes, and the three words that a learner uses: check, hint, solution."""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
import re
from collections.abc import Sequence
from typing import Any, ClassVar

from temporalio.service import RPCError

from tutorial_lib.cells.failures import unawaited
from tutorial_lib.cells.failures.log import message_of, place_of
from tutorial_lib.errors import TutorialError
from tutorial_lib.exercises.attempted import not_attempted
from tutorial_lib.exercises.checks.check_namespace import check_client, check_server
from tutorial_lib.exercises.checks.ledger import Ledger
from tutorial_lib.exercises.checks.patience import Patience, in_time
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.hint_card import HintCard
from tutorial_lib.exercises.inputs import Takes, accept
from tutorial_lib.exercises.lessons import lesson_of
from tutorial_lib.exercises.outcome import NotBegun, NotYet, Outcome, Status, headed
from tutorial_lib.exercises.outdated import failed_after, outdated
from tutorial_lib.exercises.progress import Progress
from tutorial_lib.sdk import load_build_id
from tutorial_lib.stage.wait_for_result import check_answers
from tutorial_lib.views.kit.cards import card, inline

__all__ = ["Exercise"]

_MODULE = re.compile(r"(.+)\.exercises\.(\w+)")


class Exercise:
    """One exercise. An author writes a subclass; the module of a lesson holds an instance.

    Attributes:
        lesson: "lesson-01"; known from the module of the class.
        name: What the lesson's package calls it; also its key in the learner's progress. The name of the
            module of the class, `course/lesson_01/exercises/NAME.py`.
        title: A few words.
        task: What to do, in one or two sentences.
        starter: Source of the starter cell, gaps written as `____`.
        takes: What `check` wants, in order.
        hints: At least two; each leads further, none gives the answer.
        solution_code: Source of the reference solution.
        why: Why it is right, and why it matters; shown with the solution.
        seconds: How long a check may take.
        ledger: Side effects of the run that is checked; cleared before each check.
    """

    lesson: ClassVar[str]
    name: ClassVar[str]
    title: ClassVar[str]
    task: ClassVar[str]
    starter: ClassVar[str]
    takes: ClassVar[Sequence[Takes]]
    hints: ClassVar[Sequence[str]]
    solution_code: ClassVar[str]
    why: ClassVar[str]
    seconds: ClassVar[float] = 12.0

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if stands := _MODULE.fullmatch(cls.__module__):
            cls.lesson, cls.name = lesson_of(cls.__module__), stands[2]

    def __init__(self) -> None:
        self.ledger = Ledger()
        self._hinted = 0

    @property
    def key(self) -> str:
        """Its key in a learner's progress."""
        return f"{self.lesson}/{self.name}"

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """Judge an attempt. For authors.

        Args:
            bench: Where to run it.
            answers: What `check` was given, of the right kinds.

        Returns:
            What the learner's history shows, and why it matters: one or two sentences.

        Raises:
            NotYet: With what was seen and what to try.
            NotBegun: If it is to be done elsewhere (Web UI, terminal) and nothing was.
        """
        raise NotImplementedError

    # ---- what a learner calls --------------------------------------------------------------------

    async def check(self, *answers: Any) -> Outcome:
        """Run your answer on the real server and read its history.

        Args:
            answers: What the starter cell defines, in the order in which the check cell has it.
        """
        if old := outdated(self.name, self.starter):  # neither an attempt nor none: it is not there yet
            return Outcome(self.title, Status.NOT_YET, *old)
        said = not_attempted(self.starter, answers)
        if said is not None:
            return Outcome(self.title, Status.NOT_ATTEMPTED, said)
        with unawaited.collected() as names:
            outcome = await self._judged(answers)
            if outcome.status is Status.NOT_YET:
                unawaited.throw_away()
                outcome = _with_unawaited(outcome, names)
                outcome = _with_more(outcome, failed_after(self.name, self.starter))
        if outcome.status is not Status.NOT_ATTEMPTED:
            Progress().note(self.key, solved=outcome.correct)
        return outcome

    def hint(self) -> HintCard:
        """One more hint with each call."""
        self._hinted = min(self._hinted + 1, len(self.hints))
        shown = [f"{number}. {text}" for number, text in enumerate(self.hints[: self._hinted], start=1)]
        left = len(self.hints) - self._hinted
        more = f"{left} more" if left else "that was the last one; `solution()` shows one way"
        return HintCard(
            headed(self.title, f"hint {self._hinted} of {len(self.hints)}"), [*shown, f"({more})"]
        )

    def solution(self) -> HintCard:
        """One way to do it, and why it is right. Yours may differ."""
        return HintCard(headed(self.title, "one way"), [self.why], code=self.solution_code.strip("\n"))

    def __repr__(self) -> str:
        return f"{self.title}: {self.task}"

    def _repr_html_(self) -> str:
        solved = Progress().solved(self.key)
        mark = " (✓ solved)" if solved else ""
        return card([f"<b>{inline(self.title)}</b>{mark}", inline(self.task)], "#4f6bed")

    # ---- how it is judged ------------------------------------------------------------------------

    async def _judged(self, answers: Sequence[Any]) -> Outcome:
        bench: Workbench | None = None
        patience = Patience(self.seconds)
        try:
            accept(f"ex.{self.name}.check", self.takes, answers)
            self.ledger.clear()
            bench = Workbench(await check_client(), self.name)
            await asyncio.to_thread(load_build_id)  # not in the time that the answer may take
            patience = Patience(self.seconds)
            verifying = asyncio.ensure_future(self.verify(bench, *answers))
            if not await in_time(verifying, patience, bench.moved):
                raise TimeoutError  # noqa: TRY301 - told as what an answer's own are
            text = verifying.result()
        except NotBegun as answer:
            return Outcome(self.title, Status.NOT_ATTEMPTED, str(answer))
        except Exception as error:  # noqa: BLE001 - `_fallen_short` raises what is ours
            return await self._fallen_short(error, bench, endless=patience.endless)
        finally:
            if bench is not None:
                await bench.close()
        return Outcome(self.title, Status.CORRECT, inspect.cleandoc(text).replace("\n", " "))

    async def _fallen_short(self, error: Exception, bench: Workbench | None, *, endless: bool) -> Outcome:
        """The outcome that an error means for an answer; nothing, if the server is not there."""
        error = await _gone(bench) or error
        match error:
            case NotYet():
                seen, hint = error.seen, error.hint
            case TimeoutError():
                told = " ".join(bench.failures[-1].text.splitlines()) if bench and bench.failures else ""
                waits = await bench.under_way(endless=endless) if bench else ""
                seen = f"it was not done after {self.seconds:g} s" + (f": {waits}" if waits else "")
                hint = told or "does something in it wait, or loop, for ever?"
            case TutorialError():  # the server has gone, a cell cannot be found ...
                seen, hint = error.seen, error.hint
            case _ if not isinstance(error, RPCError) and (place_ := place_of(error)):
                seen, hint = f"your code raised {message_of(error)}", place_
            case _:
                raise error  # ours, not the learner's
        return Outcome(self.title, Status.NOT_YET, seen, hint, getattr(error, "view", None))


async def _gone(bench: Workbench | None) -> TutorialError | None:
    """That the server of a check is not there: then what was seen is no verdict. None if it answers."""
    if bench is None:
        return None
    try:
        await check_answers(bench.client, check_server)
    except TutorialError as gone:
        return gone
    return None


def _with_unawaited(outcome: Outcome, names: Sequence[str]) -> Outcome:
    """Adds coroutines that nobody waited for, where what was seen does not name them already."""
    if not names or "await" in outcome.text + outcome.hint:
        return outcome
    calls = [f"`{name}(...)`" for name in dict.fromkeys(names)]
    return _with_more(outcome, f"{' and '.join(calls)} {'was' if len(calls) == 1 else 'were'} never awaited")


def _with_more(outcome: Outcome, told: str) -> Outcome:
    """Adds to what there is to try; nothing adds nothing."""
    if not told:
        return outcome
    return dataclasses.replace(outcome, hint=f"{outcome.hint}; {told}" if outcome.hint else told)
