"""A timer that begins anew with each signal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from temporalio.client import WorkflowHandle

from tutorial_lib import sdk
from tutorial_lib.errors import Stuck
from tutorial_lib.exercises.checks.skipping import skip
from tutorial_lib.exercises.checks.workbench import Run, Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_workflow
from tutorial_lib.exercises.outcome import NotYet

_SEEN: Final = (20, 45)  # minutes after the start
_SILENT: Final = 30
_SLACK: Final = 2.0  # minutes, for what the check itself takes
_FAR = timedelta(days=1)


class LoggedOut(Exercise):
    """A timer that begins anew with each signal."""

    title = "Logged out"
    task = "Who is silent for 30 minutes is logged out; each `seen` begins the half hour anew."
    starter = """
from datetime import timedelta

from temporalio import workflow

HALF_HOUR = timedelta(minutes=30)


@workflow.defn
class Session:
    def __init__(self) -> None:
        ____

    @workflow.run
    async def run(self, user: str) -> str:
        ____
        return f"{user} is logged out"

    @workflow.signal
    def seen(self) -> None:
        ____
"""
    takes = (a_workflow("Session"),)
    hints = (
        "Wait for either: a `seen`, or 30 minutes. And after a `seen`?",
        (
            "A loop: with a `seen` it goes on and waits anew, with a `TimeoutError` it ends. What does the "
            "condition look at, and who takes it back before the next wait?"
        ),
    )
    solution_code = """
@workflow.defn
class Session:
    def __init__(self) -> None:
        self.is_seen = False

    @workflow.run
    async def run(self, user: str) -> str:
        while True:
            self.is_seen = False
            try:
                await workflow.wait_condition(
                    lambda: self.is_seen, timeout=HALF_HOUR
                )
            except TimeoutError:
                break
        return f"{user} is logged out"

    @workflow.signal
    def seen(self) -> None:
        self.is_seen = True
"""
    why = (
        "Each wait has a timer of its own; a `seen` cancels it, and the loop starts the next one. For a "
        "session of many months that is a long history: lesson 15 begins a new one from time to time."
    )

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """One who is silent from the start, and one who is seen twice."""
        (session,) = answers
        known = sdk.definition(session, sdk.WORKFLOW_MARK)
        if known is not None and "seen" not in known.signals:
            raise NotYet("`Session` has no signal `seen`", "`@workflow.signal` stands above `def seen`")
        await bench.worker(workflows=[session])
        silent = await bench.start(session, "Ada")
        await skip(bench.client, silent, _FAR)
        run = await _end_of(bench, silent, "Ada is never seen")
        _ended(run, "Ada", "Ada is never seen", _SILENT)
        busy = await bench.start(session, "Bob")
        said, now = "Bob is seen after", 0
        for minute in _SEEN:
            said += f"{' and' if now else ''} {minute} minutes"
            if not await skip(bench.client, busy, timedelta(minutes=minute - now)):
                break
            now = minute
            await busy.signal("seen")
        else:
            await skip(bench.client, busy, _FAR)
        run = await _end_of(bench, busy, said)
        _ended(run, "Bob", said, _SEEN[-1] + _SILENT)
        timers = ", ".join(str(event.id) for event in run.expect.events("TimerStarted"))
        canceled = len(run.expect.events("TimerCanceled"))
        how = f", {canceled} of them canceled by a `seen`" if canceled else ""
        return f"Ada was logged out after 30 minutes, Bob after 75. His timers are events {timers}{how}."


async def _end_of(bench: Workbench, session: WorkflowHandle[Any, Any], what: str) -> Run:
    """The run, when it is over; raises what keeps it from ending."""
    try:
        return await bench.ended(session)
    except NotYet as stuck:
        if await _spins(session, stuck):
            raise NotYet(
                f"{what}, and then the code does not come to rest: {stuck.seen}",
                "the condition still holds when the loop comes to it again: who takes it back?",
                cause=stuck.cause,
            ) from None
        if stuck.diagnosis is None or stuck.diagnosis.kind is not Stuck.DEADLINE:
            raise
        raise NotYet(
            f"{what}, and is not logged out after a day: {stuck.seen}",
            "after 30 silent minutes the wait is over: then `run` has to return",
            cause=stuck.cause,
        ) from None


async def _spins(session: WorkflowHandle[Any, Any], stuck: NotYet) -> bool:
    """Whether the code is in a loop that never waits: the SDK has reported it, or is about to."""
    found = stuck.diagnosis
    if found is None or found.kind is not Stuck.DEADLINE:
        return found is not None and found.error_type == sdk.DEADLOCK
    return (await session.describe()).raw_description.HasField("pending_workflow_task")


def _ended(run: Run, user: str, what: str, minutes: int) -> None:
    """Demand that somebody was logged out after so many minutes."""
    if run.failure is not None:
        raise NotYet(
            f"{what}, and the session failed (event {run.history.events[-1].id}): {run.failure}",
            "when the time is over, `wait_condition` raises `TimeoutError`",
        )
    came = run.history.events[-1].time / 60
    if abs(came - minutes) > _SLACK:
        raise NotYet(
            f"{what}, and was logged out after {came:.3g} minutes, not after {minutes}",
            _why(run, came, minutes),
        )
    if run.result != f"{user} is logged out":
        raise NotYet(f"the session of {user} returned {run.result!r}", "return what the starter returns")


def _why(run: Run, came: float, minutes: int) -> str:
    timers = len(run.expect.events("TimerStarted"))
    if not timers:
        return "no TimerStarted is in the history: nothing was waited for"
    if came < 1:
        return "a number is seconds; half an hour is `HALF_HOUR`"
    if came > minutes:
        return "a sleep hears of no signal: it goes on to its end, and then another one begins"
    if timers == 1:
        return "its first timer went on as if nothing had been said: what does a `seen` change for `run`?"
    return "it is seen more than once: after a `seen`, the wait begins anew each time"
