"""Two starts with one wrong name each, found and mended in the Web UI or a terminal."""

from __future__ import annotations

import asyncio
import time
from typing import Any, NamedTuple

from temporalio.client import (
    WorkflowExecutionStatus,
)
from temporalio.common import WorkflowIDConflictPolicy as Conflict
from temporalio.service import RPCError, RPCStatusCode

from tutorial_lib import sdk
from tutorial_lib.course.lesson_05.payments import Handle
from tutorial_lib.exercises.checks.patience import Patience
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_handle
from tutorial_lib.exercises.outcome import NotBegun, NotYet
from tutorial_lib.history import History, fetch_history
from tutorial_lib.stage.stage import Stage

_TYPE, _QUEUE = "Welcome", "front-desk"  # of the worker in the starter cell
_VISIBILITY_SECONDS = 0.15  # until a start is surely listed


class LostGuests(Exercise):
    """Two starts with one wrong name each, found and mended in the Web UI or a terminal."""

    title = "Two lost guests"
    task = (
        "Nobody welcomes `guest-fay` and `guest-gus`: in each start one of the three names is wrong. Find "
        "which, in the Web UI or with `temporal workflow describe`, and see to it that both are welcomed, "
        "each under the id that it has."
    )
    starter = """
from temporalio import workflow


@workflow.defn
class Welcome:
    @workflow.run
    async def run(self, name: str) -> str:
        return f"Welcome, {name}!"


lab.start_worker(task_queue="front-desk", workflows=[Welcome])
fay, gus = await ex.lost_guests.arrive(lab)
lab.ui()
"""
    takes = (a_handle("fay"), a_handle("gus"))
    hints = (
        (
            "`!temporal workflow describe --workflow-id guest-fay` shows type and task queue. Compare them "
            "with the class and the worker above, letter by letter."
        ),
        (
            "A start cannot be corrected, but it can be made again: end the lost run (`!temporal workflow "
            "terminate --workflow-id guest-fay`, or the Web UI), then `temporal workflow start ...` with all "
            "names right. And what did the lost run have that is no name? See its event 1."
        ),
        (
            "A start in the terminal is one line: `!temporal workflow start --workflow-id ... --task-queue "
            "... --type ... --input ...`. The input is JSON: the name in double quotes, and single ones "
            "around it for the shell, as in *From the terminal*."
        ),
    )
    solution_code = """
for name in ("Fay", "Gus"):
    guest = f"--workflow-id guest-{name.lower()}"
    lab.cli(f"workflow terminate {guest}")
    names = f"{guest} --task-queue front-desk --type Welcome"
    print(lab.cli(f"workflow start {names} --input '\\"{name}\\"'"))
"""
    why = (
        "`guest-fay` waits on a task queue that nobody polls, and nothing says so; `guest-gus` has a type "
        "that its worker refuses, at each try. Queue and type stand in event 1 and stay there, so each run "
        "is ended, and its id started again: three names and an input."
    )

    async def arrive(self, lab: Stage) -> tuple[Handle, Handle]:
        """Start the two guests, as somebody did who was in a hurry.

        Args:
            lab: The lab whose worker should have welcomed them.

        Returns:
            A handle of each, of the run that is lost.
        """
        for worker in lab.workers:
            if worker.spec.task_queue == "front-deck":  # it came to the task, when the cell ran before
                worker.stop()
        again = Conflict.TERMINATE_EXISTING
        start = lab.client.start_workflow
        fay: Handle = await start(
            "Welcome", "Fay", id="guest-fay", task_queue="front-deck", id_conflict_policy=again
        )
        gus: Handle = await start(
            "welcome", "Gus", id="guest-gus", task_queue="front-desk", id_conflict_policy=again
        )
        deadline = time.monotonic() + 5.0
        while time.monotonic() < deadline:  # what the worker says of it belongs into this cell
            history = await fetch_history(gus)
            if any(event.type == "WorkflowTaskFailed" for event in history):
                break
            await asyncio.sleep(0.02)
        return fay, gus

    async def verify(self, bench: Workbench, *answers: Any) -> str:  # noqa: ARG002 - the lab's worker runs them
        """Look at the newest run under each id."""
        guests = [await _Guest.of(handle, name) for handle, name in zip(answers, ("Fay", "Gus"), strict=True)]
        if all(guest.untouched for guest in guests):
            if stray := await _stray(guests[0].lost):
                raise NotYet(
                    f"`{stray}` was started; `guest-fay` and `guest-gus` themselves still wait",
                    "an id is an address: whoever asks for `guest-fay` finds the lost run",
                )
            raise NotBegun(
                "`guest-fay` and `guest-gus` wait in the runs that the starter cell began. (The CLI says "
                "`Running execution` also when it has started nothing.)"
            )
        _raise_all([told for guest in guests if (told := guest.judged())])
        ways = [
            "in a new run" if g.history.run_id != g.lost.result_run_id else "in the same run" for g in guests
        ]
        return (
            f"`guest-fay` was welcomed {ways[0]}, `guest-gus` {ways[1]}; event 1 has the names that this "
            f"came of: queue `{guests[0].history.task_queue}` and type `{guests[1].history.workflow_type}`."
        )


class _Guest(NamedTuple):
    """A guest: the run that was lost, and the newest one under the id."""

    name: str
    lost: Handle
    history: History

    @classmethod
    async def of(cls, lost: Handle, name: str) -> _Guest:
        if lost.id != f"guest-{name.lower()}":
            raise NotYet(
                f"this is the handle of `{lost.id}`", "the check wants `fay` and `gus`, in this order"
            )
        client = sdk.client_of(lost)
        newest = client.get_workflow_handle(lost.id)
        patience = Patience(1)
        while True:
            asked = time.monotonic()
            try:
                description = await newest.describe()
            except RPCError as error:
                if error.status != RPCStatusCode.NOT_FOUND:
                    raise
                raise NotYet(
                    f"`{lost.id}` is not there any more: it was deleted, with its history",
                    f"start it again under its id, with its input: the name {name}, as JSON",
                ) from None
            events = description.raw_description.workflow_execution_info.history_length
            over = patience.over(events, time.monotonic() - asked)
            moved = description.run_id != lost.result_run_id
            running = description.status == WorkflowExecutionStatus.RUNNING
            if not (moved and running) or over:
                break
            await asyncio.sleep(0.05)  # it was started a moment ago
        return cls(
            name, lost, await fetch_history(client.get_workflow_handle(lost.id, run_id=description.run_id))
        )

    @property
    def untouched(self) -> bool:
        return not self.history.closed and self.history.run_id == self.lost.result_run_id

    def judged(self) -> NotYet | None:
        """What keeps it from having been welcomed; None if it was."""
        history, who = self.history, f"`{self.lost.id}`"
        if self.untouched:
            for event in history:
                if event.type == "WorkflowExecutionCancelRequested":
                    return NotYet(
                        f"{who} was asked to cancel (event {event.id}), and still waits",
                        "a cancellation is for the workflow's code to act upon, and no worker runs it: "
                        "terminate it, and start it again",
                    )
            return NotYet(
                f"{who} still waits in its first run: event 1 has type `{history.workflow_type}` and task "
                f"queue `{history.task_queue}`",
                "one of the two is unknown to the worker. If you did start it again: the CLI says `Running "
                "execution` also when it has started nothing",
                view=_picture(history),
            )
        if not history.closed:
            return NotYet(f"{who} was started again and waits again: {self._amiss()}", view=_picture(history))
        if history.status != "Completed":
            return NotYet(
                f"{who} is {history.status}: nobody waits any more, but nobody was welcomed",
                f"start it again under its id, with its input: the name {self.name}, as JSON",
            )
        said = history.events[-1].payloads.get("result", ())
        if said != (f"Welcome, {self.name}!",):
            return NotYet(
                f"{who} has completed with {said[0] if said else None!r}; the guest is called {self.name}",
                "the name is the input, as JSON: look at event 1 of the lost run",
            )
        return None

    def _amiss(self) -> str:
        """What of the new start is not as the worker wants it; its names first, then its input."""
        history = self.history
        wrong = []
        if history.workflow_type != _TYPE:
            wrong.append(f"type `{history.workflow_type}`, and the worker knows `{_TYPE}`")
        if history.task_queue != _QUEUE:
            wrong.append(f"task queue `{history.task_queue}`, and the worker polls `{_QUEUE}`")
        if wrong:
            return f"event 1 of the new run has {'; it has '.join(wrong)}"
        given = history.events[0].payloads.get("input", ())
        if len(given) != 1 or not isinstance(given[0], str):
            what = f"{len(given)} inputs" if given else "no input"
            if len(given) == 1:
                what = f"the input {given[0]!r}"[:60]
            return (
                f"its names are right, and event 1 of the new run has {what}. `Welcome` takes one, the "
                f"guest's name as JSON: `--input '\"{self.name}\"'`"
            )
        return "its names and its input are right. Is the worker of the starter cell still there?"


def _raise_all(told: list[NotYet]) -> None:
    """Raise what is wrong with each guest, as one answer."""
    if told:
        hints = dict.fromkeys(each.hint for each in told if each.hint)
        raise NotYet("; ".join(each.seen for each in told), "; ".join(hints), view=told[0].view)


def _picture(history: History) -> Any:
    from tutorial_lib.views import Timeline

    return Timeline.of(history)


async def _stray(lost: Handle) -> str | None:
    """What was started under another id since."""
    client = sdk.client_of(lost)
    since = (await lost.describe()).start_time.isoformat()
    for patience in (_VISIBILITY_SECONDS, 0.0):
        async for each in client.list_workflows(f"StartTime > '{since}'"):
            if each.id not in ("guest-fay", "guest-gus"):
                return each.id
        await asyncio.sleep(patience)
    return None
