"""Find in a history what was kept while nobody worked."""

from __future__ import annotations

from typing import Any

from temporalio.client import WorkflowHandle

from tutorial_lib.course.lesson_00.order_stories import two_shifts
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_handle, a_value
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import Event, History, fetch_history
from tutorial_lib.history.explain import explain
from tutorial_lib.stage.stage import Stage

SHIFTS = ("night-shift", "day-shift")
_OF_THE_OTHER_ORDER = ("worker-1", "worker-2")


class Diary(Exercise):
    """Find in a history what was kept while nobody worked."""

    title = "Read what the server wrote down"
    task = (
        "`order-43` lost its worker too, and got the warehouse's message while it had none. "
        "Find the message and the worker that shipped, in the table or in the Web UI."
    )
    starter = """
order = await ex.diary.begin(lab)

message = ____  # the number of an event
shipped_by = ____  # a worker's identity

await lab.history_table(order)
"""
    takes = (
        a_handle("order"),
        a_value("message", (int, str), "the number of an event"),
        a_value("shipped_by", str, "a worker's name in quotes"),
    )
    hints = (
        (
            "Run the starter cell as it is: the table below it has each event's number in its first column. "
            "Scroll in it, or search it. A worker signs what it takes with its identity."
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

    async def begin(self, lab: Stage) -> WorkflowHandle[Any, Any]:
        """Let an order happen that loses its worker: two steps, no worker, a message, another worker.

        Args:
            lab: Where.
        """
        return await two_shifts(lab, SHIFTS)

    async def verify(self, bench: Workbench, *answers: Any) -> str:  # noqa: ARG002 - nothing to run
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
        if isinstance(message, str):
            raise self._no_number(history, message)
        if not 1 <= message <= len(history):
            raise NotYet(
                f"there is no event {message}: `{order.id}` has the events 1 to {len(history)}",
                "the number stands in the first column of the table",
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
    def _no_number(history: History, message: str) -> NotYet:
        if message.strip().isdigit():
            return NotYet(f"{message!r} is text, not the number of an event", "write it without the quotes")
        what = "the type of an event, not its number"
        if message not in {event.type for event in history}:
            what = "not the number of an event"
        return NotYet(
            f"{message!r} is {what}", "the number stands in the first column of the table, left of the type"
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
        if name in _OF_THE_OTHER_ORDER:
            return NotYet(
                f"`{name}` worked for `order-42`; no step of `{history.workflow_id}` is signed by it",
                "look at the ActivityTaskStarted events of this order, in the table",
            )
        if near := [each for each in known if _letters(each) == _letters(name)]:
            return NotYet(f"`{name}` is nearly `{near[0]}`", "write an identity letter by letter, as it is")
        if any(event.type == "WorkflowExecutionSignaled" and event.worker == name for event in history):
            return NotYet(f"`{name}` is the client that sent the message", "who did the work after that?")
        return NotYet(
            f"no step was run by `{name}`; {len(known)} workers signed the steps of this order",
            "write the identity as the ActivityTaskStarted event has it",
        )


def _letters(name: str) -> str:
    return "".join(each for each in name.lower() if each.isalnum())
