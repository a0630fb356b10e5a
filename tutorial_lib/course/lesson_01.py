"""Exercises of lesson 01, core concepts."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy

from tutorial_lib.cells import sdk
from tutorial_lib.errors import WorkflowStuckError
from tutorial_lib.exercises.bench import Bench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_handle, a_value, a_workflow, an_activity
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.exercises.quiz import Choice, Question, Quiz
from tutorial_lib.history import History, fetch_history
from tutorial_lib.stage.lab import Lab
from tutorial_lib.stage.waiting import result_with_care
from tutorial_lib.stage.worker_process import WorkerProcess
from tutorial_lib.stage.workers import EmbeddedWorker

__all__ = ["adopted", "greeting", "quiz", "verdicts"]

LESSON = "lesson-01"
SETTLED_SECONDS = 5.0  # until an execution has shown what becomes of it
WRITTEN = "Dear Ada, welcome!"  # what `write_greeting` makes of Ada
QUEUE = "party-planning-tq"  # where `party-1` waits
GUESTS = ["Ada", "Grace", "Edsger"]
OTHERS = ["Barbara", "Alan"]


class Greeting(Exercise):
    """The smallest whole thing: an activity that works, a workflow that asks for it."""

    lesson = LESSON
    name = "greeting"
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

    async def verify(self, bench: Bench, *answers: Any) -> str:
        """The activity must be in the history; a right result alone proves nothing."""
        greet_customer, write_greeting = answers
        try:
            run = await bench.run(greet_customer, "Ada", activities=[write_greeting], seconds=4)
        except NotYet as stuck:
            raise self._plainly(stuck) from None
        run.seen.status("Completed")
        if not run.seen.activities:
            raise NotYet(
                f"the result is {run.result!r}, but no event says that an activity was scheduled: "
                f"the workflow {'called the function' if run.result == WRITTEN else 'made it up'} itself",
                "ask the server for it: `workflow.execute_activity`",
            )
        run.seen.ran("write_greeting", hint="one greeting is enough")
        if run.result != WRITTEN:
            raise NotYet(
                f"the workflow returned {run.result!r}", "it is to return what the activity wrote, unchanged"
            )
        done = run.seen.has("ActivityTaskCompleted")
        return f"Event {done.id} holds the greeting: the server has it, whatever happens to the worker."

    @staticmethod
    def _plainly(stuck: NotYet) -> NotYet:
        """What Python says of two frequent slips, in the lesson's words."""
        if "coroutine is not JSON" in stuck.seen:
            return NotYet(
                "the workflow returned a coroutine, not the greeting: it did not wait for it",
                "`execute_activity` gives something to wait for: put `await` before it",
            )
        if "missing 1 required" in stuck.seen:
            return NotYet(
                stuck.seen, "the activity was asked for without its argument: who is to be greeted?"
            )
        return stuck


class Verdicts(Exercise):
    """Three things that go wrong: only one of them fails a workflow."""

    lesson = LESSON
    name = "verdicts"
    title = "Predict: three troubles"
    task = (
        "All three run into trouble at once, with a worker that goes on living. For each say its status a "
        'moment later: "RUNNING", "COMPLETED" or "FAILED".'
    )
    starter = """
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy


@activity.defn
async def ask_bank() -> int:
    raise ConnectionError("the bank does not answer")


@workflow.defn
class Patient:
    @workflow.run
    async def run(self) -> int:
        return await workflow.execute_activity(ask_bank, start_to_close_timeout=timedelta(seconds=5))


@workflow.defn
class Hasty:
    @workflow.run
    async def run(self) -> int:
        once, limit = RetryPolicy(maximum_attempts=1), timedelta(seconds=5)
        return await workflow.execute_activity(ask_bank, start_to_close_timeout=limit, retry_policy=once)


@workflow.defn
class Sloppy:
    @workflow.run
    async def run(self) -> int:
        return {"alice": 500}["bob"]


prediction = {Patient: ____, Hasty: ____, Sloppy: ____}
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
            "You have seen two of them in this lesson: bob's bank was closed, and the sandbox stopped a "
            "roll of dice. What was the status of those executions?"
        ),
    )
    solution_code = """
prediction = {Patient: "RUNNING", Hasty: "FAILED", Sloppy: "RUNNING"}
"""
    why = (
        "A failed attempt of an activity fails nothing as long as another is allowed. When none is, the "
        "failure reaches the workflow, and ends it unless it is caught. An ordinary exception in the "
        "workflow's own code is taken for a bug: the task fails, not the workflow, which waits for better "
        "code."
    )

    async def verify(self, bench: Bench, *answers: Any) -> str:
        """The learner's own classes run; what the server then says is the answer."""
        prediction, ask_bank = answers
        said = {_known(cls): _status(cls, word) for cls, word in prediction.items()}
        missing = {"Patient", "Hasty", "Sloppy"} - {cls.__name__ for cls in said}
        if missing:
            raise NotYet(
                f"the prediction says nothing about `{min(missing)}`", "one entry for each of the three"
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
    deadline = time.monotonic() + SETTLED_SECONDS
    while True:
        description = await handle.describe()
        raw = description.raw_description
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
        if status != "RUNNING" or time.monotonic() > deadline:
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


class Adopted(Exercise):
    """An execution is there before its code: find out what it wants, and write that."""

    lesson = LESSON
    name = "adopted"
    title = "Somebody else's workflow"
    task = (
        "Somebody has started `party-1` and has no worker for it. It is given a list of guests, and is to "
        "return how many they are. Find its type, its input and its task queue in the Web UI or the CLI; "
        "then write the workflow, and give it a worker."
    )
    starter = """
waiting = await ex.adopted.begin(lab)

# your workflow

worker = ____  # lab.start_worker(task_queue=..., workflows=[...])

lab.ui(waiting)
"""
    takes = (
        a_handle("waiting"),
        a_value("worker", (EmbeddedWorker, WorkerProcess), "what `lab.start_worker` returns"),
    )
    hints = (
        (
            "All three are in its first event. In the Web UI: open it, with its input. "
            '`lab.cli("workflow show -w party-1 --detailed")` prints the same.'
        ),
        (
            "A worker serves an execution if three names fit: the namespace (`lab` sees to it), the task "
            "queue, and the workflow type, which is the name of your class."
        ),
        "The input is one argument, a list: `run` takes it beside `self`, and its length is the answer.",
    )
    solution_code = """
from temporalio import workflow


@workflow.defn
class CountGuests:
    @workflow.run
    async def run(self, guests: list[str]) -> int:
        return len(guests)


worker = lab.start_worker(task_queue="party-planning-tq", workflows=[CountGuests])
"""
    why = (
        "The server holds a name, an input and a history; it has never seen the code. Whatever worker "
        "polls that task queue and knows that type may run it, today or in a week."
    )

    def __init__(self) -> None:
        super().__init__()
        self._client: Client | None = None

    async def begin(self, lab: Lab) -> WorkflowHandle[Any, Any]:
        """Start an execution that nobody runs; it takes the place of an earlier one.

        Args:
            lab: Where.
        """
        self._client = lab.client
        for worker in lab.workers:  # the next attempt starts with nobody at the queue
            if worker.alive and worker.spec.task_queue == QUEUE:
                await asyncio.to_thread(worker.stop)
        handle: WorkflowHandle[Any, Any] = await lab.client.start_workflow(
            "CountGuests",
            GUESTS,
            id="party-1",
            task_queue=QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
        )
        return handle

    async def verify(self, bench: Bench, *answers: Any) -> str:  # noqa: ARG002 - it runs on the learner's worker
        """It must be the learner's worker that has run it to its end."""
        waiting, worker = answers
        if waiting.id != "party-1":
            raise NotYet(
                f"this is the handle of {waiting.id!r}", "hand in `waiting`, as the starter cell has it"
            )
        history = await self._when_it_ended(waiting, worker)
        last = history.events[-1]
        if history.status == "Failed":
            why = last.failure.root if last.failure else ""
            raise NotYet(f"your workflow failed: event {last.id} ({why})", "it is to return a number")
        if history.status != "Completed":
            raise NotYet(
                f"event {last.id}: `party-1` is {history.status}, with no result of your workflow",
                "run the cell again for a new one, and let a worker end it",
            )
        mine = {worker.identity, *worker.former}
        ran = [event for event in history if event.type == "WorkflowTaskCompleted" and event.worker in mine]
        if not ran:
            raise NotYet(
                "`party-1` has completed, but no workflow task of it was done by this worker",
                "hand in the worker that ran it",
            )
        result = last.payloads.get("result", (None,))[0]
        if result != len(GUESTS) or isinstance(result, bool):
            raise NotYet(
                f"event {last.id}: your workflow returned {result!r}; event 1 has the list {GUESTS!r}",
                "it is to return how many guests the list has",
            )
        await self._counts()
        return (
            f"Event 1 was there before your code was. Your worker asked at `{history.task_queue}`, knew "
            f"the type `{history.workflow_type}`, and returned {result} with event {last.id}."
        )

    async def _counts(self) -> None:
        """Whether another list gets another answer: the SDK calls a `run` without arguments all the same."""
        if self._client is None:
            raise NotYet("this `party-1` is not of this kernel", "run the starter cell again")
        handle: WorkflowHandle[Any, Any] = await self._client.start_workflow(
            "CountGuests",
            OTHERS,
            id="party-2",
            task_queue=QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
        )
        result = await result_with_care(handle, timeout=5, check_server=lambda: None)
        if result != len(OTHERS):
            raise NotYet(
                f"`party-1` has its {len(GUESTS)}; `party-2`, with the list {OTHERS!r}, got {result!r} from "
                "your worker",
                "count the list that `run` is given as its argument",
            )

    @staticmethod
    async def _when_it_ended(
        waiting: WorkflowHandle[Any, Any], worker: EmbeddedWorker | WorkerProcess
    ) -> History:
        history = await fetch_history(waiting)
        if not history.closed:
            if not worker.alive:
                raise NotYet("`party-1` waits, and your worker has stopped", "start it again")
            if worker.spec.task_queue != history.task_queue:
                raise NotYet(
                    f"`party-1` waits; your worker asks at {worker.spec.task_queue!r}, where there is "
                    "nothing for it",
                    "event 2 of `party-1` names the task queue on which its task lies",
                )
            if not worker.spec.workflows:
                raise NotYet("your worker knows no workflow", "give it `workflows=[...]`")
        try:
            await result_with_care(
                waiting, timeout=5, check_server=lambda: None, gone=worker.former, patience=0.5
            )
        except WorkflowStuckError as error:
            types = [cls.__name__ for cls in worker.spec.workflows]
            if (known := history.workflow_type) not in types and "not registered" in error.seen:
                near = [name for name in types if name.lower() == known.lower()]
                raise NotYet(
                    f"your worker got the task and cannot run it: it knows {', '.join(types)}, and that is "
                    "not the type of `party-1`",
                    "nearly: capital letters count" if near else "event 1 of `party-1` names its type",
                ) from None
            again = "its cell makes a new `party-1` and a new worker: correct the code and run it again"
            ever = "does something in it wait for ever?"
            raise NotYet(error.seen, ever if "lab.result" in error.hint else again) from None
        except Exception:  # noqa: BLE001, S110 - how it ended stands in its history
            pass
        return await fetch_history(waiting)


greeting = Greeting()
verdicts = Verdicts()
adopted = Adopted()

quiz = Quiz(
    LESSON,
    Question(
        "Which program runs the code of `MoneyTransfer.run`?",
        [
            Choice(
                "The server, after the client has sent it there",
                "The server is sent a name and an input. It has never seen your code.",
            ),
            Choice(
                "A worker that polls the task queue",
                "It takes a workflow task, runs `run` as far as it gets, and answers with commands.",
                right=True,
            ),
            Choice(
                "The client that called `start_workflow`",
                "The client asked for it, event 1, and that was all. It may end at once.",
            ),
        ],
    ),
    Question(
        "`deposit` raises `ConnectionError` for an hour. No retry policy is set. What do you find after "
        "that hour?",
        [
            Choice(
                "The transfer is FAILED: after three attempts it gave up",
                "No limit is set, so there is none. The server would go on for weeks.",
            ),
            Choice(
                "The transfer is FAILED, and alice has her money back",
                "Nothing is undone by itself. Code that gives money back is yours to write; lesson 16 does.",
            ),
            Choice(
                "The transfer is RUNNING, and goes on when the bank opens",
                "The server has `deposit` tried again, at most 100 seconds apart, until it works.",
                right=True,
            ),
        ],
    ),
    Question(
        "Which of these lines may stand in the `run` of a workflow?",
        [
            Choice(
                "`now = workflow.now()`",
                "It is the time of the workflow task, out of the history: the same for each worker.",
                right=True,
            ),
            Choice(
                "`now = datetime.now()`",
                "The clock says something else the second time. The sandbox refuses it.",
            ),
            Choice(
                "`rate = urlopen(RATES).read()`",
                "The network may say something else the second time. That is work for an activity.",
            ),
            Choice(
                "`lucky = random.random() < 0.5`",
                "Dice fall otherwise the second time. `workflow.random()` gives numbers that repeat.",
            ),
        ],
    ),
)
