"""Find an execution on a misspelt queue, end it and start it where there is a worker."""

from __future__ import annotations

import asyncio
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from tutorial_lib.course.lesson_03.namespaces import in_namespace
from tutorial_lib.course.workflows.parcels import ShipParcel
from tutorial_lib.exercises.checks.workbench import Run, Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_handle
from tutorial_lib.exercises.outcome import NotBegun, NotYet
from tutorial_lib.history import History, fetch_history
from tutorial_lib.stage.stage import Stage


class LostOrder(Exercise):
    """Find an execution on a misspelt queue, end it and start it where there is a worker."""

    title = "Bring back a lost order"
    task = (
        "`order-77` was to be shipped, and nothing happens. Find out why. Then put it right from outside, "
        "with the CLI or in the Web UI: end this run, and start `order-77` again, where a worker takes it."
    )
    starter = """
# Starts a worker for ShipParcel, and loses order-77.
lost = await ex.lost_order.lose(lab)
lab.ui(lost)
"""
    takes = (a_handle("lost"),)
    hints = (
        (
            "`!temporal workflow describe --workflow-id order-77` tells the queue. Which queue has a worker? "
            "`lab.workers` knows, and so does `temporal task-queue describe`."
        ),
        (
            "`temporal workflow terminate` needs no worker. `temporal workflow start` wants `--workflow-id`, "
            "`--type`, `--task-queue` and `--input`; the input is JSON, so a string stands in double quotes "
            "inside single ones."
        ),
    )
    solution_code = """
lab.cli("workflow terminate --workflow-id order-77")
lab.cli(
    "workflow start --workflow-id order-77 --type ShipParcel"
    " --task-queue shipping-tq --input '\\"order-77\\"'"
)
"""
    why = (
        "A run cannot be moved to another queue from outside. To terminate needs no worker, which is why it "
        "works here where a cancellation would not. The id is free again then, and the new run is the same "
        "order for all who look for it."
    )

    ORDER, RIGHT, WRONG = "order-77", "shipping-tq", "shiping-tq"

    def __init__(self) -> None:
        super().__init__()
        self._client: Client | None = None

    async def lose(self, lab: Stage) -> WorkflowHandle[Any, Any]:
        """Start the order on a queue whose name lacks a letter.

        Args:
            lab: Where.
        """
        self._client = lab.client
        await asyncio.to_thread(lab.start_worker, task_queue=self.RIGHT, workflows=[ShipParcel])
        handle: WorkflowHandle[Any, Any] = await lab.client.start_workflow(
            ShipParcel.run,
            self.ORDER,
            id=self.ORDER,
            task_queue=self.WRONG,
            id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
        )
        return handle

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """What was done is in the histories of both runs."""
        lost = answers[0]
        client = self._client
        if client is None or lost.id != self.ORDER:
            raise NotYet(f"`lost` is {lost.id!r}, not the lost order", "run the starter cell once more")
        lost_run = client.get_workflow_handle(self.ORDER, run_id=lost.first_execution_run_id)
        try:
            first = await fetch_history(lost_run)
        except RPCError:
            raise NotYet(
                "the lost run is no longer on the server: it was deleted, and its history with it",
                "end a run, and its history tells what happened. Run the starter cell to lose the order anew",
            ) from None
        latest = client.get_workflow_handle(self.ORDER)
        now = (await latest.describe()).raw_description.workflow_execution_info.execution.run_id
        if now == first.run_id:
            raise await self._only_one(client, first)
        again = client.get_workflow_handle(self.ORDER, run_id=now)
        history = await fetch_history(again)
        if first.status == "Completed":
            raise NotYet(
                f"the lost run was completed (event {len(first)}), and `order-77` was started once more: it "
                "is shipped twice",
                "end the lost run first; run the starter cell to lose it anew",
            )
        if history.task_queue != self.RIGHT:
            raise NotYet(
                f"the new run is on `{history.task_queue}` (event 1): it waits as the first one did",
                "which queue does the worker poll, to the letter?",
            )
        try:
            run = await bench.ended(again, seconds=3)
        except NotYet as stuck:
            raise NotYet(
                f"the new run is not done: {stuck.seen}",
                "which type does the worker know, and which input does it take? End this run too, and start "
                "again",
            ) from None
        return self._shipped(first, run)

    async def _only_one(self, client: Client, first: History) -> Exception:
        """The answer while there is no new run of the order."""
        if await self._elsewhere(client, first):
            return NotYet(
                "there is an `order-77` in the namespace `default`, and the worker does not work there",
                "a command without a namespace goes to `default`: `--namespace`, or `TEMPORAL_NAMESPACE`, or "
                "run it in a cell",
            )
        if first.status == "Terminated":
            return await self._only_ended(client, first)
        if first.status == "Running" and (other := await self._under_another_id(client, first)):
            return NotYet(
                f"`{other}` was started, and the lost run of `order-77` is still open: nobody who asks for "
                "`order-77` finds a parcel",
                "an order keeps its id: end the lost run, then start `order-77`",
            )
        return self._told(first)

    def _told(self, first: History) -> Exception:
        """The answer to a lost run that nobody has ended."""
        last = first.events[-1]
        if first.status == "Completed":
            return NotYet(
                f"`order-77` is completed (event {last.id}), by a worker on the misspelt `{self.WRONG}`: "
                "this time you brought the worker to the work",
                "and the next typo gets a worker too? Run the starter cell again, and bring the work to the "
                "worker",
            )
        if asked := [event for event in first if event.type == "WorkflowExecutionCancelRequested"]:
            return NotYet(
                f"you asked it to cancel itself (event {asked[0].id}); nobody on `{self.WRONG}` reads that, "
                "so it waits on",
                "there is a harder way to end a run, one that needs no worker",
            )
        if refused := [event for event in first if event.type == "WorkflowTaskFailed"]:
            return NotYet(
                f"a worker came to the wrong `{self.WRONG}` and failed at its task (event {refused[0].id})",
                "stop it; the worker that can ship has a queue of its own: bring the work there",
            )
        if first.status == "Running":
            return NotBegun(
                "order-77 waits in the run that the starter cell began; go to the Web UI or to the command "
                "line. (If you did start it: while a run is open, `temporal workflow start` starts nothing "
                "and prints that old run. End it first.)"
            )
        return NotYet(f"the run is {first.status}, event {last.id}", "run the starter cell to lose it anew")

    async def _only_ended(self, client: Client, first: History) -> NotYet:
        last = first.events[-1]
        if other := await self._under_another_id(client, first):
            return NotYet(
                f"the lost run is ended (event {last.id}), and `{other}` was started; who asks for "
                "`order-77` will not find the parcel",
                "an order keeps its id: start it as `order-77`",
            )
        return NotYet(
            f"the lost run is ended (event {last.id}, {last.type}), but the parcel is not shipped: there is "
            "no new run of `order-77`",
            f"start it again under the same id, in the namespace {client.namespace}",
        )

    async def _elsewhere(self, client: Client, first: History) -> bool:
        """Whether it was started in the namespace that a bare command line takes."""
        bare = in_namespace(client, "default")
        try:
            described = await bare.get_workflow_handle(self.ORDER).describe()
        except RPCError:
            return False
        return described.start_time > first.started and described.workflow_type == ShipParcel.__name__

    @staticmethod
    async def _under_another_id(client: Client, first: History) -> str:
        """The id of a parcel that was sent off since, or ""."""
        for _ in range(10):  # the list follows a moment after the start
            async for each in client.list_workflows(f"WorkflowType = '{ShipParcel.__name__}'"):
                if each.start_time > first.started and each.id != first.workflow_id:
                    return each.id
            await asyncio.sleep(0.02)
        return ""

    def _shipped(self, first: History, run: Run) -> str:
        ended, last = first.events[-1], run.history.events[-1]
        if run.failure is not None:
            raise NotYet(
                f"the new run is {run.history.status}, event {last.id}: {run.failure}", "start it once more"
            )
        if run.result != f"{self.ORDER} is shipped":
            raise NotYet(
                f"the new run is completed, and says {run.result!r} (event {last.id})",
                "what does the workflow take as its input?",
            )
        return (
            f"The first run ended at event {ended.id}, {ended.type}, without any worker. The new run, under "
            f"the same id, was taken by the worker on `{self.RIGHT}` and shipped (event {last.id})."
        )
