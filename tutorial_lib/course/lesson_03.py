"""Exercises of lesson 03, namespaces and task queues."""

from __future__ import annotations

import asyncio
from typing import Any

from temporalio import activity
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError

from tutorial_lib.course.parcels import ShipParcel
from tutorial_lib.exercises.bench import Bench, Run
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_handle, a_value, a_workflow
from tutorial_lib.exercises.outcome import NotBegun, NotYet
from tutorial_lib.exercises.place import fresh_name
from tutorial_lib.exercises.quiz import Choice, Question, Quiz
from tutorial_lib.history import History, fetch_history
from tutorial_lib.stage.lab import Lab
from tutorial_lib.stage.namespaces import make_namespace

__all__ = ["four_starts", "lost_order", "own_disk", "quiz"]

LESSON = "lesson-03"


class FourStarts(Exercise):
    """Four names that differ a little, and what the server makes of each."""

    lesson = LESSON
    name = "four_starts"
    title = "Predict: done, waits or refused"
    task = (
        "One worker is there. It polls `payments-transfer-tq` in the namespace `payments-app`. Four starts "
        "are each a little off. What becomes of them?"
    )
    starter = """
# "done", "waits" or "refused"? The only worker polls payments-transfer-tq in payments-app.
forecast = {
    "order-1": ____,  # in payments-app, on Payments-Transfer-TQ
    "order-2": ____,  # in audit-team, which exists too, on payments-transfer-tq
    "order-3": ____,  # in payment-app, which nobody has created, on payments-transfer-tq
    "order-1 again": ____,  # in payments-app, on payments-transfer-tq; order-1 is still open
}
"""
    takes = (a_value("forecast", dict, "a dictionary with a word for each start"),)
    hints = (
        "Ask of each name: does somebody have to create such a thing before it can be used?",
        (
            "A queue is the same one only if its name is the same to the letter, *and* its namespace. What "
            "is unique in a namespace, beside that?"
        ),
    )
    solution_code = """
forecast = {"order-1": "waits", "order-2": "waits", "order-3": "refused", "order-1 again": "refused"}
"""
    why = (
        "A queue needs no creation, so a wrong name is a new queue, and each namespace has queues of its "
        "own: both wait, in silence. A namespace must exist, and an id may be open only once in it: both are "
        "refused, at once. What waits is the dangerous kind."
    )

    WORDS = ("done", "waits", "refused")
    QUEUE, OTHER = "payments-transfer-tq", "Payments-Transfer-TQ"

    async def verify(self, bench: Bench, *answers: Any) -> str:
        """All four starts are made; what the server did with them is what a guess is held against."""
        said = answers[0]
        starts = ("order-1", "order-2", "order-3", "order-1 again")
        for start in starts:
            if start not in said:
                raise NotYet(
                    f"`forecast` says nothing about {start}", "keep the four lines of the starter cell"
                )
            if said[start] not in self.WORDS:
                raise NotYet(
                    f"`forecast[{start!r}]` is {said[start]!r}", "it is one of 'done', 'waits' and 'refused'"
                )
        seen = await self._all_four(bench)
        for start in starts:
            became, told = seen[start]
            if said[start] != became:
                raise NotYet(
                    f"you say that {start} is {said[start]!r}; it {_was(became)}: {told}", self._why(start)
                )
        return (
            f"Two wait ({seen['order-1'][1]}), and nothing tells the one who started them. Two were refused "
            f"('{seen['order-3'][1]}', '{seen['order-1 again'][1]}'), and somebody knows at once."
        )

    async def _all_four(self, bench: Bench) -> dict[str, tuple[str, str]]:
        client = bench.client
        audit = await self._neighbour(client, "audit-team", make=True)
        missing = await self._neighbour(client, "payment-app", make=False)
        mark = fresh_name("four-starts")  # nobody else's queue, nobody else's ids
        queue, other = f"{mark}-{self.QUEUE}", f"{mark}-{self.OTHER}"
        await bench.worker(workflows=[ShipParcel], task_queue=queue)

        async def start(who: Client, order: str, task_queue: str) -> tuple[str, str]:
            try:
                handle = await who.start_workflow(
                    ShipParcel.run, order, id=f"{mark}-{order}", task_queue=task_queue
                )
            except WorkflowAlreadyStartedError as error:
                return "refused", error.message
            except RPCError as error:
                return "refused", error.message.replace(mark, "").replace(missing.namespace, "payment-app")
            opened.append(handle)
            if not await _polled(who, task_queue):
                return (
                    "waits",
                    f"event {len(await fetch_history(handle))} is a task on a queue that nobody polls",
                )
            return "done", str(await handle.result())

        opened: list[WorkflowHandle[Any, Any]] = []
        try:
            return {
                "order-1": await start(client, "order-1", other),
                "order-2": await start(audit, "order-2", queue),
                "order-3": await start(missing, "order-3", queue),
                "order-1 again": await start(client, "order-1", queue),
            }
        finally:
            ends = (handle.terminate("the check is over") for handle in opened)
            await asyncio.gather(*ends, return_exceptions=True)

    @staticmethod
    async def _neighbour(client: Client, name: str, *, make: bool) -> Client:
        """A client of another namespace, made if it is to be there."""
        namespace = f"{client.namespace}-{name}"
        if make:
            await make_namespace(client, namespace)
        return _in_namespace(client, namespace)

    @staticmethod
    def _why(start: str) -> str:
        return {
            "order-1": "who creates a queue? And is a name in capitals the same name?",
            "order-2": "the worker's queue is in payments-app; is this the same one?",
            "order-3": "a queue exists as soon as somebody names it; a namespace too?",
            "order-1 again": "another queue, but the same id and namespace; which of them is unique?",
        }[start]


class LostOrder(Exercise):
    """Find an execution on a misspelt queue, end it and start it where there is a worker."""

    lesson = LESSON
    name = "lost_order"
    title = "Bring back a lost order"
    task = (
        "`order-77` was to be shipped, and nothing happens. Find out why. Then put it right from outside, "
        "with the CLI or in the Web UI: end this run, and start `order-77` again, where a worker takes it."
    )
    starter = """
# Starts a worker for ShipParcel (its input: the order's id), and loses order-77.
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

    async def lose(self, lab: Lab) -> WorkflowHandle[Any, Any]:
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

    async def verify(self, bench: Bench, *answers: Any) -> str:
        """What was done is in the histories of both runs."""
        lost = answers[0]
        client = self._client
        if client is None or lost.id != self.ORDER:
            raise NotYet(f"`lost` is {lost.id!r}, not the lost order", "run the starter cell once more")
        first = await fetch_history(
            client.get_workflow_handle(self.ORDER, run_id=lost.first_execution_run_id)
        )
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
        """What there is to say while no new run of the order is there."""
        last = first.events[-1]
        if await self._elsewhere(client, first):
            return NotYet(
                "there is an `order-77` in the namespace `default`, and the worker does not work there",
                "a command without a namespace goes to `default`: `--namespace`, or `TEMPORAL_NAMESPACE`, or "
                "run it in a cell",
            )
        if first.status == "Terminated":
            return await self._only_ended(client, first)
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
        if first.status == "Running":
            return NotBegun("order-77 waits; go to the Web UI or to the command line, then run the check")
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
        bare = _in_namespace(client, "default")
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


class OwnDisk(Exercise):
    """A queue for each machine: steps that need one and the same disk go where the first one was."""

    lesson = LESSON
    name = "own_disk"
    title = "Back to the same machine"
    task = (
        "`download` saves a report on the disk of the machine that takes it, and returns the name of that "
        "machine's own task queue. `count_words` reads from the disk. On two machines it often finds "
        "nothing: repair `CountWords`. Which machine takes the download must stay open."
    )
    starter = """
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
async def download(report: str) -> str: ...  # the machines of the check have both; these are their signatures


@activity.defn
async def count_words(report: str) -> int: ...


@workflow.defn
class CountWords:
    @workflow.run
    async def run(self, report: str) -> int:
        limit = timedelta(seconds=2)
        own_queue = await workflow.execute_activity(download, report, start_to_close_timeout=limit)
        return await workflow.execute_activity(count_words, report, start_to_close_timeout=limit)
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
        own_queue = await workflow.execute_activity(download, report, start_to_close_timeout=limit)
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

    async def verify(self, bench: Bench, *answers: Any) -> str:
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
    async def _with_bad_luck(bench: Bench, workflow_: type, first: _Machine, second: _Machine) -> Run:
        """The machine `first` takes the download; what comes after on the shared queue, `second` takes."""
        await asyncio.gather(
            bench.worker(workflows=[workflow_], activities=[first.download, second.count_words]),
            *(bench.worker(task_queue=each.queue, activities=[each.count_words]) for each in (first, second)),
        )
        handle = await bench.start(workflow_, "report-november")
        try:
            return await bench.ended(handle, seconds=4)
        except NotYet as stuck:
            if "bad argument type" in stuck.seen:  # what the SDK says when the name of a queue is no text
                raise NotYet(
                    "the name of a queue must be a text, and what is given here as `task_queue` is none: the "
                    "workflow task fails and is retried",
                    f"`download` returns a text, to those who wait for it: {stuck.hint}",
                ) from None
            if "no worker polls" not in stuck.seen:
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
        seen = run.seen
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
        name: What a learner is told that it is called.
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


def _in_namespace(client: Client, namespace: str) -> Client:
    """The same client for another namespace."""
    config = client.config()
    config["namespace"] = namespace
    return Client(**config)


async def _polled(client: Client, task_queue: str) -> bool:
    """Whether a worker asks this queue for workflow tasks."""
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
    )
    return bool(answer.pollers)


def _was(became: str) -> str:
    return {"done": "is done", "waits": "waits", "refused": "was refused"}[became]


four_starts = FourStarts()
lost_order = LostOrder()
own_disk = OwnDisk()

quiz = Quiz(
    LESSON,
    Question(
        "A workflow has been `RUNNING` for an hour; its history has two events. What do you look at first?",
        [
            Choice(
                "The worker's log",
                "If no worker polls the queue, there is no worker whose log could tell. First ask who polls.",
            ),
            Choice(
                "Who polls its task queue",
                "Two events end with a scheduled task that nobody took. `temporal task-queue describe` and "
                "the Web UI say who polls.",
                right=True,
            ),
            Choice(
                "The workflow's code",
                "Not a line of it has run: a third event would say that a worker took the task.",
            ),
        ],
    ),
    Question(
        "Three workers poll `reporting-tq`. A task for one page is put on it. Who renders the page?",
        [
            Choice(
                "All three, each gets the task",
                "That would be a topic with subscribers. Twelve pages were rendered twelve times.",
            ),
            Choice(
                "One of them, whichever asks next and has a free slot",
                "A task goes to one poller: this is how a queue spreads load.",
                right=True,
            ),
            Choice(
                "The one that the workflow was assigned to",
                "Nobody is assigned. A workflow names a queue, and knows no workers.",
            ),
        ],
    ),
    Question(
        "Which of these may one execution of a workflow use several of?",
        [
            Choice(
                "Task queues for its activities",
                "Each activity may name its own: where the credentials are, or the graphics card.",
                right=True,
            ),
            Choice(
                "Namespaces for its activities",
                "`execute_activity` has no such argument. An execution lives in one namespace from start to "
                "end.",
            ),
            Choice(
                "Task queues for its workflow tasks, at the same time",
                "Those stay on one queue for the whole run. Only a new run, by continue-as-new, may be on "
                "another.",
            ),
        ],
    ),
)
