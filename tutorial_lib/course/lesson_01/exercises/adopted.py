"""An execution is there before its code: find out what it wants, and write that."""

from __future__ import annotations

import asyncio
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy

from tutorial_lib.errors import Stuck, WorkflowStuckError
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_handle, a_value
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import History, fetch_history
from tutorial_lib.stage.stage import Stage
from tutorial_lib.stage.wait_for_result import result_with_care
from tutorial_lib.stage.workers.embedded import EmbeddedWorker
from tutorial_lib.stage.workers.process import WorkerProcess

QUEUE = "party-planning-tq"  # where `party-1` waits
GUESTS = ["Ada", "Grace", "Edsger"]


OTHERS = ["Barbara", "Alan"]


class Adopted(Exercise):
    """An execution is there before its code: find out what it wants, and write that."""

    title = "Somebody else's workflow"
    task = (
        "Somebody has started `party-1` and has no worker for it. It is given a list of guests, and is to "
        "return how many they are. Find its type, its input and its task queue in the table or the Web UI; "
        "then write the workflow, and give it a worker."
    )
    starter = """
waiting = await ex.adopted.begin(lab)

# your workflow

worker = ____  # lab.start_worker(...)

await lab.history_table(waiting)
"""
    takes = (
        a_handle("waiting"),
        a_value("worker", (EmbeddedWorker, WorkerProcess), "what `lab.start_worker` returns"),
    )
    hints = (
        (
            "All three are in its first event: open it, with its input, in the table or in the Web UI. "
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


worker = lab.start_worker(
    task_queue="party-planning-tq", workflows=[CountGuests]
)
"""
    why = (
        "The server holds a name, an input and a history; it has never seen the code. Whatever worker "
        "polls that task queue and knows that type may run it, today or in a week."
    )

    def __init__(self) -> None:
        super().__init__()
        self._client: Client | None = None

    async def begin(self, lab: Stage) -> WorkflowHandle[Any, Any]:
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

    async def verify(self, bench: Workbench, *answers: Any) -> str:  # noqa: ARG002 - it runs on the learner's worker
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
            if (known := history.workflow_type) not in types and error.diagnosis.unregistered:
                near = [name for name in types if name.lower() == known.lower()]
                raise NotYet(
                    f"your worker got the task and cannot run it: it knows {', '.join(types)}, and that is "
                    "not the type of `party-1`",
                    "nearly: capital letters count" if near else "event 1 of `party-1` names its type",
                ) from None
            if "Expected value to be" in error.diagnosis.message:
                raise NotYet(
                    error.seen,
                    "event 1 has a list of names: `run` takes it as a `list[str]`",
                    diagnosis=error.diagnosis,
                ) from None
            again = "its cell makes a new `party-1` and a new worker: correct the code and run it again"
            ever = "does something in it wait for ever?"
            late = error.diagnosis.kind is Stuck.DEADLINE
            raise NotYet(error.seen, ever if late else again, diagnosis=error.diagnosis) from None
        except Exception:  # noqa: BLE001, S110 - how it ended stands in its history
            pass
        return await fetch_history(waiting)
