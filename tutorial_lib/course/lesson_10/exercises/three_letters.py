"""Letters on given days, counted from the start."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from tutorial_lib.course.workflows.letters import send_letter
from tutorial_lib.exercises.checks.skipping import skip
from tutorial_lib.exercises.checks.workbench import Run, Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_workflow
from tutorial_lib.exercises.outcome import NotYet

WANTED: Final = {"welcome": 0, "tips": 7, "offer": 28}
_ALL = timedelta(days=60)
_DAY: Final = 24 * 60 * 60
_LATE: Final = 0.02  # of a day: what the letters themselves may take


class ThreeLetters(Exercise):
    """Letters on given days, counted from the start."""

    title = "Three letters"
    task = (
        'Finish `Letters`: "welcome" at once, "tips" on day 7 and "offer" on day 28, each counted from the '
        "start."
    )
    starter = """
import asyncio
from datetime import timedelta

from temporalio import workflow

LETTERS = {"welcome": 0, "tips": 7, "offer": 28}
LIMIT = timedelta(seconds=10)


@workflow.defn
class Letters:
    @workflow.run
    async def run(self, customer: str) -> None:
        ____
        for letter, day in LETTERS.items():
            ____
            await workflow.execute_activity(
                "send_letter", letter, start_to_close_timeout=LIMIT
            )
"""
    takes = (a_workflow("Letters"),)
    hints = (
        "A sleep is a length, and day 28 is a moment. How long is it from now to there?",
        "`workflow.now()` before the loop is the start; the same in the loop is how late it is now.",
        (
            "`left = start + timedelta(days=day) - workflow.now()` is a `timedelta`. `workflow.sleep` takes "
            "one, `asyncio.sleep` takes seconds: `left.total_seconds()`."
        ),
    )
    solution_code = """
@workflow.defn
class Letters:
    @workflow.run
    async def run(self, customer: str) -> None:
        start = workflow.now()
        for letter, day in LETTERS.items():
            left = start + timedelta(days=day) - workflow.now()
            await asyncio.sleep(left.total_seconds())
            await workflow.execute_activity(
                "send_letter", letter, start_to_close_timeout=LIMIT
            )
"""
    why = (
        "`workflow.now()` is the time of the history, so a replay computes the same lengths. And who reckons "
        "from the start does not drift: a letter that takes a day to be sent delays no other."
    )

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """Two months pass; when was which letter sent?"""
        (letters,) = answers
        await bench.worker(workflows=[letters], activities=[send_letter])
        handle = await bench.start(letters, "Ada")
        await skip(bench.client, handle, _ALL)
        run = await bench.ended(handle)
        run.expect.status("Completed")
        _judge(run)
        timers = ", ".join(str(event.id) for event in run.expect.events("TimerStarted"))
        return (
            "Day 0, day 7, day 28. The timers are "
            f"events {timers}; between them no worker had anything to do, and the days went by at the server."
        )


def _judge(run: Run) -> None:
    days = {str(event.payloads["input"][0]): event.time / _DAY for event in run.expect.scheduled()}
    sent = [str(event.payloads["input"][0]) for event in run.expect.scheduled()]
    if sent != list(WANTED):
        raise NotYet(
            f"the letters were {', '.join(sent) or 'none at all'}", "three, each once, in that order"
        )
    if all(day < _LATE for day in days.values()):
        raise NotYet("all three letters were sent on day 0", _why_at_once(run))
    for letter, wanted in WANTED.items():
        if not wanted <= days[letter] + _LATE < wanted + 2 * _LATE:
            raise NotYet(
                f"`{letter}` was sent on day {days[letter]:.3g}, not on day {wanted}",
                _why_early(run) if days[letter] < wanted else _why_late(letter, round(days[letter], 1)),
            )


def _why_at_once(run: Run) -> str:
    lengths = _lengths(run)
    if not lengths:
        return "no TimerStarted is in the history: nothing was waited for"
    return f"the longest timer is one of {max(lengths):g} s: `asyncio.sleep` takes seconds"


def _why_early(run: Run) -> str:
    lengths = ", ".join(f"{length:g}" for length in _lengths(run))
    return f"the timers are of {lengths} s, and a day has 86400; `total_seconds()` is all of a `timedelta`"


def _lengths(run: Run) -> list[float]:
    return [float(str(e.attributes["start_to_fire_seconds"])) for e in run.expect.events("TimerStarted")]


def _why_late(letter: str, day: float) -> str:
    if letter == "offer" and day == sum(WANTED.values()):
        return "7 days, and then 28 more; how much is left on day 7?"
    if letter == "welcome":
        return "the first one is due on day 0: how long is the wait before it?"
    return "the days are counted from the start"
