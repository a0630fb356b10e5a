"""Exercises of lesson 06, event history: the history is the state."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from temporalio.common import WorkflowIDConflictPolicy

from tutorial_lib.cells.hushed import hush
from tutorial_lib.course.deliveries import Delivery, book_courier, weigh
from tutorial_lib.exercises import threads
from tutorial_lib.exercises.bench import Bench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_function, a_value, a_workflow, an_activity
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.exercises.place import place
from tutorial_lib.exercises.quiz import Choice, Question, Quiz
from tutorial_lib.exercises.replays import same_road
from tutorial_lib.history import Event, History
from tutorial_lib.history.explain import explain

if TYPE_CHECKING:
    from tutorial_lib.history.steps import Line, Recording, Step

__all__ = ["a_parcel", "forgetful", "quiz", "replay_it_yourself"]

LESSON = "lesson-06"

# Names that stay the same, for the history that learners read is printed in the lesson.
PARCEL_ID, PARCEL_QUEUE = "parcel-7", "parcels-tq"


class AParcel(Exercise):
    """Read a history: which event asked, which one answered, how often code and activities ran."""

    lesson = LESSON
    name = "a_parcel"
    title = "What happened to the parcel?"
    task = (
        "Nobody shows you the code of this delivery, only its history. Find in it what the code asked, what "
        "it was told, and how often it ran."
    )
    starter = """
delivery = await ex.a_parcel.begin()  # a delivery, run for you; this is its history

told_weight = ____  # number of the event with which the code was told what the parcel weighs
went_on = ____  # number of the event from outside that the code was waiting for
attempts = ____  # how often somebody tried to book a courier
code_ran = ____  # how many times a worker ran the workflow's code

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
            bench = Bench(await place(), self.name)
            hush(PARCEL_ID)  # its couriers fail on purpose; where is for the learner to find out
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

    async def verify(self, bench: Bench, *answers: Any) -> str:  # noqa: ARG002 - it ran in `begin`
        """Every answer is looked up in the history that was read."""
        history = await self.begin()
        told_weight, went_on, attempts, code_ran = answers
        weighed = _first(history, "ActivityTaskCompleted", "weigh")
        signal = _first(history, "WorkflowExecutionSignaled")
        booking = _first(history, "ActivityTaskStarted", "book_courier")
        booked = _first(history, "ActivityTaskCompleted", "book_courier")
        tasks = [event for event in history if event.type == "WorkflowTaskCompleted"]
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


class Forgetful(Exercise):
    """Predict what a worker without a cache runs again."""

    lesson = LESSON
    name = "forgetful"
    title = "Predict: a worker that remembers nothing"
    task = (
        "This worker forgets each workflow as soon as its task is done. Leave the code as it is, and say how "
        "often each of its lines will run until the parcel is done."
    )
    starter = """
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
def weigh(parcel: str) -> int:
    return 700


@workflow.defn
class Parcel:
    @workflow.run
    async def run(self, parcel: str) -> list[str]:
        self.log = ["A"]
        await workflow.execute_activity(weigh, parcel, start_to_close_timeout=timedelta(seconds=10))
        self.log.append("B")
        await workflow.sleep(0.1)
        self.log.append("C")
        return self.log


# How often will the line with "A" run, how often those with "B" and "C", and how often `weigh`?
# And how many entries has the log that the workflow returns?
guess = {"A": ____, "B": ____, "C": ____, "weigh": ____, "entries": ____}
"""
    takes = (a_workflow("Parcel"), an_activity("weigh"), a_value("guess", dict, "a dict with five numbers"))
    hints = (
        "How many workflow tasks are there: at which places does the code stop and wait?",
        (
            "Without a cache each workflow task begins with a new object and at the first line. How far "
            "does each of them get? What answers it at the places where an earlier one had to wait?"
        ),
    )
    solution_code = """
guess = {"A": 3, "B": 2, "C": 1, "weigh": 1, "entries": 3}
"""
    why = (
        "Three workflow tasks: at the start, when the weight is known, when the timer fired. Each begins "
        "with a new object at the first line, so `A` runs in all three, `B` in the last two. `weigh` is "
        "answered from the history, and so is the timer. And the log has three entries, for each object is "
        "filled from empty: state is computed again, not added up."
    )

    async def verify(self, bench: Bench, *answers: Any) -> str:
        """What ran is recorded in the worker, line by line; nothing is counted by heart."""
        from tutorial_lib.history.recorder import Recorder
        from tutorial_lib.views import Stepper

        parcel, weigh_it, guess = answers
        numbers = self._numbers(guess)
        recorder = Recorder()
        run = await bench.run(
            parcel,
            "parcel-7",
            activities=[weigh_it],
            seconds=4,
            max_cached_workflows=0,
            workflow_runner=recorder.runner(),
        )
        run.seen.status("Completed")
        recording = recorder.recording(run.history)
        view = Stepper.of(recording)
        for letter in "ABC":
            steps = [
                step for step in recording.steps for line in _ran(recording, step) if f'"{letter}"' in line
            ]
            if not steps:
                raise NotYet(
                    f'no line with "{letter}" ran', "run the starter cell again: the guess is about its code"
                )
            if numbers[letter] != len(steps):
                view.step = steps[-1].number  # where it runs for the last time
                raise self._line(
                    letter,
                    numbers,
                    len(steps),
                    [recording.lives[step.life][-1].started_id for step in steps],
                    view,
                )
        if numbers["weigh"] != run.seen.attempts("weigh"):
            done = run.seen.has("ActivityTaskCompleted", "weigh")
            raise NotYet(
                f"`weigh`: you say {_times(numbers['weigh'])}; it ran {_times(run.seen.attempts('weigh'))}",
                f"event {done.id} has its result: to whom does the history give it, and how often?",
                view=view,
            )
        if numbers["entries"] != len(run.result):
            raise NotYet(
                f"`entries`: you say {numbers['entries']}; the workflow returned {run.result}",
                "each object fills a log of its own, from empty; the others were thrown away with theirs",
                view=view,
            )
        started = _listed([life[-1].started_id for life in recording.lives])
        return (
            f"{len(recording.lives)} objects, for the workflow tasks of events {started}. Each ran from the "
            "first line, and only the last line of each was new; `weigh` ran once, for it has an answer."
        )

    @staticmethod
    def _numbers(guess: dict[str, Any]) -> dict[str, int]:
        wanted = ("A", "B", "C", "weigh", "entries")
        missing = [key for key in wanted if key not in guess]
        if missing:
            raise NotYet(f"`guess` says nothing of {missing[0]!r}", f"its keys are {', '.join(wanted)}")
        for key in wanted:
            if not isinstance(guess[key], int) or isinstance(guess[key], bool):
                raise NotYet(f"`guess[{key!r}]` is {guess[key]!r}, which is no whole number")
        return {key: guess[key] for key in wanted}

    @staticmethod
    def _line(letter: str, numbers: dict[str, int], seen: int, tasks: list[int], view: Any) -> NotYet:
        said = numbers[letter]
        if said < seen:
            lead = "each workflow task has a new object, which has run nothing yet: where does it begin?"
        else:
            lead = "a task runs only as far as there are answers: which tasks get to this line?"
        return NotYet(
            f'the line with "{letter}": you say {_times(said)}; it ran {_times(seen)}, in the workflow '
            f"task{'s' if seen > 1 else ''} of event{'s' if seen > 1 else ''} {_listed(tasks)}",
            lead,
            view=view,
        )


class ReplayItYourself(Exercise):
    """Compute from a history what the workflow's code has in its variables."""

    lesson = LESSON
    name = "replay_it_yourself"
    title = "Replay it yourself"
    task = (
        "If the history is the state, then you can compute the state from it. Write `balance_of`: it gets a "
        "history of `PiggyBank` and returns what the code has in `self.balance` by then."
    )
    starter = """
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
def ask_grandma(balance: int) -> int:
    return balance // 2


@workflow.defn
class PiggyBank:  # leave it as it is
    @workflow.run
    async def run(self, balance: int) -> int:
        self.balance = balance
        limit = timedelta(seconds=10)
        gift = await workflow.execute_activity(ask_grandma, balance, start_to_close_timeout=limit)
        self.balance += gift
        await workflow.wait_condition(lambda: self.balance >= 100)
        return self.balance

    @workflow.signal
    def put(self, amount: int) -> None:  # a negative amount takes out
        if self.balance + amount >= 0:
            self.balance += amount


def balance_of(history) -> int:
    for event in history:  # event.type, event.name, event.payloads
        ____
"""
    takes = (a_workflow("PiggyBank"), an_activity("ask_grandma"), a_function("balance_of"))
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

    async def verify(self, bench: Bench, *answers: Any) -> str:
        """The code's own balance after each workflow task is compared, so that no lucky total passes."""
        piggy_bank, ask_grandma, balance_of = answers
        await bench.worker(workflows=[piggy_bank], activities=[ask_grandma])
        handle = await bench.start(piggy_bank, 20)
        for number, amount in enumerate(self.moves, start=2):
            await bench.until(handle, "WorkflowTaskCompleted", number)
            await handle.signal("put", amount)
        run = await bench.ended(handle)
        recording = await same_road(run.history, piggy_bank, hint="leave `PiggyBank` as the starter has it")
        before = 0
        for step in recording.steps:
            if "balance" not in step.state:
                raise NotYet(
                    "`PiggyBank` has no `self.balance`", "run the starter cell again; write `balance_of` only"
                )
            seen = int(step.state["balance"])
            known = dataclasses.replace(run.history, events=run.history.events[: step.started_id])
            said = await threads.call(balance_of, known)
            if said != seen:
                new = [event for event in known.events[before:] if _matters(event)]
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
        if not isinstance(said, int):
            lead = (
                "the loop ends, and nothing is returned"
                if said is None
                else "payloads are tuples: take out what is in it"
            )
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


def _first(history: History, event_type: str, name: str | None = None) -> Event:
    return next(event for event in history if event.type == event_type and name in (None, event.name))


def _told(event: Event, history: History) -> str:
    sentence = explain(event, history, names=False).rstrip(".")
    article = "an" if event.type[0] in "AEIOU" else "a"
    return f"{article} {event.type}, \u201c{sentence}\u201d"


def _timeline(history: History) -> Any:
    from tutorial_lib.views import Timeline

    return Timeline.of(history)


def _ran(recording: Recording, step: Step) -> Iterator[str]:
    """Texts of the lines that a step ran, without those that it only went on in."""
    lines: list[Line] = [line for line in step.lines if not line.resumed]
    return (recording.source_line(line.file, line.line) for line in lines)


def _matters(event: Event) -> bool:
    return event.type in {"WorkflowExecutionStarted", "ActivityTaskCompleted", "WorkflowExecutionSignaled"}


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


def _listed(numbers: list[int]) -> str:
    *most, last = map(str, numbers)
    return f"{', '.join(most)} and {last}" if most else last


a_parcel = AParcel()
forgetful = Forgetful()
replay_it_yourself = ReplayItYourself()

quiz = Quiz(
    LESSON,
    Question(
        "A workflow has the list `self.done`. Where is the list while no worker runs?",
        [
            Choice(
                "On the server, saved at each `await`",
                "The server has never seen it: no event holds a variable of your code.",
            ),
            Choice(
                "Nowhere: it is computed again when somebody needs it",
                "The same code meets the same answers in the same order, and comes to the same list.",
                right=True,
            ),
            Choice(
                "In the sticky queue of the worker that had it",
                "That is a queue for tasks. The list was in the worker's cache, and went with the worker.",
            ),
        ],
    ),
    Question(
        "An activity fails four times and works the fifth time. What does the finished history have of it?",
        [
            Choice(
                "Scheduled, started, completed: three events, and the started one says attempt 5",
                "Attempts are counted beside the history. The last one is written down when it has ended.",
                right=True,
            ),
            Choice(
                "Five started events, four of them followed by a failed one",
                (
                    "A failed attempt that is tried again leaves no event; "
                    "else a retry would make every replay longer."
                ),
            ),
            Choice(
                "Only what succeeded: nothing tells that it ever failed",
                "The started event has the number of the attempt, and the failure of the one before.",
            ),
        ],
    ),
    Question(
        "A workflow sends a mail in its own code, between two activities. What is wrong with that?",
        [
            Choice(
                "Nothing: a workflow runs each of its lines once",
                "You have seen a `print` run three times. Every replay runs the line again.",
            ),
            Choice(
                "It makes the history too long",
                "It makes no event at all: that is just what is wrong.",
            ),
            Choice(
                "Each replay sends it again, for the history has no answer for it",
                "Only what goes through an activity has a result in the history. Effects belong there.",
                right=True,
            ),
        ],
    ),
)
