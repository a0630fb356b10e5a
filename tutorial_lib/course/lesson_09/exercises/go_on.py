"""An activity that continues where the attempt before it stopped, with what that had found."""

from __future__ import annotations

from typing import Any, Final

from temporalio import activity

from tutorial_lib.course.workflows.warehouse import CountStock
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import an_activity
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import History

SHELVES: Final = {"A": 3, "B": 5, "C": 7, "D": 2, "E": 4}
_FAILS: Final = "C"  # the shelf before which the scanner fails, once


class GoOn(Exercise):
    """An activity that continues where the attempt before it stopped, with what that had found."""

    title = "Count on"
    task = (
        "Finish `count_shelves`: each shelf is counted once, and the total is right, though the scanner "
        "fails in the middle and a second attempt has to be made."
    )
    starter = """
from temporalio import activity


@activity.defn
async def count_shelves(shelves: list[str]) -> int:
    ____
    total = 0
    for shelf in shelves:
        total += await ex.go_on.count(shelf)
        ____
    return total
"""
    takes = (an_activity("count_shelves"),)
    hints = (
        "What the first attempt knew is lost with it, unless it went along with a heartbeat.",
        (
            "`activity.info().heartbeat_details` is what the last heartbeat of the attempt before carried: "
            "a sequence, empty in the first attempt."
        ),
        (
            "Two things are to be known: how many shelves are done, and the total so far. "
            "`activity.heartbeat(done, total)` carries both."
        ),
    )
    solution_code = """
@activity.defn
async def count_shelves(shelves: list[str]) -> int:
    done, total = activity.info().heartbeat_details or (0, 0)
    for shelf in shelves[done:]:
        total += await ex.go_on.count(shelf)
        done += 1
        activity.heartbeat(done, total)
    return total
"""
    why = (
        "An attempt begins with nothing but its arguments and the details of the last heartbeat. So all that "
        "it needs to go on belongs into them, place and total, and they are sent when a shelf is done, not "
        "before."
    )

    def __init__(self) -> None:
        super().__init__()
        self._details: tuple[Any, ...] = ()

    async def count(self, shelf: str) -> int:
        """Count the boxes of a shelf, for real.

        Args:
            shelf: Its letter.

        Raises:
            ConnectionError: The scanner failed. That happens once.
        """
        info = activity.info()
        if info.attempt > 1:
            self._details = tuple(info.heartbeat_details)
        if shelf == _FAILS and self.ledger.add("the scanner fails") == 1:
            raise ConnectionError("the scanner does not answer")
        self.ledger.add(f"shelf {shelf}")
        return SHELVES[shelf]

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """Count five shelves; the third one fails once."""
        (count_shelves,) = answers
        self._details = ()
        run = await bench.run(CountStock, list(SHELVES), activities=[count_shelves])
        times = {shelf: self.ledger.count(f"shelf {shelf}") for shelf in SHELVES}
        if run.failure is not None:
            raise NotYet(
                f"the activity failed in each attempt: {_why(run.failure)}",
                "the scanner fails once: what fails in the other attempts?",
            )
        self._judge_shelves(times, run.history)
        _judge_attempts(run.history, self._details)
        right = sum(SHELVES.values())
        if run.result != right:
            later = sum(SHELVES[shelf] for shelf in list(SHELVES)[2:])
            hint = (
                "what has the first attempt counted, and who knows of it now?" if run.result == later else ""
            )
            raise NotYet(
                f"each shelf was counted once, {right} boxes; the activity returned {run.result!r}", hint
            )
        return (
            f"Two attempts, five shelves, {right} boxes: attempt 2 began with shelf {_FAILS} and with the "
            "total that attempt 1 had sent along with its last heartbeat."
        )

    def _judge_shelves(self, times: dict[str, int], history: History) -> None:
        twice = [shelf for shelf, count in times.items() if count > 1]
        never = [shelf for shelf, count in times.items() if count == 0]
        attempt = _attempts(history)
        if never:
            raise NotYet(
                f"shelf {never[0]} was never counted, in {attempt} attempts"
                if len(never) == 1
                else f"shelves {', '.join(never)} were never counted, in {attempt} attempts",
                "do the details say that a shelf is done before it is, or is one skipped too many?",
            )
        if twice == ["A", "B"]:
            if self._details:
                raise NotYet(
                    "shelves A and B were counted twice: attempt 2 began with the first shelf again, though "
                    f"the details were there: {self._details}",
                    "what does `activity.info().heartbeat_details` say of the shelves that are done?",
                )
            raise NotYet(
                "shelves A and B were counted twice: attempt 2 began with the first shelf again",
                "send a heartbeat with what is done, and begin behind what "
                "`activity.info().heartbeat_details` has",
            )
        if twice:
            raise NotYet(
                f"shelf {twice[0]} was counted twice: attempt 2 began one too early",
                "is the number in the details that of the last shelf, or of the next one?",
            )


def _judge_attempts(history: History, details: tuple[Any, ...]) -> None:
    """Each shelf once is not enough: another worker is to be able to go on.

    Args:
        history: Of the run.
        details: What attempt 2 was given.
    """
    if _attempts(history) == 1:
        raise NotYet(
            "there was one attempt: the scanner's failure was caught, so nothing had to go on",
            "let the `ConnectionError` out of `count_shelves`; the server makes the second attempt",
        )
    if not details:
        raise NotYet(
            "attempt 2 had no details: what is done was kept in this process, where no other worker finds it",
            "send it along with a heartbeat",
        )


def _attempts(history: History) -> int:
    """How many attempts the activity took."""
    return max((event.attempt or 1 for event in history if event.type == "ActivityTaskStarted"), default=1)


def _why(failure: BaseException) -> str:
    cause = failure
    while cause.__cause__ is not None:
        cause = cause.__cause__
    return str(getattr(cause, "message", cause))
