"""Four names that differ a little, and what the server makes of each."""

from __future__ import annotations

import asyncio
from typing import Any

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from tutorial_lib.course.lesson_03.namespaces import in_namespace
from tutorial_lib.course.workflows.parcels import ShipParcel
from tutorial_lib.exercises.checks.check_namespace import fresh_name
from tutorial_lib.exercises.checks.in_words import in_one_form
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_value
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import fetch_history
from tutorial_lib.stage.namespaces import make_namespace


class FourStarts(Exercise):
    """Four names that differ a little, and what the server makes of each."""

    title = "Predict: done, waits or refused"
    task = (
        "One worker is there. It polls `payments-transfer-tq` in the namespace `payments-app`. Four starts "
        "are each a little off. What becomes of them?"
    )
    starter = """
# each is "done", "waits" or "refused"
forecast = {
    "order-1": ____,  # on Payments-Transfer-TQ
    "order-2": ____,  # in audit-team
    "order-3": ____,  # in payment-app, never created
    "order-1 again": ____,  # order-1 is still open
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

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """All four starts are made; what the server did with them is what a guess is held against."""
        given = answers[0]
        starts = ("order-1", "order-2", "order-3", "order-1 again")
        for start in starts:
            if start not in given:
                raise NotYet(
                    f"`forecast` says nothing about {start}", "keep the four lines of the starter cell"
                )
            if in_one_form(given[start], **_SYNONYMS) not in self.WORDS:
                raise NotYet(
                    f"`forecast[{start!r}]` is {given[start]!r}", "it is one of 'done', 'waits' and 'refused'"
                )
        said = {start: in_one_form(given[start], **_SYNONYMS) for start in starts}
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

    async def _all_four(self, bench: Workbench) -> dict[str, tuple[str, str]]:
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
        return in_namespace(client, namespace)

    @staticmethod
    def _why(start: str) -> str:
        return {
            "order-1": "who creates a queue? And is a name in capitals the same name?",
            "order-2": "the worker's queue is in payments-app; is this the same one?",
            "order-3": "a queue exists as soon as somebody names it; a namespace too?",
            "order-1 again": "another queue, but the same id and namespace; which of them is unique?",
        }[start]


_SYNONYMS = {
    "wait": "waits",
    "waiting": "waits",
    "running": "waits",
    "completed": "done",
    "refuse": "refused",
}


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
