"""Start a workflow, or find it, and have an update's answer, in one call."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import Callable
from typing import Any

from temporalio.client import (
    Client,
    Interceptor,
    OutboundInterceptor,
    StartWorkflowUpdateWithStartInput,
    WorkflowUpdateFailedError,
    WorkflowUpdateHandle,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from tutorial_lib.course.workflows.bar import Tab
from tutorial_lib.exercises.checks import threads
from tutorial_lib.exercises.checks.check_namespace import fresh_name
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_function
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import fetch_history


class ATabForEachTable(Exercise):
    """Start a workflow, or find it, and have an update's answer, in one call."""

    title = "A tab for each table"
    task = (
        "Finish `order`: the first drink of a table opens its tab, each further one is written on it, and "
        "`order` returns how many there are. Two devices may do it at once. When a tab is paid, the next "
        "drink opens a new one."
    )
    starter = """
from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy as Conflict


async def order(client: Client, table: str, drink: str) -> int:
    start = WithStartWorkflowOperation(
        "Tab",
        table,
        id=____,
        id_conflict_policy=____,
        task_queue="bar-tq",
    )
    return await client.execute_update_with_start_workflow(
        "add", ____, start_workflow_operation=start
    )
"""
    takes = (a_function("order"),)
    hints = (
        "Two drinks are on one tab if they come with the same id. What do they share, and other tables not?",
        "The conflict policy says what becomes of a start when a tab is open. Which value finds that tab?",
    )
    solution_code = """
async def order(client: Client, table: str, drink: str) -> int:
    start = WithStartWorkflowOperation(
        "Tab",
        table,
        id=f"tab-{table}",
        id_conflict_policy=Conflict.USE_EXISTING,
        task_queue="bar-tq",
    )
    return await client.execute_update_with_start_workflow(
        "add", drink, start_workflow_operation=start
    )
"""
    why = (
        "The id says which tab it is, and the server keeps it to one open run for all devices; "
        "`USE_EXISTING` makes a start of what runs already a way to find it. Without this call a device "
        "would have to start, and be refused, and then send, while another one pays."
    )

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """Two devices at one table, another table, and a guest after the bill."""
        await bench.worker(workflows=[Tab], task_queue="bar-tq")
        bar = _Bar(bench, answers[0])
        try:
            return await _evening(bar)
        finally:
            await bar.close()


async def _evening(bar: _Bar) -> str:
    terrace, window = fresh_name("terrace"), fresh_name("window")
    devices = bar.order(terrace, "tea"), bar.order(terrace, "milk")
    told: list[Any] = sorted(await asyncio.gather(*devices, return_exceptions=True), key=str)
    for each in told:
        if isinstance(each, BaseException):
            raise each
    if told == [1, 1]:
        raise NotYet(
            f"two drinks at one table are on two tabs: {bar.tabs}",
            "the devices must come to the same id: what do two drinks of a table have in common?",
        )
    if told != [1, 2]:
        raise NotYet(
            f"two drinks at one table, and the devices were told {told[0]!r} and {told[1]!r}",
            "`order` returns what `add` answers: how many drinks are on the tab",
        )
    handle = bar.client.get_workflow_handle(bar.last)
    drinks = await handle.query("drinks")
    if sorted(drinks, key=str) != ["milk", "tea"]:
        raise NotYet(f"tea and milk were ordered, and on the tab stand {drinks}", "`add` takes the drink")
    if (cider := await bar.order(window, "cider")) != 1:
        raise NotYet(
            f"the first drink of another table is number {cider!r}: it is on the first table's tab",
            "an id that all tables share is one tab for all of them",
        )
    await handle.signal("pay")
    await handle.result()
    if (water := await bar.order(terrace, "water")) != 1:
        raise NotYet(f"the tab was paid, and the next drink is number {water!r}", "a new tab begins with 1")
    return (
        f"Two devices, one tab, `{handle.id}`; the other table has its own; and after the bill the same id "
        "began a new run."
    )


class _Bar(Interceptor):
    """The devices, and which tabs they have opened."""

    def __init__(self, bench: Workbench, order: Callable[..., Any]) -> None:
        self._order = order
        self._ids: list[str] = []
        self._ends = False
        self._finds = False
        self._opened_for: list[Any] = []
        self.client = Client(
            bench.client.service_client, namespace=bench.client.namespace, interceptors=[self]
        )

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002 - the SDK's name
        bar = self

        class Watching(OutboundInterceptor):
            async def start_update_with_start_workflow(
                self,
                input: StartWorkflowUpdateWithStartInput,  # noqa: A002 - the SDK's name
            ) -> WorkflowUpdateHandle[Any]:
                start = input.start_workflow_input
                if isinstance(start.id, str):  # any other is refused by the client
                    bar._ids.append(start.id)
                bar._opened_for.append(start.args)
                bar._finds = start.id_conflict_policy == WorkflowIDConflictPolicy.USE_EXISTING
                bar._ends = start.id_conflict_policy == WorkflowIDConflictPolicy.TERMINATE_EXISTING
                return await super().start_update_with_start_workflow(input)

        return Watching(next)

    @property
    def last(self) -> str:
        """Id of the tab that was asked for last."""
        return self._ids[-1]

    @property
    def tabs(self) -> str:
        """The ids of all tabs."""
        return " and ".join(f"`{each}`" for each in dict.fromkeys(self._ids))

    async def order(self, table: str, drink: str) -> Any:
        """Returns what the device shows."""
        try:
            told = await threads.call(self._order, self.client, table, drink)
        except NotYet as answer:
            if not self._ends:
                raise await self._refused(answer) from None
            told = None
        if self._ends:
            raise NotYet(
                "a second drink ends the tab that is open, and begins another: `TERMINATE_EXISTING`",
                "what was on it is lost; which value finds the tab?",
            )
        if inspect.iscoroutine(told):
            told.close()
            raise NotYet(
                "`order` returned a coroutine, a call that nobody awaited", "`async def` and `await`"
            )
        if not self._ids:
            raise NotYet(
                f"`order` returned {told!r}, and asked for no update with a start",
                "one call of the client does both: `execute_update_with_start_workflow`",
            )
        if (opened_for := list(self._opened_for[-1])) != [table] and len(opened_for) == 1:
            raise NotYet(
                f"{table!r} ordered {drink!r}, and its tab would be opened for {opened_for[0]!r}",
                "the argument of `Tab` is the table, whatever is drunk",
            )
        return told

    async def _refused(self, answer: NotYet) -> NotYet:
        """What a device's error means; where it got no answer, what the tab's history has."""
        if isinstance(answer.cause, TimeoutError) and self._ids:
            for event in await fetch_history(self.client.get_workflow_handle(self.last)):
                if event.type == "WorkflowTaskFailed" and event.failure:
                    return NotYet(
                        f"a drink gets no answer: the workflow task fails ({event.failure.root.message})",
                        "the update's argument is missing: `add` takes one text, the drink"
                        if "Tab.add()" in event.failure.root.message
                        else "the workflow is called `Tab`, and its one argument is the table",
                    )
        if isinstance(answer.cause, WorkflowAlreadyStartedError) and self._finds:
            return NotYet(
                "the tab was paid, and the next drink is refused: the id is used up",
                "leave the policy for ids that are used again as it is by default",
                cause=answer.cause,
            )
        return _refused(answer)

    async def close(self) -> None:
        """No tab stays open."""
        for each in dict.fromkeys(self._ids):
            with contextlib.suppress(RPCError):
                await self.client.get_workflow_handle(each).terminate("the check is over")


def _refused(answer: NotYet) -> NotYet:
    """What a device's error means; the same words for each drink."""
    if isinstance(answer.cause, WorkflowAlreadyStartedError):
        return NotYet(
            "a second drink was refused: the table's tab is open already",
            "that is no mistake here: which conflict policy finds the one that runs?",
            cause=answer.cause,
        )
    if isinstance(answer.cause, WorkflowUpdateFailedError):
        failed = answer.cause.cause
        return NotYet(
            f"a drink is not on the tab: {getattr(failed, 'message', failed)}",
            "the update of a tab is called `add`"
            if "not found" in str(failed)
            else "`add` takes one text, the drink",
            cause=answer.cause,
        )
    if isinstance(answer.cause, TimeoutError):
        return NotYet(
            answer.seen, 'the worker polls "bar-tq": does the start name that queue?', cause=answer.cause
        )
    return answer
