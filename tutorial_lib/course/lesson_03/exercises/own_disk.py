"""A queue for each machine: steps that need one and the same disk go where the first one was."""

from __future__ import annotations

import asyncio
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from tutorial_lib.errors import Stuck
from tutorial_lib.exercises.checks.check_namespace import fresh_name
from tutorial_lib.exercises.checks.workbench import Run, Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_workflow
from tutorial_lib.exercises.outcome import NotYet

_NO_TEXT = "bad argument type"  # protobuf's words for the name of a queue that is no text


class OwnDisk(Exercise):
    """A queue for each machine: steps that need one and the same disk go where the first one was."""

    title = "Back to the same machine"
    task = (
        "`download` saves a report on the disk of the machine that takes it, and returns the name of that "
        "machine's own task queue. `count_words` reads from the disk. On two machines it often finds "
        "nothing: repair `CountWords`. Which machine takes the download must stay open."
    )
    starter = """
from datetime import timedelta

from temporalio import activity, workflow


# The machines of the check have these two; here are their signatures.
@activity.defn
async def download(report: str) -> str: ...


@activity.defn
async def count_words(report: str) -> int: ...


@workflow.defn
class CountWords:
    @workflow.run
    async def run(self, report: str) -> int:
        limit = timedelta(seconds=2)
        own_queue = await workflow.execute_activity(
            download, report, start_to_close_timeout=limit
        )
        return await workflow.execute_activity(
            count_words, report, start_to_close_timeout=limit
        )
"""
    takes = (a_workflow("CountWords"),)
    hints = (
        (
            "Both machines poll the workflow's own queue, so either may get the second step. Each also polls "
            "a queue that nobody else polls; how does the workflow learn its name?"
        ),
        (
            "`execute_activity` takes the name of a queue, as in `Checkout` above. It need not be known when "
            "you write the workflow."
        ),
    )
    solution_code = """
@workflow.defn
class CountWords:
    @workflow.run
    async def run(self, report: str) -> int:
        limit = timedelta(seconds=2)
        own_queue = await workflow.execute_activity(
            download, report, start_to_close_timeout=limit
        )
        return await workflow.execute_activity(
            count_words, report, task_queue=own_queue, start_to_close_timeout=limit
        )
"""
    why = (
        "A queue exists as soon as somebody names it, so each machine can have one of its own and tell its "
        "name. The shared queue spreads the work, the own queue keeps together what belongs together. The "
        "price: if that machine dies, nobody polls its queue. In real life give such a step a "
        "`schedule_to_start_timeout`, and begin again with the download when it fails."
    )

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """Twice: each of two machines gets the download once, and bad luck gives the rest to the other."""
        a, b = _Machine("machine-a"), _Machine("machine-b")
        try:
            said = [
                self._judge(
                    await self._with_bad_luck(bench, answers[0], *machines), machines[0], bench.task_queue
                )
                for machines in ((a, b), (b, a))
            ]
        except NotYet as answer:  # the names are others at each check
            raise NotYet(_short(answer.seen, a, b), _short(answer.hint, a, b), view=answer.view) from None
        return (
            f"Two runs: in one, event {said[0]} names the own queue of machine-a, in the other event "
            f"{said[1]} that of machine-b. No line of the workflow knows either name."
        )

    @staticmethod
    async def _with_bad_luck(bench: Workbench, workflow_: type, first: _Machine, second: _Machine) -> Run:
        """The machine `first` takes the download; what follows on the shared queue, `second` takes."""
        await asyncio.gather(
            bench.worker(workflows=[workflow_], activities=[first.download, second.count_words]),
            *(bench.worker(task_queue=each.queue, activities=[each.count_words]) for each in (first, second)),
        )
        handle = await bench.start(workflow_, "report-november")
        try:
            return await bench.ended(handle, seconds=4)
        except NotYet as stuck:
            found = stuck.diagnosis
            if found and _NO_TEXT in found.message:
                raise NotYet(
                    "the name of a queue must be a text, and what is given here as `task_queue` is none: the "
                    "workflow task fails and is retried",
                    f"`download` returns a text, to those who wait for it: {stuck.hint}",
                ) from None
            if not found or found.kind is not Stuck.NO_POLLER:
                raise
            queue = (await handle.describe()).task_queue
            if queue != bench.task_queue:
                raise NotYet(
                    f"the workflow itself has moved to `{queue}`, by continue-as-new; the machine's worker "
                    "there knows activities only, and takes no workflow task",
                    "leave the workflow where it is, and send only the step to the machine",
                ) from None
            raise NotYet(
                stuck.seen,
                "the machines have new names at each check, as pods have; which event holds the name that "
                "you need?",
            ) from None

    @staticmethod
    def _judge(run: Run, machine: _Machine, shared: str) -> int:
        """The event that asked for the second step.

        Raises:
            NotYet: If that was not done on the machine with the report.
        """
        seen = run.expect
        if markers := seen.events("MarkerRecorded"):
            raise NotYet(
                f"event {markers[0].id} is the marker of a local activity: it runs wherever the workflow's "
                "task is just then, which is no particular machine",
                "ask for it with `execute_activity`, on a queue",
            )
        if not seen.scheduled("download"):
            raise NotYet(
                "nobody was asked to `download`", "the report must be on a disk before it can be read"
            )
        seen.ran("download", hint="once is enough: which machine has it then?")
        asked = seen.scheduled("count_words")
        if not asked:
            raise NotYet(
                f"`count_words` was never scheduled; the workflow returned {run.result!r}",
                "the words are still to be counted",
            )
        queue = str(asked[0].attributes.get("task_queue", ""))
        failed = seen.events("ActivityTaskFailed", "count_words")
        if failed and queue == shared:
            raise NotYet(
                f"event {asked[0].id} puts `count_words` on the shared queue; another machine took it, and "
                f"event {failed[0].id} says: {failed[0].failure.reason.message if failed[0].failure else ''}",
                "which queue does only the machine with the report poll?",
            )
        if failed:
            why = failed[0].failure.reason.message if failed[0].failure else ""
            right = "the right queue" if queue == machine.queue else f"`{queue}`"
            raise NotYet(
                f"`count_words` is on {right} (event {asked[0].id}), and event {failed[0].id} says: {why}",
                "what does it take as its argument?",
            )
        if run.failure is not None:
            last = run.history.events[-1]
            raise NotYet(f"the workflow is {run.history.status}, event {last.id}: {run.failure}")
        if run.result != _Machine.WORDS:
            raise NotYet(
                f"the workflow returned {run.result!r}, not the number of words", "return what was counted"
            )
        return asked[0].id


class _Machine:
    """A machine with a disk of its own: the two activities as it runs them.

    Args:
        name: Its name in messages to a learner.
    """

    WORDS = 1842

    def __init__(self, name: str) -> None:
        self.name = name
        self.queue = f"{fresh_name(name)}-tq"
        self._disk: set[str] = set()

    @activity.defn
    async def download(self, report: str) -> str:
        """Saves it."""
        self._disk.add(report)
        return self.queue

    @activity.defn
    async def count_words(self, report: str) -> int:
        """Counts, if it is there."""
        if report not in self._disk:
            raise ApplicationError(
                f"{report!r} is not on the disk of {self.name}", type="FileNotFoundError", non_retryable=True
            )
        return self.WORDS


def _short(text: str, *machines: _Machine) -> str:
    """A text without the part of the queues' names that changes."""
    for machine in machines:
        text = text.replace(machine.queue, f"{machine.name}-...-tq")
    return text
