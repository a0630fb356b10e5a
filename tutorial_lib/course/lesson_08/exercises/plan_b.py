"""Catch the failure of an activity, and only the one that is meant."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from tutorial_lib.errors import Diagnosis, Stuck
from tutorial_lib.exercises.attempted import definition_of
from tutorial_lib.exercises.checks.workbench import Run, Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_workflow
from tutorial_lib.exercises.outcome import NotYet

# What an `ActivityError` is caught by.
_CATCHING = re.compile(r"\b(ActivityError|FailureError|TemporalError|Exception|BaseException)\b")


class PlanB(Exercise):
    """Catch the failure of an activity, and only the one that is meant."""

    title = "Plan B"
    task = (
        "Where `charge` fails with `CardDeclined`, run the activity `send_invoice` and return what it "
        "returns. If the bank is down for good, there is no invoice, and the purchase fails as it does now."
    )
    starter = """
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

TWICE = RetryPolicy(
    initial_interval=timedelta(seconds=0.1),
    maximum_attempts=2,
    non_retryable_error_types=["CardDeclined"],
)
LIMIT = timedelta(seconds=10)


@workflow.defn
class Purchase:
    @workflow.run
    async def run(self, customer: str) -> str:
        return await workflow.execute_activity(
            "charge",
            customer,
            start_to_close_timeout=LIMIT,
            retry_policy=TWICE,
        )
"""
    takes = (a_workflow("Purchase"),)
    hints = (
        (
            "What does `execute_activity` raise in the workflow? Look at the picture of the chain without "
            "its topmost box. And where in it is the name `CardDeclined`?"
        ),
        (
            "`except ActivityError as error` catches it, `error.cause` is the failure of the activity, and "
            "its `type` is the name. What is not meant goes on with `raise`."
        ),
    )
    solution_code = """
from temporalio.exceptions import ActivityError, ApplicationError


@workflow.defn
class Purchase:
    @workflow.run
    async def run(self, customer: str) -> str:
        try:
            return await workflow.execute_activity(
                "charge",
                customer,
                start_to_close_timeout=LIMIT,
                retry_policy=TWICE,
            )
        except ActivityError as error:
            cause = error.cause
            if not isinstance(cause, ApplicationError):
                raise
            if cause.type != "CardDeclined":
                raise
        return await workflow.execute_activity(
            "send_invoice", customer, start_to_close_timeout=LIMIT
        )
"""
    why = (
        "The class that the activity raised stays on the activity's side; in the workflow there is an "
        "`ActivityError`, and behind it an `ApplicationError` with the name. A timeout has another cause, "
        "which has no name: hence the look at its class first. What you did not mean, let it go on."
    )

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """One who can pay, one who cannot, a stolen card, and a bank that is down."""
        (purchase,) = answers
        await bench.worker(workflows=[purchase], activities=[charge, send_invoice])
        paid = await self._run(bench, purchase, "Ada")
        if paid.failure is not None or paid.result != "charged Ada":
            raise NotYet(
                f"Ada's card is good, and her purchase {_ended(paid)}",
                "who can pay gets what `charge` returns, as before",
            )
        paid.expect.ran("charge")
        if sent := paid.expect.scheduled("send_invoice"):
            raise NotYet(
                f"Ada has paid, and an invoice was sent as well (event {sent[0].id})",
                "an invoice is for those whose `charge` failed",
            )
        _declined(await self._run(bench, purchase, "Bob"), purchase)
        down = await self._run(bench, purchase, "Eve")
        if sent := down.expect.scheduled("send_invoice"):
            raise NotYet(
                f"Eve's bank was down ({_root(down)}), and she got an invoice (event {sent[0].id})",
                "only `CardDeclined` is meant; all others go on: `raise`",
            )
        if down.failure is None:
            raise NotYet(
                f"Eve's bank was down, and her purchase {_ended(down)}",
                "a failure that is caught and not raised again is forgotten",
            )
        stolen = await self._run(bench, purchase, "Zoe")
        if sent := stolen.expect.scheduled("send_invoice"):
            raise NotYet(
                f"Zoe's card is stolen ({_root(stolen)}), and she got an invoice (event {sent[0].id})",
                "that one is not tried again either, and its message is only words: compare its `type`",
            )
        if stolen.failure is None:
            raise NotYet(
                f"Zoe's card is stolen, and her purchase {_ended(stolen)}",
                "whatever is not `CardDeclined` goes on: `raise`",
            )
        return (
            "Ada was charged; Bob's `CardDeclined` became an invoice; Eve's purchase failed at event "
            f"{down.history.events[-1].id}, and Zoe's, whose card is stolen, as well: as they should."
        )

    @staticmethod
    async def _run(bench: Workbench, purchase: type, customer: str) -> Run:
        try:
            return await bench.ended(await bench.start(purchase, customer), seconds=5)
        except NotYet as stuck:
            found = stuck.diagnosis
            hint = _stuck_hint(found) if found is not None and found.kind is Stuck.TASK_FAILS else ""
            if not hint:
                raise
            raise NotYet(
                f"{customer}'s purchase is RUNNING still: {stuck.seen}",
                hint,
                diagnosis=found,
                cause=stuck.cause,
            ) from None


@activity.defn
async def charge(customer: str) -> str:
    """Charges a card, if there is money on it, and a bank."""
    if customer == "Bob":
        raise CardDeclined("not enough money")
    if customer == "Zoe":
        raise ApplicationError("no CardDeclined, but a thief", type="StolenCard", non_retryable=True)
    if customer == "Eve":
        raise ConnectionError("the bank does not answer")
    return f"charged {customer}"


@activity.defn
async def send_invoice(customer: str) -> str:
    """Sends an invoice."""
    return f"invoice for {customer}"


class CardDeclined(Exception):  # noqa: N818 - as the lesson calls it
    """The bank says no."""


def _stuck_hint(found: Diagnosis) -> str:
    """What to try where a slip keeps the purchase; "" if the line is enough."""
    if found.error_type == "AttributeError":
        return "which link of the chain has a `type`? First comes an `ActivityError`, its `cause` after it"
    if found.error_type == "NameError" and "'send_invoice'" in found.message:
        return 'it is called by its name: `execute_activity("send_invoice", ...)`, as `"charge"` is'
    return ""


def _declined(run: Run, purchase: type) -> None:
    sent = run.expect.scheduled("send_invoice")
    if run.failure is not None and not sent:
        raise NotYet(
            f"Bob's card was declined, and his purchase failed (event {run.history.events[-1].id})",
            _why_not(purchase),
            view=_chain(run),
        )
    if not sent:
        raise NotYet(
            f"Bob's card was declined, and his purchase {_ended(run)}, with no `send_invoice` in its history",
            "he is to get an invoice, and that is what the activity `send_invoice` returns",
        )
    if (asked := sent[0].payloads.get("input")) != ("Bob",):
        raise NotYet(
            f"event {sent[0].id} asks for an invoice for {', '.join(map(repr, asked or ()))}, not for 'Bob'",
            "it is for whom `run` got: `customer`",
        )
    if run.result != "invoice for Bob":
        raise NotYet(
            f"event {sent[0].id} sends Bob's invoice, and his purchase {_ended(run)}",
            "return what `send_invoice` returns",
        )


def _why_not(purchase: type) -> str:
    """Why the learner's code did not notice that the card was declined."""
    node = definition_of(purchase)
    parts = list(ast.walk(node)) if node else []
    return _not_caught(parts) or _not_told_apart(parts)


def _not_caught(parts: Sequence[ast.AST]) -> str:
    handlers = [each.type for each in parts if isinstance(each, ast.ExceptHandler)]
    caught = [ast.unparse(each) if each else "BaseException" for each in handlers]
    tried = [
        inner for each in parts if isinstance(each, ast.Try) for line in each.body for inner in ast.walk(line)
    ]
    if not caught:
        return "catch what `execute_activity` raises: see the chain below, without its topmost box"
    if not any(isinstance(each, ast.Await) for each in tried):
        return "a failure is raised where the activity is awaited: put that `await` into the `try`"
    if not _CATCHING.search(" ".join(caught)):
        return (
            f"`except {caught[0]}` does not match: what `execute_activity` raises is an `ActivityError`, and "
            "the rest is behind it"
        )
    return ""


def _not_told_apart(parts: Sequence[ast.AST]) -> str:
    asked = [ast.unparse(each) for each in parts if isinstance(each, (ast.Call, ast.Compare))]
    compared = next((each for each in asked if re.search(r"\bcause\.type\b", each)), "")
    if "'CardDeclined'" in compared:
        return "its `type` is asked for: what happens where it is `CardDeclined`, and what where it is not?"
    if "'" in compared:
        return "a `type` is compared letter by letter, and this one is `CardDeclined`"
    if compared or any(each.startswith("isinstance(") and "CardDeclined" in each for each in asked):
        return (
            "no object of your class arrives, only its name: the `type` of the `ApplicationError` behind it"
        )
    return "the name `CardDeclined` is the `type` of the error's `cause`, and in no message"


def _ended(run: Run) -> str:
    if run.failure is not None:
        return f"failed (event {run.history.events[-1].id})"
    return f"returned {run.result!r}"


def _root(run: Run) -> str:
    failed = run.expect.events("ActivityTaskFailed", "charge")
    return str(failed[-1].failure.root) if failed and failed[-1].failure else "charge failed"


def _chain(run: Run) -> Any:
    from tutorial_lib.views import FailureChain

    return FailureChain.of(run.history)
