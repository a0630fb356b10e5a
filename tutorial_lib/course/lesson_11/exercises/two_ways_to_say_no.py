"""A no that leaves no trace, and a no that the history keeps."""

from __future__ import annotations

import ast
from typing import Any

from temporalio.exceptions import ApplicationError

from tutorial_lib.course.lesson_11.answered import Answered, answered
from tutorial_lib.errors import Stuck
from tutorial_lib.exercises.attempted import definition_of
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_workflow
from tutorial_lib.exercises.outcome import NotYet

_SLIPS = ("AttributeError", "NameError", "TypeError")  # in a validator that meant to ask for something else


class TwoWaysToSayNo(Exercise):
    """A no that leaves no trace, and a no that the history keeps."""

    title = "Two ways to say no"
    task = (
        "Who is not in `LIMITS` is refused, and the history has nothing of it. A boss whose limit is below "
        "`PRICE` is refused as well, but that update is to fail in the history. The workflow waits on."
    )
    starter = """
from temporalio import workflow
from temporalio.exceptions import ApplicationError

PRICE = 300
LIMITS = {"Ada": 500, "Bob": 100}


@workflow.defn
class Purchase:
    def __init__(self) -> None:
        self.approved_by = ""

    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: self.approved_by != "")
        return self.approved_by

    @workflow.update
    def approve(self, name: str) -> str:
        ____
        self.approved_by = name
        return f"thank you, {name}"

    ____
"""
    takes = (a_workflow("Purchase"),)
    hints = (
        (
            "Which of the two runs before anything is written down, and which afterwards? A validator stands "
            "below its update, under `@approve.validator`, and takes the same arguments."
        ),
        (
            "Both say no by raising. In the validator any exception will do; in the handler an ordinary one "
            "is a bug, as in `run`, and only one class is a decision."
        ),
    )
    solution_code = """
@workflow.defn
class Purchase:
    def __init__(self) -> None:
        self.approved_by = ""

    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: self.approved_by != "")
        return self.approved_by

    @workflow.update
    def approve(self, name: str) -> str:
        if LIMITS[name] < PRICE:
            raise ApplicationError(f"{PRICE} is too much for {name}")
        self.approved_by = name
        return f"thank you, {name}"

    @approve.validator
    def is_a_boss(self, name: str) -> None:
        if name not in LIMITS:
            raise ValueError(f"{name} is no boss")
"""
    why = (
        "A validator runs before the update is accepted: what it refuses has never happened, and costs "
        "nothing. What the handler refuses is on record, accepted and completed with a failure. The "
        "handler has to raise `ApplicationError`: by any other exception the workflow task fails, and the "
        "whole workflow waits for better code."
    )

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """Eve, Bob and Ada approve, in this order."""
        (approval,) = answers
        await bench.worker(workflows=[approval])
        handle = await bench.start(approval)
        await bench.until(handle, "WorkflowTaskCompleted")
        try:
            _no_boss(await answered(bench, handle, "approve", "Eve", who="Eve"), approval)
        except NotYet as stuck:
            raise _got_through(stuck, approval) from None
        try:
            said = await answered(bench, handle, "approve", "Bob", who="Bob")
        except NotYet as stuck:
            raise _bug(stuck) from None
        accepted = _beyond_his_limit(said, approval)
        ada = await answered(bench, handle, "approve", "Ada", who="Ada")
        if ada.failure is not None:
            raise NotYet(
                f"Ada may approve 500, and she was refused: {ada.why}",
                "in `LIMITS` she is, and hers is not below `PRICE`",
            )
        try:
            run = await bench.ended(handle, seconds=4)
        except NotYet as waits:
            if waits.diagnosis is None or waits.diagnosis.hopeless:
                raise
            raise NotYet(
                f"Ada was told {ada.result!r}, and `run` waits on",
                "is `approved_by` set for her?",
            ) from waits
        if run.result != "Ada":
            raise NotYet(f"Ada has approved, and `run` returned {run.result!r}", "leave `run` as it was")
        return (
            f"Eve left no event. Bob's yes is event {accepted.id}, and the next one has why it failed. Ada's "
            f"came through: event {run.history.events[-1].id} is the end."
        )


def _no_boss(eve: Answered, approval: type) -> None:
    if "not found" in eve.why:
        raise NotYet(
            f"Eve was refused, but so is everybody: {eve.why}",
            "the validator needs a name of its own: called `approve`, too, it takes the update's place",
        )
    if eve.failure is None:
        raise NotYet(
            f"Eve is no boss, and she was told {eve.result!r}",
            "a validator refuses by raising; what it returns is ignored"
            if _validates(approval)
            else "somebody has to look at the name before the update is accepted: a validator",
        )
    if accepted := eve.accepted:
        raise NotYet(
            f"Eve was refused, but event {accepted.id} has her update: it was accepted, and failed",
            "what the handler refuses is in the history; without a trace, only the validator refuses",
        )


def _makes_in_vain(approval: type) -> bool:
    """Whether an error is made as a statement of its own."""
    made = (each.value for each in ast.walk(_node(approval)) if isinstance(each, ast.Expr))
    return any(ast.unparse(each).startswith("ApplicationError(") for each in made)


def _node(approval: type) -> ast.AST:
    return definition_of(approval) or ast.Module([], [])


def _got_through(stuck: NotYet, approval: type) -> NotYet:
    """The handler was given a name that it does not know."""
    if stuck.diagnosis is None or stuck.diagnosis.kind is not Stuck.TASK_FAILS:
        return stuck
    return NotYet(
        stuck.seen,
        "the validator let her through, and the handler does not know her: when does it raise?"
        if _validates(approval)
        else "she got as far as the handler: a validator would have refused her before",
        cause=stuck.cause,
    )


def _validates(approval: type) -> bool:
    return "validator" in ast.unparse(_node(approval))


def _bug(stuck: NotYet) -> NotYet:
    """An exception of the handler that is no decision."""
    if stuck.diagnosis is None or stuck.diagnosis.kind is not Stuck.TASK_FAILS:
        return stuck
    return NotYet(
        stuck.seen,
        f"{stuck.hint}; in a handler, as in `run`, an ordinary exception is taken for a bug, and everything "
        "waits for better code: `ApplicationError` is a no",
        cause=stuck.cause,
    )


def _beyond_his_limit(bob: Answered, approval: type) -> Any:
    """The event with which Bob's update was accepted."""
    if bob.failure is None:
        hint = "what is returned is an answer, whatever it says; to fail, the handler raises"
        if _makes_in_vain(approval):
            hint = "an `ApplicationError` that is made, and not raised, does nothing"
        elif bob.result == "thank you, Bob":
            hint = "look at his limit before anything is set, and raise"
        raise NotYet(
            f"Bob's limit is 100, the price 300, and his update completed: he was told {bob.result!r}", hint
        )
    if bob.accepted is None:
        raise NotYet(
            f"Bob was refused ({bob.why}), and the history has nothing of it",
            "the validator refuses whatever goes wrong in it, and this is a slip of its own"
            if getattr(bob.failure, "type", "") in _SLIPS
            else "the auditors want to find his try: say this no where the update is already accepted",
        )
    if not isinstance(bob.failure, ApplicationError):
        raise NotYet(
            f"Bob's update failed with {type(bob.failure).__name__}", "an `ApplicationError` says no"
        )
    if ended := next((each for each in bob.events if each.type == "WorkflowExecutionCompleted"), None):
        raise NotYet(
            f"Bob was refused, and event {ended.id} is the end: the workflow completed with his name",
            "what is set before a no stays set, in a validator as well: look first, then set",
        )
    return bob.accepted
