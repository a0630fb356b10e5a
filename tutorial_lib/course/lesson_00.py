"""Exercises of lesson 00, code that survives."""

from __future__ import annotations

from collections import Counter
from typing import Any

from temporalio.client import WorkflowHandle

from tutorial_lib.course.order_stories import killed_inside, two_shifts
from tutorial_lib.course.orders import STEPS
from tutorial_lib.exercises.bench import Bench, Run
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_handle, a_value, a_workflow, an_activity
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.exercises.quiz import Choice, Question, Quiz
from tutorial_lib.history import Event, History, fetch_history
from tutorial_lib.history.explain import explain
from tutorial_lib.stage.lab import Lab

__all__ = ["call_card_service", "diary", "half_done", "hidden_failure", "quiz"]

LESSON = "lesson-00"
SHIFTS = ("night-shift", "day-shift")


class Diary(Exercise):
    """Find in a history what was kept while nobody worked."""

    lesson = LESSON
    name = "diary"
    title = "Read what the server wrote down"
    task = (
        "`order-43` lost its worker too, and got the warehouse's message while it had none. "
        "Find the message and the worker that shipped, in the Web UI or with `await "
        "lab.history_table(order)`."
    )
    starter = """
order = await ex.diary.begin(lab)

message = ____  # number of the event with which the server noted that the warehouse had packed
shipped_by = ____  # the worker that ran ship_parcel, as the history calls it

lab.ui(order)
"""
    takes = (
        a_handle("order"),
        a_value("message", int, "the number of an event"),
        a_value("shipped_by", str, "a worker's name in quotes"),
    )
    hints = (
        (
            "In the Web UI each event of the order has its number, and opens with a click. A worker signs "
            "what it takes with its identity."
        ),
        (
            "A message from outside is called a signal. A worker signs when it takes a task: look at the "
            "ActivityTaskStarted event that belongs to `ship_parcel`."
        ),
    )
    solution_code = """
history = await lab.history(order)
message = next(event.id for event in history if event.type == "WorkflowExecutionSignaled")
shipped_by = next(
    event.worker
    for event in history
    if event.type == "ActivityTaskStarted" and event.name == "ship_parcel"
)
"""
    why = (
        "The signal is an event like any other: once it has its number, no crash can lose it. And the server "
        "knows who did each step, because a worker signs each task that it takes."
    )

    async def begin(self, lab: Lab) -> WorkflowHandle[Any, Any]:
        """Let an order happen that loses its worker: two steps, no worker, a message, another worker.

        Args:
            lab: Where.
        """
        return await two_shifts(lab, SHIFTS)

    async def verify(self, bench: Bench, *answers: Any) -> str:  # noqa: ARG002 - nothing to run
        """Both answers are looked up in the history that the learner was asked to read."""
        order, message, shipped_by = answers
        history = await fetch_history(order)
        signals = [event for event in history if event.type == "WorkflowExecutionSignaled"]
        shipped = [e for e in history if e.type == "ActivityTaskStarted" and e.name == "ship_parcel"]
        if not signals or not shipped:
            raise NotYet(
                f"`{order.id}` has no signal, or never shipped: it is another order, or not yet done",
                "run the starter cell once more; it makes the order that is meant",
            )
        if not 1 <= message <= len(history):
            raise NotYet(
                f"there is no event {message}: `{order.id}` has the events 1 to {len(history)}",
                "the Web UI shows the number beside each event",
            )
        if message != signals[0].id:
            raise self._another(history, history.event(message), signals[0])
        if shipped_by != shipped[-1].worker:
            raise self._not_by(history, shipped_by)
        last = history.event(message - 1)
        return (
            f"Event {message} came when `{last.worker or SHIFTS[0]}` had gone. The server kept it, and let "
            f"`{shipped_by}`, which had never met this order, go on at event {shipped[-1].id}."
        )

    @staticmethod
    def _another(history: History, event: Event, signal: Event) -> NotYet:
        a = "an" if event.type[0] in "AEIOU" else "a"
        told = f"event {event.id} is {a} {event.type}: {explain(event, history, names=False)}"
        if event.type == "WorkflowTaskScheduled" and event.id == signal.id + 1:
            return NotYet(
                told, "very near: this is what the message led to; which event is the message itself?"
            )
        if event.kind == "activity":
            return NotYet(
                told, "that is a step of the order, done by a worker; the message came from outside"
            )
        if event.kind == "task":
            return NotYet(told, "that is between server and worker; the message came from somebody else")
        return NotYet(told, "that is not what the warehouse said; look between the steps")

    @staticmethod
    def _not_by(history: History, name: str) -> NotYet:
        known = sorted({e.worker for e in history if e.type == "ActivityTaskStarted"})
        did = [e for e in history if e.type == "ActivityTaskStarted" and e.worker == name]
        if did:
            steps = " and ".join(f"`{e.name}` (event {e.id})" for e in did)
            return NotYet(f"`{name}` ran {steps}; `ship_parcel` is not among them", "who came after it?")
        if name == "ship_parcel":
            return NotYet("`ship_parcel` is the step, not the worker that ran it", "look for an identity")
        return NotYet(
            f"no step was run by `{name}`; {len(known)} workers signed the steps of this order",
            "write the identity as the ActivityTaskStarted event has it",
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
    if hidden_failure.ledger.add(f"asked {order}") == 1:
        raise ConnectionError("the card service does not answer")
    hidden_failure.ledger.add(f"charged {order}")
    return f"{order}: card charged"


class HiddenFailure(Exercise):
    """A step that catches its own failure takes the retry away from Temporal."""

    lesson = LESSON
    name = "hidden_failure"
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
        return ex.call_card_service(order)  # raises ConnectionError the first time
    except ConnectionError:
        return f"{order}: try again later"


@workflow.defn
class Sale:
    @workflow.run
    async def run(self, order: str) -> str:
        return await workflow.execute_activity(charge, order, start_to_close_timeout=timedelta(seconds=10))
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

    async def verify(self, bench: Bench, *answers: Any) -> str:
        """The second attempt must be the server's: a loop in the activity dies with its worker."""
        sale, charge = answers
        run = await bench.run(sale, "order-7", activities=[charge], seconds=4)
        if run.failure is not None:
            raise self._given_up(run)
        asked, charged = (self.ledger.count(f"{did} order-7") for did in ("asked", "charged"))
        scheduled = run.seen.scheduled()
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
        started = run.seen.has("ActivityTaskStarted")
        done = run.seen.has("ActivityTaskCompleted")
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
        failed = run.seen.events("ActivityTaskFailed") + run.seen.events("ActivityTaskTimedOut")
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


class HalfDone(Exercise):
    """At least once: the power fails after the charge, before anybody could be told of it."""

    lesson = LESSON
    name = "half_done"
    title = "Predict: killed inside a step"
    task = (
        "This time the worker dies inside `charge_card`: the card has been charged, and the process ends "
        "before it can report that. A second worker finishes the order. How often will each line stand in "
        "the ledger?"
    )
    starter = """
# How often will the ledger of the finished order say so?
stock_reserved = ____
card_charged = ____
parcel_shipped = ____
"""
    takes = (
        a_value("stock_reserved", int, "a number"),
        a_value("card_charged", int, "a number"),
        a_value("parcel_shipped", int, "a number"),
    )
    hints = (
        "For each step ask: which event told the server that it was done, before the worker died?",
        (
            "The server cannot tell a step that was never begun from one that was done and not reported. "
            "What is the safe thing to do then: to skip it, or to have it done?"
        ),
    )
    solution_code = """
stock_reserved = 1
card_charged = 2
parcel_shipped = 1
"""
    why = (
        "`reserve_stock` was reported, so nobody does it again. `charge_card` was not: the server waits for "
        "its timeout and has it done again. At least once is what any system can promise; lesson 16 makes "
        "such a step safe, so that the second charge finds the first."
    )
    seconds = 30.0  # two processes are started, on a machine that may be busy

    def __init__(self) -> None:
        super().__init__()
        self._ran: tuple[Counter[str], History] | None = None

    async def verify(self, bench: Bench, *answers: Any) -> str:
        """The order is killed for real, once a kernel; further guesses are held against the same ledger."""
        if self._ran is None:
            self._ran = await killed_inside(bench)
        ledger, history = self._ran
        seen = [ledger[line] for line in ("stock reserved", "card charged", "parcel shipped")]
        started = {e.name: e for e in history if e.type == "ActivityTaskStarted"}
        done = {e.name: e for e in history if e.type == "ActivityTaskCompleted"}
        reserve, charge, ship = (step.__name__ for step in STEPS)
        again = started[charge]
        if answers[0] != seen[0]:
            raise self._guess(
                "stock reserved",
                answers[0],
                seen[0],
                f"event {done[reserve].id} says that `{reserve}` was done, before the worker died",
                history,
            )
        if answers[1] != seen[1]:
            because = {
                0: "it was charged before the process ended, and a ledger forgets nothing",
                1: f"event {again.id} is attempt {again.attempt}; what did the server know of attempt 1?",
            }.get(answers[1], f"event {again.id} is attempt {again.attempt}, and it was the last")
            raise self._guess("card charged", answers[1], seen[1], because, history)
        if answers[2] != seen[2]:
            raise self._guess(
                "parcel shipped",
                answers[2],
                seen[2],
                f"`{ship}` began at event {started[ship].id}, when the second worker was there already",
                history,
            )
        why = f" ({again.failure.reason.message})" if again.failure else ""
        return (
            f"The ledger says {seen[0]}, {seen[1]}, {seen[2]}. Event {again.id} is attempt {again.attempt} "
            f"of `{charge}`{why}: nobody had told the server that the first one had charged. A step runs at "
            "least once."
        )

    @staticmethod
    def _guess(line: str, said: int, seen: int, because: str, history: History) -> NotYet:
        from tutorial_lib.views import Timeline

        times = {0: "never", 1: "once", 2: "twice"}
        return NotYet(
            f"you say '{line}' {times.get(said, f'{said} times')}; an order that was killed just so has it "
            f"{times.get(seen, f'{seen} times')}",
            because,
            view=Timeline.of(history),
        )


diary = Diary()
hidden_failure = HiddenFailure()
half_done = HalfDone()

quiz = Quiz(
    LESSON,
    Question(
        "A worker is killed while an order waits for the warehouse. Where is the order now?",
        [
            Choice(
                "In the memory of the worker: it is lost",
                "The worker's memory is gone, and `worker-2` finished the order all the same.",
            ),
            Choice(
                "In a file that the worker keeps",
                "A worker writes no file about its orders. A new one, also on another machine, needs none.",
            ),
            Choice(
                "On the server, as an event history",
                "The history says which steps are done. Any worker with the code can go on from there.",
                right=True,
            ),
        ],
    ),
    Question(
        "You signal an order that has no worker. What becomes of the message?",
        [
            Choice(
                "The server keeps it until a worker can deal with it",
                "It is an event in the history at once; the next worker finds it there.",
                right=True,
            ),
            Choice(
                "`signal` raises an error",
                "It does so when there is no such order. It does not ask whether anybody works.",
            ),
            Choice(
                "`signal` waits until a worker is there",
                "It returns as soon as the server has written the message down.",
            ),
        ],
    ),
    Question(
        "A worker dies in the middle of `send_receipt`, the last of four steps. What does the server do?",
        [
            Choice(
                "It starts the order again, from the first step",
                "The first three steps are in the history as done. Nobody runs them again.",
            ),
            Choice(
                "It waits for the step's timeout, then has this step run again",
                "At least once: so it may happen that the customer gets two receipts.",
                right=True,
            ),
            Choice(
                "It marks the order as failed",
                "A worker's death fails no order. The step has a timeout, and after it another attempt.",
            ),
        ],
    ),
)
