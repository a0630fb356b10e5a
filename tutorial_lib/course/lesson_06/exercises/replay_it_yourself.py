"""Compute from a history what the workflow's code has in its variables."""

from __future__ import annotations

import ast
import dataclasses
from typing import TYPE_CHECKING, Any

from temporalio import activity

from tutorial_lib.exercises.attempted import definition_of
from tutorial_lib.exercises.checks import threads
from tutorial_lib.exercises.checks.check_namespace import check_client
from tutorial_lib.exercises.checks.replays import recorded
from tutorial_lib.exercises.checks.versions import OURS, version
from tutorial_lib.exercises.checks.workbench import Run, Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_function
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import Event, History

if TYPE_CHECKING:
    from tutorial_lib.replay.steps import Recording, Step


_FILE = "piggy_bank.py"
_CODE = """\
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
def ask_grandma(balance: int) -> int:
    return balance // 2


@workflow.defn
class PiggyBank:
    @workflow.run
    async def run(self, balance: int) -> int:
        self.balance = balance
        limit = timedelta(seconds=10)
        gift = await workflow.execute_activity(
            ask_grandma, balance, start_to_close_timeout=limit
        )
        self.balance += gift
        await workflow.wait_condition(lambda: self.balance >= 100)
        return self.balance

    @workflow.signal
    def put(self, amount: int) -> None:  # a negative amount takes out
        if self.balance + amount >= 0:
            self.balance += amount
"""


class ReplayItYourself(Exercise):
    """Compute from a history what the workflow's code has in its variables."""

    title = "Replay it yourself"
    task = (
        "If the history is the state, then you can compute the state from it. Write `balance_of`: it gets a "
        "history of `PiggyBank` and returns what the code has in `self.balance` by then."
    )
    starter = """
def balance_of(history) -> int:
    for event in history:
        ____
"""
    takes = (a_function("balance_of"),)
    hints = (
        (
            "Three events of the history change `self.balance`, and each has a number with it: "
            "`event.payloads` is a dict, its values are tuples, as in `{'input': (20,)}`."
        ),
        (
            "Go through the code line by line and ask for each line that changes `self.balance`: which type "
            "of event does its number come from? And which line of the "
            "code decides something without any event?"
        ),
    )
    solution_code = """
def balance_of(history) -> int:
    balance = 0
    for event in history:
        if event.type == "WorkflowExecutionStarted":
            balance = event.payloads["input"][0]
        elif event.type == "ActivityTaskCompleted":
            balance += event.payloads["result"][0]
        elif event.type == "WorkflowExecutionSignaled":
            amount = event.payloads["input"][0]
            if balance + amount >= 0:
                balance += amount
    return balance
"""
    why = (
        "Input, result and signals come from the history; the rule that nobody takes out more than there is "
        "comes from the code, and no event tells of it. That is why a replay needs both, and why it must be "
        "the same code."
    )
    moves = (40, -500, -15, 60)

    code = _CODE
    """The piggy bank's, as the lesson prints it."""

    def __init__(self) -> None:
        super().__init__()
        self._history: History | None = None

    async def begin(self) -> History:
        """Run a piggy bank, once a kernel, and hand out its history."""
        if self._history is None:
            bench = Workbench(await check_client(), self.name)
            try:
                self._history = (await self._filled(bench, (40, -500, 60))).history
            finally:
                await bench.close()
        return self._history

    async def _filled(self, bench: Workbench, moves: tuple[int, ...]) -> Run:
        """A piggy bank to its end."""
        bank = version(_CODE, "PiggyBank", _FILE)
        await bench.worker(workflows=[bank], activities=[ask_grandma], workflow_runner=OURS)
        handle = await bench.start(bank, 20)
        for number, amount in enumerate(moves, start=2):
            await bench.until(handle, "WorkflowTaskCompleted", number)
            await handle.signal("put", amount)
        return await bench.ended(handle)

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """The code's own balance after each workflow task is compared, so that no lucky total passes."""
        (balance_of,) = answers
        run = await self._filled(bench, self.moves)
        recording = await recorded(run.history, version(_CODE, "PiggyBank", _FILE), runner=OURS)
        before = 0
        for step in recording.steps:
            seen = int(step.state["balance"])
            known = dataclasses.replace(run.history, events=run.history.events[: step.started_id])
            said = await threads.call(balance_of, known)
            if said != seen:
                new = [event for event in known.events[before:] if _matters(event)]
                if said is None and _prints(balance_of):
                    raise NotYet("`balance_of` shows it, and returns None", "`return` in place of `print`")
                raise self._another(
                    known, new, said, seen, await threads.call(balance_of, run.history), recording, step
                )
            before = step.started_id
        bounced = next(e for e in run.history if e.payloads.get("input") == (self.moves[1],))
        return (
            f"Your function and the code had the same balance after each of {len(recording.steps)} workflow "
            f"tasks, also after event {bounced.id}, which changes nothing. You have just replayed a workflow."
        )

    @staticmethod
    def _another(
        known: History, new: list[Event], said: Any, seen: int, at_last: Any, recording: Recording, step: Step
    ) -> NotYet:
        from tutorial_lib.views import Stepper

        view = Stepper.of(recording)
        view.step = step.number
        if not isinstance(said, (int, float)):
            lead = "payloads are tuples: take out what is in it"
            if said is None:
                lead = "the loop ends, and nothing is returned"
            elif isinstance(said, str):
                lead = "it is a text: return the balance itself"
            return NotYet(f"`balance_of` returned {said!r}, which is no number", lead)
        event = new[-1] if new else known.event(1)
        opening = known.event(1).payloads["input"][0]
        amount: Any = (event.payloads.get("input") or event.payloads.get("result") or (0,))[0]
        what = f"event {event.id} ({event.type}{f' `{event.name}`' if event.name else ''}: {amount})"
        seen_text = f"after {what} the code has {seen} in `self.balance`; `balance_of` says {said}"
        if event.type == "WorkflowExecutionStarted":
            lead = "what was in it at the beginning is in the first event"
        elif event.type == "ActivityTaskCompleted" and said == at_last == opening:
            lead = f"it says {said} for the whole history, too: does it look at more than the first event?"
        elif event.type == "ActivityTaskCompleted" and said == seen - amount:
            lead = "grandma's gift is the *result* of an activity"
        elif event.type == "ActivityTaskCompleted":
            lead = "three events belong to this activity, each with its own payloads; one is the answer"
        elif amount < 0 and said < 0:
            lead = "this one was refused: which line of the code says so?"
        elif said == seen - amount:
            lead = "signals are events, too: what is their type, and where is the amount?"
        else:
            lead = "step through the replay below: what does the code do with this event?"
        return NotYet(seen_text, lead, view=view)


def _prints(function: Any) -> bool:
    node = definition_of(function)
    return node is not None and any(
        isinstance(part, ast.Name) and part.id == "print" for part in ast.walk(node)
    )


def _matters(event: Event) -> bool:
    return event.type in {"WorkflowExecutionStarted", "ActivityTaskCompleted", "WorkflowExecutionSignaled"}


@activity.defn
async def ask_grandma(balance: int) -> int:
    """Gives half of what there is."""
    return balance // 2
