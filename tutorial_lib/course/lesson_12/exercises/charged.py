"""A charge that a cancellation does not cut off, and that is refunded when it is through."""

from __future__ import annotations

import ast
import asyncio
import re
from typing import Any, Final

from temporalio import activity
from temporalio.exceptions import CancelledError

from tutorial_lib.course.lesson_12.ended import demand_canceled, demand_given
from tutorial_lib.exercises.attempted import definition_of
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_workflow
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import History

_CHARGED: Final = "charged"
_REFUNDED: Final = "refunded"
_ORDER: Final = "order-7"


class Charged(Exercise):
    """A charge that a cancellation does not cut off, and that is refunded when it is through."""

    title = "Charged, then refunded"
    task = (
        "The charge is never asked to stop. If the order is cancelled meanwhile, wait until it is charged, "
        'then run the activity `"refund"`, and end as CANCELED. If nobody cancels, return `"paid"`.'
    )
    starter = """
import asyncio
from datetime import timedelta

from temporalio import workflow

TIME = workflow.ActivityConfig(
    start_to_close_timeout=timedelta(minutes=1)
)


@workflow.defn
class Checkout:
    @workflow.run
    async def run(self, order: str) -> str:
        charging = workflow.start_activity("charge", order, **TIME)
        ____
        return "paid"
"""
    takes = (a_workflow("Checkout"),)
    hints = (
        "What keeps the cancellation from the activity? And what does the `await` of that raise?",
        "`try:` the shielded `await`, and `except asyncio.CancelledError:` do what is left to do.",
        "`charging` can be awaited once more. Then refund, and `raise`: it is to end as CANCELED.",
    )
    solution_code = """
@workflow.defn
class Checkout:
    @workflow.run
    async def run(self, order: str) -> str:
        charging = workflow.start_activity("charge", order, **TIME)
        try:
            await asyncio.shield(charging)
        except asyncio.CancelledError:
            await charging
            await workflow.execute_activity("refund", order, **TIME)
            raise
        return "paid"
"""
    why = (
        "The shield keeps the request from the activity, and the `await` raises at once. Only then can the "
        "code decide: wait for the charge, undo it, and let the cancellation go on its way."
    )

    def __init__(self) -> None:
        super().__init__()
        self._open = False

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """One order in peace, and one that is cancelled while the bank thinks."""
        (checkout,) = answers
        code = ast.unparse(definition_of(checkout) or ast.Module([], []))

        @activity.defn
        async def charge(_order: str) -> None:
            while not self._open:  # noqa: ASYNC110 its worker has a loop of its own
                await asyncio.sleep(0.05)
            self.ledger.add(_CHARGED)

        @activity.defn
        async def refund(_order: str) -> None:
            self.ledger.add(_REFUNDED)

        await bench.worker(workflows=[checkout], activities=[charge, refund])
        self._open = True
        peace = await bench.ended(await bench.start(checkout, _ORDER))
        self._judge_peace(peace.result, peace.failure)
        self.ledger.clear()
        self._open = False
        handle = await bench.start(checkout, _ORDER)
        await bench.until(handle, "ActivityTaskScheduled")
        await handle.cancel()
        heard = await bench.until(handle, "WorkflowTaskCompleted", times=2)
        _judge_heard(heard, code, checkout)
        self._open = True
        run = await bench.ended(handle)
        self._judge_end(run.history, run.result, code)
        ends = run.expect.has("WorkflowExecutionCanceled")
        return f"Charged, then refunded, then over: event {ends.id} is the end. In peace it is paid."

    def _judge_peace(self, result: Any, failure: BaseException | None) -> None:
        if failure is not None:
            raise NotYet(f"nobody cancelled, and it ended with {failure!r}", "it is to return 'paid' then")
        if not self.ledger.count(_CHARGED):
            raise NotYet(
                f"nobody cancelled, it returned {result!r}, and the charge was not waited for",
                "`start_activity` only asks for it: where is it awaited?",
            )
        if self.ledger.count(_REFUNDED):
            raise NotYet(
                "nobody cancelled, and the money was refunded",
                "a `finally` runs in any case: refund where the cancellation is caught",
            )
        if result != "paid":
            raise NotYet(f"nobody cancelled, and it returned {result!r}", "it is to return 'paid' then")

    def _judge_end(self, history: History, result: Any, code: str) -> None:
        order = [entry for entry in self.ledger.entries if entry in (_CHARGED, _REFUNDED)]
        if order[:1] == [_REFUNDED]:
            raise NotYet(
                "the money was refunded before it was charged",
                "the bank was not through yet: await `charging` once more, first",
            )
        if _REFUNDED not in order:
            raise NotYet(
                f"the order was cancelled and charged, and nothing was refunded; it is {history.status}",
                _why_kept(history, code),
            )
        if order.count(_REFUNDED) > 1 or order.count(_CHARGED) > 1:
            raise NotYet(f"what was done: {', '.join(order)}", "one charge, one refund")
        demand_given(history, _ORDER, "order")
        demand_canceled(history, result, "charged and refunded")


def _judge_heard(history: History, code: str, checkout: type) -> None:
    """What it did in the moment when it heard of the cancellation; the bank has not answered yet."""
    asked = [event for event in history if event.type == "ActivityTaskCancelRequested"]
    if asked:
        raise NotYet(
            f"event {asked[0].id} asks the charge to stop",
            "what is awaited is cancelled as well, unless it is shielded",
        )
    if any(event.type == "ActivityTaskScheduled" and event.name == "refund" for event in history):
        raise NotYet(
            "the refund was asked for before the card was charged",
            "you await `charging` once more, and that comes too late: turn the two round"
            if code.find("await charging") > code.find("refund")
            else "the bank is not through yet: await `charging` once more, first",
        )
    timer = next((event for event in history if event.type == "TimerStarted"), None)
    if timer is not None:
        raise NotYet(
            f"event {timer.id} starts a timer while the bank is thinking",
            "how long it takes, the bank alone knows: await `charging` once more",
        )
    if history.closed:
        raise NotYet(
            f"it was cancelled while the bank was thinking, and was over at once: {history.status}; "
            "whether the card was charged, nobody knows",
            "an `asyncio.CancelledError` is no `Exception`: what catches it?"
            if "except Exception" in code
            else "what is abandoned cannot be awaited again: a shield leaves `charging` as it is"
            if "ABANDON" in code
            else "Temporal's own `CancelledError` is a cause; an `await` raises `asyncio.CancelledError`"
            if "except CancelledError" in code and _names(checkout).get("CancelledError") is CancelledError
            else "the shielded `await` raises `asyncio.CancelledError`: catch it, await `charging` once more",
        )


def _names(checkout: type) -> dict[str, Any]:
    """The values that names in the code have."""
    names: dict[str, Any] = getattr(getattr(checkout, "run", None), "__globals__", {})
    return names


def _why_kept(history: History, code: str) -> str:
    """Why nothing was refunded."""
    asked = any(event.type == "ActivityTaskScheduled" and event.name == "refund" for event in history)
    if "'refund'" not in code:
        return "await `charging` once more, then run `refund`, and only then raise"
    if asked or not re.search(r"await [\w.]+\('refund'", code):
        return "`refund` is to be awaited: nothing of a workflow goes on when it is over"
    return "it does not come to its refund: the `asyncio.CancelledError` has left `run` before; catch it"
