"""A step that catches its own failure takes the retry away from Temporal."""

from __future__ import annotations

from typing import Any

from tutorial_lib.exercises.checks.ledger import Ledger
from tutorial_lib.exercises.checks.workbench import Run, Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_workflow, an_activity
from tutorial_lib.exercises.outcome import NotYet

_LEDGER = Ledger()  # the card service's own book


class HiddenFailure(Exercise):
    """A step that catches its own failure takes the retry away from Temporal."""

    title = "A step that hides its failure"
    task = (
        "`Sale` completes, and the card is never charged: the service fails at the first call, and `charge` "
        "keeps that to itself. Repair `charge` so that Temporal tries again."
    )
    starter = """
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
async def charge(order: str) -> str:
    try:
        # It raises ConnectionError the first time.
        return ex.call_card_service(order)
    except ConnectionError:
        return f"{order}: try again later"


@workflow.defn
class Sale:
    @workflow.run
    async def run(self, order: str) -> str:
        return await workflow.execute_activity(
            charge, order, start_to_close_timeout=timedelta(seconds=10)
        )
"""
    takes = (a_workflow("Sale"), an_activity("charge"))
    hints = (
        "How did the lesson's `charge_card` tell the server that it had failed?",
        (
            "An activity that returns has succeeded, whatever it returns. Which lines keep the exception "
            "from getting out?"
        ),
    )
    solution_code = """
@activity.defn
async def charge(order: str) -> str:
    return ex.call_card_service(order)
"""
    why = (
        "An exception is how an activity says that it failed. The server then has it tried again, after a "
        "second, two, four, also by another worker when this one dies. Less code, and it survives."
    )

    def __init__(self) -> None:
        super().__init__()
        self.ledger = _LEDGER

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """The second attempt must be the server's: a loop in the activity dies with its worker."""
        sale, charge = answers
        run = await bench.run(sale, "order-7", activities=[charge], seconds=4)
        if run.failure is not None:
            raise self._given_up(run)
        asked, charged = (self.ledger.count(f"{did} order-7") for did in ("asked", "charged"))
        scheduled = run.expect.scheduled()
        if not scheduled:
            raise NotYet(
                f"none of the {len(run.history)} events schedules an activity",
                "leave `Sale` as it was: `charge` is what needs repair",
            )
        if len(scheduled) > 1:
            ids = " and ".join(str(event.id) for event in scheduled)
            raise NotYet(
                f"the workflow scheduled an activity {len(scheduled)} times (events {ids}): here it is your "
                "code that tries again",
                "leave `Sale` as it was; the server does this for you when `charge` fails",
            )
        started = run.expect.has("ActivityTaskStarted")
        done = run.expect.has("ActivityTaskCompleted")
        if not asked:
            raise NotYet(
                f"event {done.id} says that `{started.name}` is done, but the card service was never called",
                "`ex.call_card_service(order)` is what charges the card",
            )
        if not charged:
            raise NotYet(
                f"the sale is complete and nobody paid: the service failed once, and event {done.id} says "
                f"that `{started.name}` succeeded, with {run.result!r}",
                "the server believes what it is told; how does an activity say that it has failed?",
            )
        if charged > 1:
            raise NotYet(f"the card was charged {charged} times", "one call of the service is enough")
        if (started.attempt or 1) == 1:
            raise NotYet(
                f"the card is charged, but event {started.id} is attempt 1: your code called the service "
                f"{asked} times, and the server knows of no failure",
                "if the worker dies between two calls, nobody goes on; let the server count the attempts",
            )
        if run.result != "order-7: card charged":
            raise NotYet(
                f"the card is charged, and the sale returned {run.result!r}",
                "return what the service answers",
            )
        return (
            f"Event {started.id} is attempt {started.attempt} of `charge`: the server heard of the failure "
            "and had it tried again. Any worker could have done it."
        )

    @staticmethod
    def _given_up(run: Run) -> NotYet:
        last = run.history.events[-1]
        failed = run.expect.events("ActivityTaskFailed") + run.expect.events("ActivityTaskTimedOut")
        if not failed or failed[-1].failure is None:
            why = f": {last.failure.reason}" if last.failure else ""
            return NotYet(f"the sale is {run.history.status}, event {last.id}{why}", "let it return normally")
        event, failure = failed[-1], failed[-1].failure
        state = (last.failure.retry_state if last.failure else "") or failure.retry_state
        if failure.reason.non_retryable or state == "NonRetryableFailure":
            return NotYet(
                f"event {event.id}: `{event.name}` failed with '{failure.reason.message}' and said that "
                "retrying cannot help, so the server did not retry",
                "this failure passes: an ordinary exception is enough",
            )
        return NotYet(
            f"event {event.id}: `{event.name}` failed, and was not tried again ({state or failure.reason}): "
            "the sale failed with it",
            "set no limit; without a retry policy the server goes on trying",
        )


def call_card_service(order: str) -> str:
    """Charge a card with a service that, as remote services do, fails the first time it is asked.

    Args:
        order: What is paid.

    Returns:
        What the service answers.

    Raises:
        ConnectionError: At the first call of a check.
    """
    if _LEDGER.add(f"asked {order}") == 1:
        raise ConnectionError("the card service does not answer")
    _LEDGER.add(f"charged {order}")
    return f"{order}: card charged"
