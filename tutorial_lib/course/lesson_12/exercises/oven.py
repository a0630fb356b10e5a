"""A door that is opened when the oven is off, whether the cake is ready or nobody wants it any more."""

from __future__ import annotations

import ast
import asyncio
import re
from typing import Any, Final

from temporalio import activity

from tutorial_lib.course.lesson_12.ended import demand_canceled, demand_given
from tutorial_lib.exercises.attempted import definition_of
from tutorial_lib.exercises.checks.workbench import PROMPTLY, Run, Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_workflow
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import Event, History

_OFF: Final = "the oven is off"
_OPEN: Final = "the door is open"
_DOOR: Final = "open_door"
_CAKE: Final = "cake-7"


class Oven(Exercise):
    """A door that is opened when the oven is off, whether the cake is ready or nobody wants it any more."""

    title = "Off before the door opens"
    task = (
        'Run `"oven"`, then `"open_door"`, each with the cake. If the workflow is cancelled, the door is '
        "opened as well, but not before the oven has cooled down; it ends as CANCELED."
    )
    starter = """
from datetime import timedelta

from temporalio import workflow

TIME = workflow.ActivityConfig(
    start_to_close_timeout=timedelta(hours=1),
    heartbeat_timeout=timedelta(seconds=5),
)


@workflow.defn
class Bake:
    @workflow.run
    async def run(self, cake: str) -> str:
        ____
        return "baked"
"""
    takes = (a_workflow("Bake"),)
    hints = (
        "Two questions: what makes it wait until the oven is off, and what opens the door in any case?",
        "The first is an option of the oven: its `cancellation_type`. The second is Python's `finally`.",
        "`cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED`, in a `try`.",
    )
    solution_code = """
@workflow.defn
class Bake:
    @workflow.run
    async def run(self, cake: str) -> str:
        try:
            await workflow.execute_activity(
                "oven",
                cake,
                cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
                **TIME,
            )
        finally:
            await workflow.execute_activity("open_door", cake, **TIME)
        return "baked"
"""
    why = (
        "The `await` of the oven raises only when the oven has ended, and `finally` comes after that. A "
        "workflow that only asks does not know whether anybody has heard."
    )

    def __init__(self) -> None:
        super().__init__()
        self._ready = self._cooled = False

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """One cake in peace, and one that is cancelled in the oven, which stays hot until that was seen."""
        (bake,) = answers
        code = ast.unparse(definition_of(bake) or ast.Module([], []))
        if text := re.search(r"cancellation_type=('\w+')", code):
            raise NotYet(
                f"the cancellation type is the text {text[1]}",
                "the SDK takes no text for it: it is a member of `workflow.ActivityCancellationType`",
            )
        if "ChildWorkflowCancellationType" in code:
            raise NotYet(
                "the cancellation type is a `ChildWorkflowCancellationType`, whose numbers are others",
                "`oven` is an activity: take it from `workflow.ActivityCancellationType`",
            )

        @activity.defn
        async def oven(_cake: str) -> None:
            try:
                while not self._ready:
                    activity.heartbeat()
                    await asyncio.sleep(0.05)
            except asyncio.CancelledError:
                while not self._cooled:  # noqa: ASYNC110 its worker has a loop of its own
                    await asyncio.sleep(0.05)
                self.ledger.add(_OFF)
                raise
            self.ledger.add(_OFF)

        @activity.defn
        async def open_door(_cake: str) -> None:
            self.ledger.add(_OPEN)

        await bench.worker(workflows=[bake], activities=[oven, open_door], **PROMPTLY)
        self._ready = self._cooled = True
        self._judge_peace(await bench.ended(await bench.start(bake, _CAKE)))
        self.ledger.clear()
        self._ready = self._cooled = False
        try:
            handle = await bench.start(bake, _CAKE)
            await bench.in_hand(handle)
            await handle.cancel()
            _judge_heard(await bench.until(handle, "WorkflowTaskCompleted", times=2), code)
        finally:
            self._cooled = True
        run = await bench.ended(handle)
        self._judge_end(run, code)
        off, door = (
            run.expect.has("ActivityTaskCanceled").id,
            run.expect.has("ActivityTaskScheduled", _DOOR).id,
        )
        return (
            f"Event {off} says that the oven is off, and event {door} asks for the door. In peace, it bakes."
        )

    def _judge_peace(self, run: Run) -> None:
        if run.failure is not None:
            raise NotYet(
                f"nobody cancelled, and it ended with {run.failure!r}", "it is to return 'baked' then"
            )
        demand_given(run.history, _CAKE, "cake")
        asked = run.expect.activities
        done = [entry for entry in self.ledger.entries if entry in (_OFF, _OPEN)]
        if len(asked) > (ended := len(run.expect.events("ActivityTaskCompleted"))):
            raise NotYet(
                f"nobody cancelled; it asked for {len(asked)} activities, and ended when {ended} had",
                "`start_activity` only asks: where is it awaited?",
            )
        if done != [_OFF, _OPEN]:
            raise NotYet(
                f"nobody cancelled, and this was done: {', '.join(done) or 'nothing'}",
                f"first `oven`, then `{_DOOR}`, each once",
            )
        run.expect.after(_DOOR, "oven", hint="first `oven`, and when it is off the door")
        if run.result != "baked":
            raise NotYet(f"nobody cancelled, and it returned {run.result!r}", "it is to return 'baked' then")

    def _judge_end(self, run: Run, code: str) -> None:
        history = run.history
        doors = run.expect.events("ActivityTaskScheduled", _DOOR)
        if not doors:
            raise NotYet(
                f"the oven is off, and the door stays shut: the workflow is {history.status}",
                _why_shut(code),
            )
        if self.ledger.count(_OPEN) != 1:
            raise NotYet(
                f"event {doors[-1].id} asks for the door, and it was opened {self.ledger.count(_OPEN)} times",
                "once, and awaited: nothing of a workflow goes on when it is over",
            )
        demand_canceled(history, run.result, "the oven is off, the door is open")


def _judge_heard(history: History, code: str) -> None:
    """What it did in the moment when it heard of the cancellation; the oven is still hot."""
    asked = _last(history, "ActivityTaskCancelRequested")
    door = _last(history, "ActivityTaskScheduled")
    if door is not None and door.name == _DOOR:
        if asked is None:
            raise NotYet(
                f"event {door.id} asks for the door, the oven is on, and nobody has asked it to stop",
                "what is abandoned never hears of it: which cancellation type asks, and waits?"
                if "ABANDON" in code
                else "what is shielded never hears of it: the oven is to be asked, and waited for",
            )
        raise NotYet(
            f"event {asked.id} asks the oven to stop, event {door.id} asks for the door, and nobody knows "
            "yet whether the oven is off",
            _why_hot(code),
        )
    if (timer := _last(history, "TimerStarted")) is not None:
        raise NotYet(
            f"event {timer.id} starts a timer while the oven cools down",
            "how long it takes, the oven alone knows: which cancellation type waits until it has ended?",
        )
    if history.closed:
        raise NotYet(
            f"it was cancelled, and was over at once: {history.status}; the oven is hot, the door is shut",
            _why_shut(code),
        )


def _why_hot(code: str) -> str:
    """Why the door was not kept shut until the oven was off."""
    if "WAIT_CANCELLATION_COMPLETED" in code:
        return "the type that waits stands elsewhere: it is the oven that is waited for"
    if "TRY_CANCEL" in code:
        return "`TRY_CANCEL` asks, and does not wait: which cancellation type waits?"
    return "by default an activity is asked, and not waited for: which cancellation type waits?"


def _why_shut(code: str) -> str:
    """Why the door was not opened when the workflow was cancelled."""
    if "CancelledError" in code and "is_cancelled_exception" not in code:
        return "an activity raises `ActivityError`: an `except` for `CancelledError` does not see it"
    if "finally" in code or "except" in code:
        return f"is `{_DOOR}` in the part that runs then, and is it awaited?"
    return "the `await` of the oven raises: what is to be done in any case stands in a `finally`"


def _last(history: History, kind: str) -> Event | None:
    """The last event of a type."""
    return next((event for event in reversed(history.events) if event.type == kind), None)
