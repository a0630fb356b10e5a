"""The smallest whole thing: an activity that works, a workflow that asks for it."""

from __future__ import annotations

from typing import Any

from tutorial_lib.exercises.checks.stuck_messages import misfits, not_awaited
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_workflow, an_activity
from tutorial_lib.exercises.outcome import NotYet

WRITTEN = "Dear Ada, welcome!"  # what `write_greeting` makes of Ada


class Greeting(Exercise):
    """The smallest whole thing: an activity that works, a workflow that asks for it."""

    title = "Your first workflow"
    task = "Let `GreetCustomer` have `write_greeting` executed as an activity, and return what it wrote."
    starter = """
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
async def write_greeting(name: str) -> str:
    return f"Dear {name}, welcome!"


@workflow.defn
class GreetCustomer:
    @workflow.run
    async def run(self, name: str) -> str:
        return ____
"""
    takes = (a_workflow("GreetCustomer"), an_activity("write_greeting"))
    hints = (
        "A workflow never calls an activity as a function. It asks the server to have it run, and waits.",
        "It is `await workflow.execute_activity(...)`: the activity, its argument, and a timeout by name.",
    )
    solution_code = """
@workflow.defn
class GreetCustomer:
    @workflow.run
    async def run(self, name: str) -> str:
        return await workflow.execute_activity(
            write_greeting, name, start_to_close_timeout=timedelta(seconds=10)
        )
"""
    why = (
        "`execute_activity` is a command to the server. The server schedules the activity, a worker executes "
        "it, and its result is in the history: no crash from here on can lose it."
    )

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """The activity must be in the history; a right result alone proves nothing."""
        greet_customer, write_greeting = answers
        try:
            run = await bench.run(greet_customer, "Ada", activities=[write_greeting], seconds=4)
        except NotYet as stuck:
            raise self._plainly(stuck) from None
        run.expect.status("Completed")
        if not run.expect.activities:
            if local := run.expect.events("MarkerRecorded"):
                raise NotYet(
                    "no event says that an activity was scheduled: a *local* activity ran inside the "
                    f"workflow's worker, and event {local[0].id} is only a note of it",
                    "`execute_activity` asks the server, which can give the work to any worker",
                )
            raise NotYet(
                f"the result is {run.result!r}, but no event says that an activity was scheduled: "
                f"the workflow {'called the function' if run.result == WRITTEN else 'made it up'} itself",
                "ask the server for it: `workflow.execute_activity`",
            )
        run.expect.ran("write_greeting", hint="one greeting is enough")
        if run.result != WRITTEN:
            raise NotYet(
                f"the workflow returned {run.result!r}", "it is to return what the activity wrote, unchanged"
            )
        done = run.expect.has("ActivityTaskCompleted")
        return f"Event {done.id} holds the greeting: the server has it, whatever happens to the worker."

    @staticmethod
    def _plainly(stuck: NotYet) -> NotYet:
        """Python's messages for two frequent slips, in the lesson's words."""
        if stuck.diagnosis is None:
            return stuck
        if not_awaited(stuck.diagnosis.message):
            return NotYet(
                "the workflow returned a coroutine, not the greeting: it did not wait for it",
                "`execute_activity` gives something to wait for: put `await` before it",
            )
        if misfits(stuck.diagnosis.error_type, stuck.diagnosis.message):
            if "were given" in stuck.diagnosis.message:
                return NotYet(
                    stuck.seen,
                    "it takes the name alone: `write_greeting, name`; `args=` wants a list, `[name]`",
                )
            return NotYet(
                stuck.seen, "the activity was asked for without its argument: who is to be greeted?"
            )
        return stuck
