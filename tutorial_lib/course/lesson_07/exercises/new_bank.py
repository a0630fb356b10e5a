"""Change what a running workflow does, without stopping those that run."""

from __future__ import annotations

import ast
from typing import Any

from temporalio import activity
from temporalio.client import WorkflowHandle

from tutorial_lib.course.lesson_07.bank import charge_card
from tutorial_lib.exercises.attempted import definition_of
from tutorial_lib.exercises.checks.replays import same_road
from tutorial_lib.exercises.checks.versions import OURS, version
from tutorial_lib.exercises.checks.workbench import Run, Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_workflow
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import History


class NewBank(Exercise):
    """Change what a running workflow does, without stopping those that run."""

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
            await workflow.execute_activity(
                "charge_card", customer, start_to_close_timeout=limit
            )
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
        charge = "charge_card"
        if workflow.patched("new-bank"):
            charge = "charge_account"
        for month in range(1, 4):
            await workflow.wait_condition(lambda: self.month >= month)
            await workflow.execute_activity(
                charge, customer, start_to_close_timeout=limit
            )
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

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """One that began with the old code continues with the new one; then a new one; both are replayed."""
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
        begun, fresh = (run.expect.events("ActivityTaskScheduled") for run in (old, new))
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
        bench: Workbench, handle: WorkflowHandle[Any, Any], event_type: str, times: int, *, months: int
    ) -> Run:
        for month in range(months):
            await bench.until(handle, event_type, times + 2 * month)
            await handle.signal("next_month")
        return await bench.ended(handle, seconds=4)

    @staticmethod
    def _charged(run: Run, wanted: str, other: str, what: str, lead: str) -> None:
        run.expect.status("Completed")
        if wrong := run.expect.scheduled(other):
            both = f" as well as by `{wanted}`" if run.expect.scheduled(wanted) else ""
            raise NotYet(
                f"{what} was charged by `{other}`{both} (event{'s' if len(wrong) > 1 else ''} {_ids(wrong)})",
                lead,
                view=_timeline(run.history),
            )
        run.expect.ran(wanted, times=3, hint=f"{what}: three months, three payments")


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
