"""Two things that go wrong: only one of them fails a workflow."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from temporalio.client import WorkflowExecutionStatus, WorkflowHandle

from tutorial_lib import sdk
from tutorial_lib.exercises.checks.patience import Patience
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_value, an_activity
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import History, fetch_history
from tutorial_lib.stage.clock import clock_of
from tutorial_lib.stage.progress import progress

SETTLED_SECONDS = 5.0  # until an execution has shown what becomes of it


class Verdicts(Exercise):
    """Two things that go wrong: only one of them fails a workflow."""

    title = "Predict: two troubles"
    task = (
        "Both run into trouble at once, with a worker that goes on living. For each say its status a "
        'moment later: "RUNNING", "COMPLETED" or "FAILED".'
    )
    starter = """
from datetime import timedelta
from temporalio import activity, common, workflow

LIMIT = timedelta(seconds=5)
ONCE = common.RetryPolicy(maximum_attempts=1)


@activity.defn
async def ask_bank() -> int:
    raise ConnectionError("the bank does not answer")


@workflow.defn
class Hasty:
    @workflow.run
    async def run(self) -> int:
        return await workflow.execute_activity(
            ask_bank, start_to_close_timeout=LIMIT, retry_policy=ONCE
        )


@workflow.defn
class Sloppy:
    @workflow.run
    async def run(self) -> int:
        return {"alice": 500}["bob"]


prediction = {Hasty: ____, Sloppy: ____}
"""
    takes = (
        a_value("prediction", dict, "a dict of workflow classes and their statuses"),
        an_activity("ask_bank"),
    )
    hints = (
        (
            "For each ask: what is it that fails here, an activity or the workflow's own code? And who "
            "decides whether that is the end?"
        ),
        (
            "Bob's bank was closed, and the server had `deposit` tried again and again. `Hasty` allows one "
            "attempt. And who could mend `Sloppy`, while it waits?"
        ),
    )
    solution_code = """
prediction = {Hasty: "FAILED", Sloppy: "RUNNING"}
"""
    why = (
        "A failed attempt of an activity fails nothing as long as another is allowed. When none is, the "
        "failure reaches the workflow, and ends it unless it is caught. An ordinary exception in the "
        "workflow's own code is taken for a bug: the task fails, not the workflow, which waits for better "
        "code."
    )

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """The learner's own classes run; the server's status is the answer."""
        prediction, ask_bank = answers
        said = {_known(cls): _status(cls, word) for cls, word in prediction.items()}
        missing = {"Hasty", "Sloppy"} - {cls.__name__ for cls in said}
        if missing:
            raise NotYet(
                f"the prediction says nothing about `{min(missing)}`", "one entry for each of the two"
            )
        await bench.worker(workflows=list(said), activities=[ask_bank])
        handles = [await bench.start(cls, name=cls.__name__) for cls in said]
        seen = await asyncio.gather(*map(_settled, handles))
        for (cls, word), state in zip(said.items(), seen, strict=True):
            if word != state.status:
                question = "what would its `run` have returned?" if word == "COMPLETED" else state.question
                raise NotYet(f"`{cls.__name__}` is {state.status}, not {word}: {state.because}", question)
        words = "; ".join(f"`{cls.__name__}`: {state.because}" for cls, state in zip(said, seen, strict=True))
        return f"As you said. {words}."


@dataclass(frozen=True)
class _State:
    """What has become of an execution.

    Attributes:
        status: "RUNNING", "FAILED" ...
        because: What the server knows of it.
        question: What to think about when it was not expected.
    """

    status: str
    because: str
    question: str


def _known(cls: Any) -> type:
    if sdk.is_workflow(cls):
        return cls  # type: ignore[no-any-return]  # `is_workflow` has made sure
    raise NotYet(f"the prediction has an entry for {cls!r}", "its keys are the workflow classes themselves")


def _status(cls: type, word: Any) -> str:
    name = word.name if isinstance(word, WorkflowExecutionStatus) else str(word).strip().upper()
    if name not in WorkflowExecutionStatus.__members__:
        raise NotYet(
            f"{word!r}, said of `{cls.__name__}`, is no status of a workflow execution",
            'it is one of "RUNNING", "COMPLETED" and "FAILED"',
        )
    return name


async def _settled(handle: WorkflowHandle[Any, Any]) -> _State:
    """Wait until an execution has ended, or something of it has failed once and is to be tried again."""
    patience = Patience(SETTLED_SECONDS)
    while True:
        asked = time.monotonic()
        description = await handle.describe()
        raw = description.raw_description
        over = patience.over(progress(raw, clock_of(sdk.client_of(handle)).now()), time.monotonic() - asked)
        activity = next((each for each in raw.pending_activities if each.attempt > 1), None)
        status = description.status.name if description.status else "RUNNING"
        if activity is not None:
            return _State(
                status,
                f"`{activity.activity_type.name}` failed ({activity.last_failure.message}), "
                "and the server has it tried again",
                "who set a limit to that?",
            )
        if raw.pending_workflow_task.attempt > 1:
            history = await fetch_history(handle)
            failed = [event for event in history if event.type == "WorkflowTaskFailed"]
            if failed:
                why = failed[-1].failure.root if failed[-1].failure else ""
                return _State(
                    status,
                    f"event {failed[-1].id} is a WorkflowTaskFailed ({why}), and the server offers the "
                    "task again",
                    "the code is wrong, the execution is not: would you lose it for a slip of the pen?",
                )
        if status != "RUNNING" or over:
            return _ended(status, await fetch_history(handle))
        await asyncio.sleep(0.05)


def _ended(status: str, history: History) -> _State:
    last = history.events[-1]
    failed = [event for event in history if event.type == "ActivityTaskFailed"]
    if failed and failed[-1].failure:
        state = (last.failure.retry_state if last.failure else "") or failed[-1].failure.reason
        return _State(
            status,
            f"event {failed[-1].id}, ActivityTaskFailed ({state}), was "
            f"followed by event {last.id}, {last.type}",
            "how many attempts does its retry policy allow?",
        )
    return _State(status, f"its last event is {last.id}, {last.type}", "read its `run` once more")
