"""Read a history: which event asked, which one answered, how often code and activities ran."""

from __future__ import annotations

from typing import Any

from temporalio.common import WorkflowIDConflictPolicy

from tutorial_lib.cells.failures.muted import mute
from tutorial_lib.course.workflows.deliveries import Delivery, book_courier, weigh
from tutorial_lib.exercises.checks.check_namespace import check_client
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_value
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import Event, History
from tutorial_lib.history.explain import explain

# Names that stay the same, for the history that learners read is printed in the lesson.
PARCEL_ID, PARCEL_QUEUE = "parcel-7", "parcels-tq"


class AParcel(Exercise):
    """Read a history: which event asked, which one answered, how often code and activities ran."""

    title = "What happened to the parcel?"
    task = (
        "Nobody shows you the code of this delivery, only its history. Find in it what the code asked, what "
        "it was told, and how often it ran."
    )
    starter = """
delivery = await ex.a_parcel.begin()

told_weight = ____
went_on = ____
attempts = ____
code_ran = ____

await lab.history_table(delivery)
"""
    takes = (
        a_value("told_weight", int, "the number of an event"),
        a_value("went_on", int, "the number of an event"),
        a_value("attempts", int, "a number"),
        a_value("code_ran", int, "a number"),
    )
    hints = (
        (
            "Sort the events in your head: what the code *asked for*, and what the world *answered*. Each "
            "answer says which question it belongs to."
        ),
        (
            "An activity's attempts have no events of their own: its *started* event says which attempt it "
            "was. The workflow's code runs between WorkflowTaskStarted "
            "and WorkflowTaskCompleted, and nowhere else."
        ),
    )
    solution_code = """
told_weight = next(e.id for e in delivery if e.type == "ActivityTaskCompleted" and e.name == "weigh")
went_on = next(e.id for e in delivery if e.type == "WorkflowExecutionSignaled")
attempts = next(e.attempt for e in delivery if e.type == "ActivityTaskStarted" and e.name == "book_courier")
code_ran = sum(e.type == "WorkflowTaskCompleted" for e in delivery)
"""
    why = (
        "Results and signals are what the world tells the code; a replay hands them over again. Everything "
        "else you can work out: the attempts stand in one event, and the code ran once per workflow task."
    )

    def __init__(self) -> None:
        super().__init__()
        self._history: History | None = None

    async def begin(self) -> History:
        """Run the delivery, once a kernel, and hand out its history."""
        if self._history is None:
            bench = Workbench(await check_client(), self.name)
            mute(PARCEL_ID)  # its couriers fail on purpose; where is for the learner to find out
            try:
                await bench.worker(
                    task_queue=PARCEL_QUEUE, workflows=[Delivery], activities=[weigh, book_courier]
                )
                handle = await bench.start(
                    Delivery,
                    "lamp",
                    id=PARCEL_ID,
                    task_queue=PARCEL_QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
                )
                await bench.until(handle, "WorkflowTaskCompleted", 2)
                await handle.signal(Delivery.address, "Oslo")
                self._history = (await bench.ended(handle)).history
            finally:
                await bench.close()
        return self._history

    async def verify(self, bench: Workbench, *answers: Any) -> str:  # noqa: ARG002 - it ran in `begin`
        """Every answer is looked up in the history that was read."""
        history = await self.begin()
        told_weight, went_on, attempts, code_ran = answers
        weighed = _first(history, "ActivityTaskCompleted", "weigh")
        signal = _first(history, "WorkflowExecutionSignaled")
        booking = _first(history, "ActivityTaskStarted", "book_courier")
        booked = _first(history, "ActivityTaskCompleted", "book_courier")
        tasks = [event for event in history if event.type == "WorkflowTaskCompleted"]
        if told_weight == weighed.payloads["result"][0]:
            raise NotYet(
                f"`told_weight`: {told_weight} is what the parcel weighs",
                "which event brought it to the code?",
            )
        if told_weight != weighed.id:
            raise self._another(history, "told_weight", told_weight, _WEIGHT_LEADS)
        if went_on != signal.id:
            raise self._another(history, "went_on", went_on, _SIGNAL_LEADS)
        if attempts != booking.attempt:
            raise self._counted_attempts(history, attempts, booking)
        if code_ran != len(tasks):
            raise self._counted_tasks(history, code_ran, len(tasks))
        return (
            f"Events 1, {weighed.id}, {signal.id} and {booked.id} are all that the world ever told this "
            "code. With these four, any worker can run it again and come to the same end."
        )

    @staticmethod
    def _another(history: History, name: str, number: int, leads: dict[str, str]) -> NotYet:
        if not 1 <= number <= len(history):
            return NotYet(
                f"`{name}`: there is no event {number}, the history has the events 1 to {len(history)}",
                "each row of the table begins with its number",
            )
        event = history.event(number)
        lead = leads.get(event.type) or leads.get(event.kind) or leads[""]
        return NotYet(f"`{name}`: event {number} is {_told(event, history)}", lead, view=_timeline(history))

    @staticmethod
    def _counted_attempts(history: History, said: int, booking: Event) -> NotYet:
        if said == 1:
            lead = "one *started* event does not mean one attempt: what does its sentence say?"
        elif said == (booking.attempt or 1) - 1:
            lead = "so many failed; the one that worked was an attempt, too"
        else:
            lead = "the server counts attempts beside the history, and writes down the number of the last one"
        return NotYet(
            f"`attempts`: you say {said}; look at event {booking.id}, {booking.type} `{booking.name}`",
            lead,
            view=_timeline(history),
        )

    @staticmethod
    def _counted_tasks(history: History, said: int, seen: int) -> NotYet:
        started = sum(e.type == "ActivityTaskStarted" for e in history)
        if said == sum(event.kind == "task" for event in history):
            lead = "each run has three of these events: scheduled, started, completed"
        elif said == started:
            lead = "that is the number of activities; their code is not the workflow's"
        elif said == 1:
            lead = (
                "it ran as far as it could, stopped at an `await`, and had to be run on when an answer came"
            )
        elif said == seen - 1:
            lead = "one is missing: the first run has nothing to do with an answer, and the last one returns"
        else:
            lead = "count the pairs WorkflowTaskStarted, WorkflowTaskCompleted"
        return NotYet(
            f"`code_ran`: you say {said}; so often did no worker run the workflow's code",
            lead,
            view=_timeline(history),
        )


_WEIGHT_LEADS = {
    "ActivityTaskScheduled": "that is the question; which event is the answer?",
    "ActivityTaskStarted": "somebody puts it on the scales: nobody knows the weight yet",
    "ActivityTaskCompleted": "an answer, but to another question: which activity weighs?",
    "task": "the code runs *because* it was told something; the telling is an event of its own, just before",
    "": "look for the result of the activity that weighs",
}


_SIGNAL_LEADS = {
    "WorkflowTaskScheduled": "near: something happened just before it, and the code had to be run",
    "task": "that is the worker running the code; what gave it a reason to run?",
    "activity": "an activity is something that the code asked for; this came without being asked for",
    "": "what comes from outside and without a question is called a signal",
}


def _first(history: History, event_type: str, name: str | None = None) -> Event:
    return next(event for event in history if event.type == event_type and name in (None, event.name))


def _told(event: Event, history: History) -> str:
    sentence = explain(event, history, names=False).rstrip(".")
    article = "an" if event.type[0] in "AEIOU" else "a"
    return f"{article} {event.type}, \u201c{sentence}\u201d"


def _timeline(history: History) -> Any:
    from tutorial_lib.views import Timeline

    return Timeline.of(history)
