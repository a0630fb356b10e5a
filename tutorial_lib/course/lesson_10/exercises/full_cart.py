"""A wait for a purchase or for a day, whichever is first; then another one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from tutorial_lib.course.workflows.letters import send_letter
from tutorial_lib.exercises.checks.skipping import skip
from tutorial_lib.exercises.checks.workbench import Run, Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_workflow
from tutorial_lib.exercises.outcome import NotYet

LETTER: Final = "your cart waits"
_HOUR: Final = 60 * 60
_FAR = timedelta(days=30)
_SLACK: Final = 0.2  # of an hour


class FullCart(Exercise):
    """A wait for a purchase or for a day, whichever is first; then another one."""

    title = "A full cart"
    task = (
        "Not bought within a day: send the letter, once. Not bought within two more days: return "
        '`"given up"`. Who buys gets `"bought"` at that moment, and no more letters.'
    )
    starter = """
from datetime import timedelta

from temporalio import workflow

LIMIT = timedelta(seconds=10)


@workflow.defn
class Cart:
    def __init__(self) -> None:
        self.bought = False

    @workflow.run
    async def run(self, customer: str) -> str:
        await workflow.wait_condition(lambda: self.bought)
        await workflow.execute_activity(
            "send_letter",
            "your cart waits",
            start_to_close_timeout=LIMIT,
        )
        return "bought"

    @workflow.signal
    def buy(self) -> None:
        self.bought = True
"""
    takes = (a_workflow("Cart"),)
    hints = (
        "Two waits, one after the other; each ends with a purchase, or with a `TimeoutError`.",
        (
            "After the first `wait_condition` that did not raise, it is bought: return. The letter belongs "
            "into its `except TimeoutError`, or behind it."
        ),
        "The second wait raises as well. What is to be returned then?",
    )
    solution_code = """
@workflow.defn
class Cart:
    def __init__(self) -> None:
        self.bought = False

    @workflow.run
    async def run(self, customer: str) -> str:
        if await self.bought_within(timedelta(days=1)):
            return "bought"
        await workflow.execute_activity(
            "send_letter",
            "your cart waits",
            start_to_close_timeout=LIMIT,
        )
        if await self.bought_within(timedelta(days=2)):
            return "bought"
        return "given up"

    async def bought_within(self, time: timedelta) -> bool:
        try:
            await workflow.wait_condition(
                lambda: self.bought, timeout=time
            )
        except TimeoutError:
            return False
        return True

    @workflow.signal
    def buy(self) -> None:
        self.bought = True
"""
    why = (
        "Two timers, of which a purchase cancels the one that runs. A method of the class, or a plain "
        "function, may wait as well as `run` itself: it is all one workflow."
    )
    seconds = 20.0

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """One who buys after an hour, one after 60, one never."""
        (cart,) = answers
        await bench.worker(workflows=[cart], activities=[send_letter])
        soon = await self._bought(bench, cart, 1)
        _letters(soon, 0, "who buys after an hour gets no letter")
        later = await self._bought(bench, cart, 60)
        _letters(later, 1, "who has not bought after a day gets one letter")
        _sent_on_day_1(later)
        never = await bench.start(cart, "Eve")
        await skip(bench.client, never, _FAR)
        run = await bench.ended(never)
        if run.failure is not None:
            raise NotYet(
                f"Eve never buys, and her cart failed (event {run.history.events[-1].id}): {run.failure}",
                "the second `wait_condition` raises `TimeoutError` as well",
            )
        if run.result != "given up":
            raise NotYet(f"Eve never buys, and her cart returned {run.result!r}", "it is to give her up")
        _letters(run, 1, "one letter, once")
        _ended(run, 72, "Eve never buys")
        return (
            "Ada bought after an hour, and no letter was sent; Bob after 60, with one; Eve was given up on "
            f"day 3. Bob's purchase canceled a timer of two days (event {_last(later, 'TimerCanceled')})."
        )

    @staticmethod
    async def _bought(bench: Workbench, cart: type, hours: int) -> Run:
        """Run one that is bought after so many hours."""
        who = "Ada" if hours == 1 else "Bob"
        handle = await bench.start(cart, who)
        there = await skip(bench.client, handle, timedelta(hours=hours))
        if there:
            await handle.signal("buy")
            await skip(bench.client, handle, _FAR)
        run = await bench.ended(handle)
        when = f"{who} buys after {'an hour' if hours == 1 else f'{hours} hours'}"
        if not there:
            how = f"returned {run.result!r}" if run.failure is None else f"failed: {run.failure}"
            raise NotYet(
                f"{when}; before that, after {_hours(run):.2g} h, the cart {how}",
                _why_early(run),
            )
        if run.failure is not None or run.result != "bought":
            how = f"returned {run.result!r}" if run.failure is None else f"failed: {run.failure}"
            raise NotYet(
                f"{when}, and the cart {how}",
                _why_given_up(run) if run.result == "given up" else "who buys gets 'bought'",
            )
        _ended(run, hours, when)
        return run


def _hours(run: Run) -> float:
    return run.history.events[-1].time / _HOUR


def _ended(run: Run, hours: float, when: str) -> None:
    """Demand that it ended after so many hours."""
    if abs(_hours(run) - hours) > _SLACK:
        lead = "a sleep hears of no purchase: wait for either, with `wait_condition(..., timeout=...)`"
        if run.result == "given up":
            lead = "a day, and then two more"
        raise NotYet(f"{when}, and the cart ended after {_hours(run):.3g} h, not after {hours:g}", lead)


def _letters(run: Run, times: int, hint: str) -> None:
    run.expect.ran("send_letter", times=times, hint=hint)


def _sent_on_day_1(run: Run) -> None:
    sent = run.expect.scheduled("send_letter")[0]
    if abs(sent.time / _HOUR - 24) > _SLACK:
        raise NotYet(
            f"the letter was sent after {sent.time / _HOUR:.3g} h (event {sent.id}), not after a day",
            "how long is the first wait?",
        )
    if sent.payloads["input"] != (LETTER,):
        raise NotYet(f"the letter is {sent.payloads['input']!r}", f"it is {LETTER!r}")


def _why_early(run: Run) -> str:
    if run.failure is not None:
        return "a `wait_condition` whose time is over raises `TimeoutError`: catch it"
    if _hours(run) < _SLACK and run.expect.events("TimerStarted"):
        return "a number is seconds; a day is `timedelta(days=1)`"
    if not run.expect.events("TimerStarted"):
        return "no TimerStarted is in the history: does it wait at all?"
    return "how long do the two waits last together?"


def _why_given_up(run: Run) -> str:
    if not run.expect.events("TimerCanceled"):
        return (
            "no wait ended with the purchase: what does `buy` change, and what does the condition look at? "
            "(A sleep looks at nothing.)"
        )
    return "`wait_condition` returns nothing: it is bought where it does not raise"


def _last(run: Run, kind: str) -> int:
    return max((event.id for event in run.expect.events(kind)), default=0)
