"""Exercises of lesson 07, determinism: replay must take the same road."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from temporalio import activity
from temporalio.client import WorkflowHandle, WorkflowQueryFailedError
from temporalio.service import RPCError

from tutorial_lib.course.versions import OURS, version
from tutorial_lib.exercises.attempt import definition_of
from tutorial_lib.exercises.bench import Bench, Run
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_value, a_workflow
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.exercises.quiz import Choice, Question, Quiz
from tutorial_lib.exercises.replays import recorded, same_road, where_they_part
from tutorial_lib.exercises.seen import Seen
from tutorial_lib.history import History, fetch_history

if TYPE_CHECKING:
    from tutorial_lib.history.steps import Recording

__all__ = ["a_fair_raffle", "changes", "new_bank", "quiz"]

LESSON = "lesson-07"


class AFairRaffle(Exercise):
    """Repair three lines that come out differently in a replay."""

    lesson = LESSON
    name = "a_fair_raffle"
    title = "A fair raffle"
    task = (
        "Whoever asks for the protocol of this raffle must always hear the same winner, number and time, "
        "whichever worker answers. The sandbox refuses the code as it is: repair it."
    )
    starter = """
import random
import uuid
from datetime import datetime

from temporalio import workflow


@workflow.defn
class Raffle:
    @workflow.run
    async def run(self, tickets: int) -> list[str]:
        winner = random.randint(1, tickets)
        number = uuid.uuid4()
        self.lines = [f"ticket {winner} wins", f"raffle no. {number}", f"drawn at {datetime.now()}"]
        return self.lines

    @workflow.query
    def protocol(self) -> list[str]:
        return self.lines
"""
    takes = (a_workflow("Raffle"),)
    hints = (
        (
            "Repair one line and run the check: it names the next one that the sandbox refuses. There are "
            "three things that would come out differently the second time."
        ),
        "For dice, ids and the clock the SDK has its own: the table under *Fix it* has them side by side.",
    )
    solution_code = """
@workflow.defn
class Raffle:
    @workflow.run
    async def run(self, tickets: int) -> list[str]:
        winner = workflow.random().randint(1, tickets)
        number = workflow.uuid4()
        self.lines = [f"ticket {winner} wins", f"raffle no. {number}", f"drawn at {workflow.now()}"]
        return self.lines

    @workflow.query
    def protocol(self) -> list[str]:
        return self.lines
"""
    why = (
        "The dice of `workflow.random()` are thrown from a seed that belongs to the run, and "
        "`workflow.now()` is the time of the event that started the workflow task. Both come out of the "
        "history, so they are the same in every replay, and others in every other raffle."
    )
    tickets = 10**9  # so many that nobody draws the same one twice by chance

    async def verify(self, bench: Bench, *answers: Any) -> str:
        """A worker without a cache has to replay the raffle to tell its protocol; another one must differ."""
        (raffle,) = answers
        await bench.worker(workflows=[raffle], max_cached_workflows=0)
        first, second = [await self._drawn(bench, raffle) for _ in range(2)]
        last = first.history.events[-1]
        for now, before in zip(await self._protocol(first.handle), first.result, strict=False):
            if now != before:
                raise NotYet(
                    f"event {last.id} says {before!r}, and in a replay the same raffle says {now!r}",
                    "this line still asks somebody else than Temporal",
                    view=await self._stepper(first.history, raffle),
                )
        lines = ("winner", "number", "time")
        for line, one, other in zip(lines, first.result, second.result, strict=True):
            if one == other:
                raise NotYet(
                    f"two raffles, one after the other, have the same {line}: {one!r}",
                    (
                        "the same in every replay, but not in every raffle: which "
                        "dice, ids and clock does the SDK have?"
                    ),
                )
        await first.replays_with(raffle)
        return (
            f"Event {last.id} has the protocol, and a worker that had forgotten the raffle replayed it and "
            "said the same, word for word. A second raffle came out differently, as a raffle should."
        )

    async def _drawn(self, bench: Bench, raffle: type) -> Run:
        handle = await bench.start(raffle, self.tickets)
        try:
            run = await bench.ended(handle, seconds=5)
        except NotYet:
            asked = Seen(await fetch_history(handle)).scheduled()
            if not asked:
                raise
            raise NotYet(
                (
                    f"event {asked[0].id} asks for activity `{asked[0].name}`, "
                    "which the worker of this check does not have"
                ),
                (
                    "an activity would do it, too; but dice, ids and the "
                    "clock are things that the SDK has itself"
                ),
            ) from None
        run.seen.status("Completed")
        if not isinstance(run.result, list) or len(run.result) != 3:  # noqa: PLR2004 - winner, number, time
            raise NotYet(
                f"the raffle returned {run.result!r}",
                "it is to return the three lines of its protocol, as before",
            )
        return run

    @staticmethod
    async def _protocol(handle: WorkflowHandle[Any, Any]) -> list[Any]:
        try:
            told = await handle.query("protocol")
        except (WorkflowQueryFailedError, RPCError) as error:
            raise NotYet(
                f"the raffle does not answer the query `protocol`: {error}",
                "the query only tells what `run` has drawn: leave it as the starter has it",
            ) from None
        if not isinstance(told, list) or not told:
            raise NotYet(f"the query `protocol` answers {told!r}", "it is to return the same lines as `run`")
        return told

    @staticmethod
    async def _stepper(history: History, workflow: type) -> Any:
        from tutorial_lib.views import Stepper

        return Stepper.of(await recorded(history, workflow))


@dataclass(frozen=True)
class Change:
    """A change of a running order's code.

    Attributes:
        old: The piece of the code that is replaced.
        new: What comes instead.
        why: Why a replay does not mind it, if it does not.
    """

    old: str
    new: str
    why: str = ""

    def applied(self, code: str) -> str:
        """The code with this change."""
        if self.old not in code:
            raise ValueError(f"{self.old!r} is not in the code")
        return code.replace(self.old, self.new)


_STEP = '        await workflow.execute_activity("{}", order, start_to_close_timeout=limit)\n'
_RESERVE, _CHARGE, _SHIP = (_STEP.format(step) for step in ("reserve_stock", "charge_card", "ship_parcel"))
_SLEEP = "        await workflow.sleep(1)\n"


class Changes(Exercise):
    """Predict which changes stop a running order."""

    lesson = LESSON
    name = "changes"
    title = "Predict: will it go on?"
    task = (
        "This order has charged the card and waits for `packed`, when somebody deploys a change. For each of "
        "the six, say what becomes of the order: does it go on, or does it stop with TMPRL1100?"
    )
    starter = """
from datetime import timedelta

from temporalio import workflow


@workflow.defn
class Order:
    def __init__(self) -> None:
        self.is_packed = False

    @workflow.run
    async def run(self, order: str) -> None:
        limit = timedelta(seconds=10)
        await workflow.execute_activity("reserve_stock", order, start_to_close_timeout=limit)
        await workflow.execute_activity("charge_card", order, start_to_close_timeout=limit)
        await workflow.wait_condition(lambda: self.is_packed)
        await workflow.execute_activity("ship_parcel", order, start_to_close_timeout=limit)

    @workflow.signal
    def packed(self) -> None:
        self.is_packed = True


guess = {
    "limit is 60 seconds": ____,  # "goes on" or "stops"
    "a second's sleep before the card is charged": ____,
    "a second's sleep before the parcel is shipped": ____,
    "charge_card is called take_payment": ____,
    "the card is charged first, the stock reserved then": ____,
    "the parcel's address as a second argument of charge_card": ____,
}
"""
    takes = (a_value("guess", dict, "a dict"),)
    hints = (
        (
            "Write down the commands that the order has given so far, task by task. Which of the changes "
            "gives another one, or another sequence of them, before the place where the order waits now?"
        ),
        (
            "Of each command its kind and name are compared, and its place in the sequence; what else is in "
            "it is not. And nobody compares what has not happened yet."
        ),
    )
    solution_code = """
guess = {
    "limit is 60 seconds": "goes on",
    "a second's sleep before the card is charged": "stops",
    "a second's sleep before the parcel is shipped": "goes on",
    "charge_card is called take_payment": "stops",
    "the card is charged first, the stock reserved then": "stops",
    "the parcel's address as a second argument of charge_card": "goes on",
}
"""
    why = (
        "A replay compares which commands come, task by task, up to where the execution stands: kind, name, "
        "order. A timer, another name, another order: another road. What is in a command "
        "(timeouts, arguments) is not compared, and what lies ahead has nothing to be compared with."
    )
    made: ClassVar[dict[str, Change]] = {
        "limit is 60 seconds": Change(
            "seconds=10", "seconds=60", "the same commands come; their timeouts are not compared"
        ),
        "a second's sleep before the card is charged": Change(_CHARGE, f"{_SLEEP}{_CHARGE}"),
        "a second's sleep before the parcel is shipped": Change(
            _SHIP, f"{_SLEEP}{_SHIP}", "the order has not got there: there is nothing to compare it with"
        ),
        "charge_card is called take_payment": Change("charge_card", "take_payment"),
        "the card is charged first, the stock reserved then": Change(
            f"{_RESERVE}{_CHARGE}", f"{_CHARGE}{_RESERVE}"
        ),
        "the parcel's address as a second argument of charge_card": Change(
            '"charge_card", order,',
            '"charge_card", args=[order, "Oslo"],',
            "the same command comes; its arguments are not compared, and the card was charged without them",
        ),
    }

    def __init__(self) -> None:
        super().__init__()
        self._order: History | None = None

    @property
    def code(self) -> str:
        """The order's code, as the learner reads it."""
        return self.starter[: self.starter.index("guess = ")]

    async def verify(self, bench: Bench, *answers: Any) -> str:
        """A real order is replayed with each change; nothing is known beforehand."""
        (guess,) = answers
        self._readable(guess)
        if self._order is None:
            self._order = await self._waiting_order(bench)
        history = self._order
        stopped = 0
        for number, (question, change) in enumerate(self.made.items(), start=1):
            changed = version(change.applied(self.code), "Order", f"order_{number}.py")
            recording = await recorded(history, changed, runner=OURS)
            seen = "goes on" if recording.error is None else "stops"
            stopped += seen == "stops"
            if guess[question] != seen:
                raise await self._another(history, question, guess[question], recording, change)
        return (
            f"As you said: a replay of the order's {len(history)} events stops with {stopped} changes, and "
            f"does not notice the other {len(self.made) - stopped}. Such a test takes no time."
        )

    def _readable(self, guess: dict[str, Any]) -> None:
        for question in self.made:
            if question not in guess:
                raise NotYet(
                    f"`guess` says nothing of {question!r}", "keep the keys as the starter cell has them"
                )
            if guess[question] not in ("goes on", "stops"):
                raise NotYet(
                    f"{question!r}: {guess[question]!r} is none of the two answers",
                    'they are "goes on" and "stops"',
                )

    async def _waiting_order(self, bench: Bench) -> History:
        order = version(self.code, "Order", "order.py")
        await bench.worker(workflows=[order], activities=[reserve_stock, charge_card], workflow_runner=OURS)
        return await bench.until(await bench.start(order, "order-42"), "WorkflowTaskCompleted", 3)

    async def _another(
        self, history: History, question: str, said: str, recording: Recording, change: Change
    ) -> NotYet:
        from tutorial_lib.views import Stepper

        if recording.error is None:
            return NotYet(
                (
                    f"{question!r}: you say it {said}; all {len(history)} "
                    "events of the order replay without complaint"
                ),
                change.why,
            )
        as_it_was = await recorded(history, version(self.code, "Order", "order.py"), runner=OURS)
        return NotYet(
            f"{question!r}: you say it {said}; its replay stops: {where_they_part(recording)}",
            "step through both versions below: up to which workflow task do they ask for the same?",
            view=Stepper.of(as_it_was, recording, labels=("as it was", "changed")),
        )


class NewBank(Exercise):
    """Change what a running workflow does, without stopping those that run."""

    lesson = LESSON
    name = "new_bank"
    title = "A new bank for new customers"
    task = (
        "Subscriptions run for three months, and thousands are under way. From now on, a *new* one is to be "
        "charged through `charge_account` in place of `charge_card`, in all its months; one that has begun "
        "stays with `charge_card` to its end. Change the code so that both go well."
    )
    starter = """
from datetime import timedelta

from temporalio import workflow


@workflow.defn
class Subscription:
    def __init__(self) -> None:
        self.month = 1

    @workflow.run
    async def run(self, customer: str) -> str:
        limit = timedelta(seconds=10)
        for month in range(1, 4):
            await workflow.wait_condition(lambda: self.month >= month)
            await workflow.execute_activity("charge_card", customer, start_to_close_timeout=limit)
        return f"{customer} has had three months"

    @workflow.signal
    def next_month(self) -> None:
        self.month += 1
"""
    takes = (a_workflow("Subscription"),)
    hints = (
        (
            "A replay of one that has begun must still come by `charge_card`; a new one must not. So both "
            "stand in the code: what tells the two apart?"
        ),
        (
            "The lesson's fraud check was only added. Here one road takes the place of another: "
            "`workflow.patched` has an *else*."
        ),
    )
    solution_code = """
@workflow.defn
class Subscription:
    def __init__(self) -> None:
        self.month = 1

    @workflow.run
    async def run(self, customer: str) -> str:
        limit = timedelta(seconds=10)
        charge = "charge_account" if workflow.patched("new-bank") else "charge_card"
        for month in range(1, 4):
            await workflow.wait_condition(lambda: self.month >= month)
            await workflow.execute_activity(charge, customer, start_to_close_timeout=limit)
        return f"{customer} has had three months"

    @workflow.signal
    def next_month(self) -> None:
        self.month += 1
"""
    why = (
        "`workflow.patched` answers from the history: true, and noted there, for one that comes by for the "
        "first time; false for a replay without that note. And it stays with its answer for the whole run, "
        "so a subscription never changes its bank half-way, whichever worker replays it, and when."
    )
    seconds = 15.0

    async def verify(self, bench: Bench, *answers: Any) -> str:
        """One that began with the old code goes on with the new one; then a new one; both are replayed."""
        (subscription,) = answers
        activities = [charge_card, charge_account]
        before = version(self.starter, "Subscription", "subscription.py")
        await bench.worker(workflows=[before], activities=activities, workflow_runner=OURS)
        running = await bench.start(before, "Ada")
        await bench.until(running, "WorkflowTaskCompleted", 2)
        await running.signal("next_month")
        history = await bench.until(running, "WorkflowTaskCompleted", 4)

        await bench.worker(workflows=[subscription], activities=activities)
        await same_road(history, subscription, what="one that has begun", hint=self._lead(subscription))
        old = await self._to_the_end(bench, running, "WorkflowTaskCompleted", 4, months=1)
        lead = self._half_way(subscription)
        self._charged(old, "charge_card", "charge_account", "the subscription that had begun", lead)
        new = await self._to_the_end(
            bench, await bench.start(subscription, "Bob"), "WorkflowTaskCompleted", 2, months=2
        )
        lead = "a new one goes to the new bank from its first month, and to no other"
        self._charged(new, "charge_account", "charge_card", "a new subscription", lead)
        for run, what in ((old, "the one that had begun, now that it is done,"), (new, "a new one")):
            await same_road(
                run.history,
                subscription,
                what=what,
                hint=(
                    "it went well once, on a worker that had it in its cache; what does your code decide by?"
                ),
            )
        begun, fresh = (run.seen.events("ActivityTaskScheduled") for run in (old, new))
        return (
            f"The one that had begun was charged by `charge_card` to the end (events {_ids(begun)}), a new "
            f"one by `charge_account` (events {_ids(fresh)}), and both replay: one code, two roads."
        )

    @staticmethod
    def _lead(subscription: type) -> str:
        words = _words(subscription)
        if "deprecate_patch" in words:
            return (
                "`deprecate_patch` is for later, when no old one runs any more: it lets all take the new road"
            )
        if "patched" in words:
            return (
                "in the replay of one that has begun, `patched` is "
                "false: which road does your code take then?"
            )
        return (
            "nobody can change a history: whoever replays it must ask "
            "for what it has. What tells old from new?"
        )

    @staticmethod
    def _half_way(subscription: type) -> str:
        words = _words(subscription)
        if "is_replaying" in words:
            return (
                "`is_replaying` says whether this is a replay, not who has "
                "begun: at its end each replay goes on live"
            )
        if "patched" in words:
            return "each patch id is asked by itself: how many different ones does one subscription meet?"
        return "one that has begun keeps its bank to its end; what does your code decide by?"

    @staticmethod
    async def _to_the_end(
        bench: Bench, handle: WorkflowHandle[Any, Any], event_type: str, times: int, *, months: int
    ) -> Run:
        for month in range(months):
            await bench.until(handle, event_type, times + 2 * month)
            await handle.signal("next_month")
        return await bench.ended(handle, seconds=4)

    @staticmethod
    def _charged(run: Run, wanted: str, other: str, what: str, lead: str) -> None:
        run.seen.status("Completed")
        if wrong := run.seen.scheduled(other):
            both = f" as well as by `{wanted}`" if run.seen.scheduled(wanted) else ""
            raise NotYet(
                f"{what} was charged by `{other}`{both} (event{'s' if len(wrong) > 1 else ''} {_ids(wrong)})",
                lead,
                view=_timeline(run.history),
            )
        run.seen.ran(wanted, times=3, hint=f"{what}: three months, three payments")


@activity.defn
async def reserve_stock(order: str) -> None:
    """Reserves."""


@activity.defn
async def charge_card(customer: str) -> None:
    """Charges through the old bank."""


@activity.defn
async def charge_account(customer: str) -> None:
    """Charges through the new bank."""


def _ids(events: Any) -> str:
    *most, last = [str(event.id) for event in events]
    return f"{', '.join(most)} and {last}" if most else last


def _words(workflow: type) -> set[str]:
    """The attributes that a learner's class asks for: "patched", "random" ..."""
    node = definition_of(workflow)
    return {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)} if node else set()


def _timeline(history: History) -> Any:
    from tutorial_lib.views import Timeline

    return Timeline.of(history)


a_fair_raffle = AFairRaffle()
changes = Changes()
new_bank = NewBank()

quiz = Quiz(
    LESSON,
    Question(
        "Which of these lines does the sandbox let pass, though a replay can come out differently?",
        [
            Choice(
                "`discount = random.randint(5, 20)`",
                "The sandbox refuses it, with the line of your cell. `workflow.random()` is what you want.",
            ),
            Choice(
                "`for city in set(cities):`",
                "Another process walks the set in another order, and gets Berlin's answer for Rome. Sort it.",
                right=True,
            ),
            Choice(
                "`terms = open('terms.txt').read()`",
                (
                    "Refused as well. What is outside is read by an "
                    "activity, and its result stays in the history."
                ),
            ),
        ],
    ),
    Question(
        "A bad version is deployed, and a thousand orders stop with TMPRL1100. What now?",
        [
            Choice(
                "Roll back: the orders go on by themselves",
                "Only their workflow task failed. The server offers it again, until somebody can answer it.",
                right=True,
            ),
            Choice(
                "Start the thousand orders again: they have failed",
                "They are RUNNING, with their histories complete. Started again, they would charge again.",
            ),
            Choice(
                "Correct their histories on the server",
                "Nobody can change a history, and there is nothing wrong with it: it says what happened.",
            ),
        ],
    ),
    Question(
        (
            "You change an activity's timeout and its input in the code of "
            "a running workflow. What does a replay say?"
        ),
        [
            Choice(
                "It stops at the timeout: that is part of the command",
                "Kind, name and order of the commands are compared. Timeouts are not.",
            ),
            Choice(
                "It stops at the input: the history has the old one",
                "It has, and keeps it. But nobody compares the two.",
            ),
            Choice(
                "Nothing: it notices neither",
                (
                    "For the timeout that is handy. For the input it means: "
                    "the code may now believe what never was."
                ),
                right=True,
            ),
        ],
    ),
)
