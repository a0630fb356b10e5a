"""Make a workflow fail that hangs for ever."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from temporalio.exceptions import ApplicationError

from tutorial_lib.cells.failures.records import FailureRecord
from tutorial_lib.errors import Stuck
from tutorial_lib.exercises.checks.workbench import Run, Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_workflow
from tutorial_lib.exercises.outcome import NotYet

_TYPE = "NoDelivery"
_SLIPS = ("NameError", "TypeError", "AttributeError")


class FailForGood(Exercise):
    """Make a workflow fail that hangs for ever."""

    title = "Fail for good"
    task = (
        "A parcel to a country that is not in `DAYS` hangs for ever. It should fail, so that its caller "
        'finds "NoDelivery" as the failure\'s `type`. The others go on as before.'
    )
    starter = """
from temporalio import workflow

DAYS = {"France": 3, "Spain": 4}


@workflow.defn
class Parcel:
    @workflow.run
    async def run(self, country: str) -> str:
        return f"{DAYS[country]} days to {country}"
"""
    takes = (a_workflow("Parcel"),)
    hints = (
        "Which of the two orders above failed, and which one waits for better code? What did it raise?",
        "An `ApplicationError` has a message for people and a `type` for programs. Here the type matters.",
    )
    solution_code = """
from temporalio.exceptions import ApplicationError


@workflow.defn
class Parcel:
    @workflow.run
    async def run(self, country: str) -> str:
        if country not in DAYS:
            raise ApplicationError(f"not to {country}", type="NoDelivery")
        return f"{DAYS[country]} days to {country}"
"""
    why = (
        "`ApplicationError` is how workflow code decides that this execution has failed. Its `type` is what "
        "a caller in any language can compare; the message is for people. A `KeyError` decides nothing: it "
        "may be mended tomorrow, so the server keeps the execution, and the customer waits."
    )

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """A parcel that can be delivered, and one that cannot."""
        (parcel,) = answers
        await bench.worker(workflows=[parcel])
        near = await bench.ended(await bench.start(parcel, "France"), seconds=4)
        if near.failure is not None:
            raise NotYet(
                f"a parcel to France failed, too (event {near.history.events[-1].id})",
                "France is in `DAYS`: only countries that are not there fail",
                view=_chain(near),
            )
        if near.result != "3 days to France":
            raise NotYet(
                f"a parcel to France returned {near.result!r}",
                "that one is to go on as before: `3 days to France`",
            )
        try:
            far = await bench.ended(await bench.start(parcel, "Atlantis"), seconds=4)
        except NotYet as stuck:
            raise _hangs(stuck, bench.failures) from None
        return _judged(far)


def _hangs(stuck: NotYet, failures: Sequence[FailureRecord]) -> NotYet:
    """What keeps a parcel that should have failed."""
    if stuck.diagnosis is None or stuck.diagnosis.kind is not Stuck.TASK_FAILS:
        return stuck
    # What was raised, and not what it was raised from.
    kind = failures[-1].error_type if failures else stuck.diagnosis.error_type
    raised = failures[-1].error if failures else stuck.diagnosis.message
    hint = f"`{kind}` is an ordinary exception, so it is taken for a bug: which one is a decision to fail?"
    if kind == "KeyError":
        hint = "`KeyError` still comes through: raise before the list is asked, or catch it"
    elif "not JSON serializable" in raised:
        hint = "an exception that is returned is a result, and no good one: `raise` it"
    elif kind == "NameError" and _TYPE in raised:
        hint = f"the type is a text, so it has quotes: {_TYPE!r}"
    elif kind in _SLIPS:  # on the way to what was to be raised
        hint = stuck.hint
    return NotYet(
        f"a parcel to Atlantis is RUNNING still, its workflow task fails: {raised}",
        hint,
        diagnosis=stuck.diagnosis,
        cause=stuck.cause,
    )


def _judged(far: Run) -> str:
    end = far.history.events[-1]
    if far.failure is None:
        raise NotYet(
            f"a parcel to Atlantis completed (event {end.id}) and returned {far.result!r}",
            "what is returned is a result, whatever it says: to fail, a workflow raises",
        )
    if not isinstance(far.failure, ApplicationError):
        raise NotYet(
            f"a parcel to Atlantis failed with {type(far.failure).__name__} (event {end.id})",
            "an `ApplicationError` can carry a type",
            view=_chain(far),
        )
    if far.failure.type != _TYPE:
        none = far.failure.type is None
        raise NotYet(
            f"it failed (event {end.id}), and the failure has "
            + ("no `type`" if none else f"type={far.failure.type!r}, not {_TYPE!r}"),
            'beside the message, and a text as well: `ApplicationError("...", type="...")`'
            if none
            else f"programs compare it letter by letter: {_TYPE!r}",
            view=_chain(far),
        )
    return (
        f"Event {end.id}, {end.type}, has type={_TYPE!r}: the parcel to Atlantis is over, and its caller can "
        "tell why. The one to France completed."
    )


def _chain(run: Run) -> Any:
    from tutorial_lib.views import FailureChain

    return FailureChain.of(run.history)
