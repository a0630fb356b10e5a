"""From an empty server to a paid order, by command line or Web UI alone."""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import os
from datetime import UTC, datetime
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from tutorial_lib.course.workflows.payments import TransferMoney, transfer
from tutorial_lib.exercises.checks.command_lines import namespaces_of
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_value
from tutorial_lib.exercises.outcome import NotBegun, NotYet
from tutorial_lib.history import History, fetch_history
from tutorial_lib.stage.server.dev_server import DevServer, running_dev_servers, start_dev_server

_AWAY = "a command goes where `--address` says; without it, to `TEMPORAL_ADDRESS`, the lesson's own"
_VISIBILITY_SECONDS = 0.15  # until a start is surely listed


class ByHand(Exercise):
    """From an empty server to a paid order, by command line or Web UI alone."""

    title = "From an empty server to a paid order"
    task = (
        "Without Python, in a terminal or in cells with `!temporal ...`: create the namespace "
        "`dev-payments`, and in it start `order-99` of type `TransferMoney` on `payments-transfer-tq`; its "
        "input is its name. (The start can be made in the Web UI, too.) The check brings the worker."
    )
    starter = """
shop = await ex.by_hand.empty_server()
print(f"in a terminal:    export TEMPORAL_ADDRESS={shop.address}")
print(f"or every command: --address {shop.address}")
print(f"or the Web UI:    {shop.ui_url}")
"""
    takes = (a_value("shop", DevServer, "the server of the starter cell"),)
    hints = (
        (
            "Two commands, and both stand in the command reference. In a `!` cell, `{shop.address}` is the "
            "address."
        ),
        (
            "The CLI goes where `TEMPORAL_ADDRESS` and `TEMPORAL_NAMESPACE` say, and in this notebook that "
            "is the lesson's own place. So both commands need `--address`; which of them needs "
            "`--namespace`?"
        ),
        (
            "An input is JSON. JSON writes a text with double quotes, and the shell takes away those that "
            "it sees: `'\"...\"'`."
        ),
    )
    solution_code = """
where = f"--address {shop.address} --namespace dev-payments"
order = "--workflow-id order-99 --type TransferMoney --task-queue payments-transfer-tq"

print(lab.cli(f"operator namespace create {where}"))
print(lab.cli(f"workflow start {where} {order} --input '\\"order-99\\"'"))
"""
    why = (
        "In a terminal or a `!` cell it is the same, with `temporal` before it. A start is a request to a "
        "server: address, namespace, id, type, task queue, input. It needs no Python and no worker; the "
        "worker may come later, written in any language, as long as it is in the same namespace and polls "
        "the same queue."
    )

    def __init__(self) -> None:
        super().__init__()
        self._server: DevServer | None = None
        self._since = datetime.now(UTC)
        self._known: set[str] | None = None
        """Namespaces of the server that the cells of the lesson work on; None if it could not be asked."""

    async def empty_server(self) -> DevServer:
        """A new server to work on; the one before is removed, with all that was tried there."""
        if self._server is not None:
            self._server.kill()
            self._server.close()
        self._server = await start_dev_server()
        self._known, self._since = None, datetime.now(UTC)
        with contextlib.suppress(RuntimeError, RPCError, KeyError):
            lessons_own = await Client.connect(os.environ["TEMPORAL_ADDRESS"])
            self._known = set(await namespaces_of(lessons_own))
        return self._server

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """Find the order, read its first event, and be the worker."""
        (shop,) = answers
        if not shop.alive:
            raise NotYet("the server `shop` is down", "run the starter cell again: it starts a new one")
        default = await shop.connect()
        made = set(await namespaces_of(default)) - {"default"}
        if "dev-payments" not in made:
            strays = await _started(default)
            if not made and not strays:
                await self._not_on(bench.client)
                await self._not_started_beside(shop)
                raise NotBegun(
                    "the server `shop` is as it was: no namespace but `default`, and nothing started there. "
                    "(A command that printed `Error` has done nothing. If it said `already exists`, it spoke "
                    "of another server: `--address` says which)"
                )
            raise NotYet(*_no_namespace(made, strays))
        client = await shop.connect("dev-payments")
        handle = await self._order(client, default, bench.client)
        _as_asked(await fetch_history(handle), client.identity)
        history = await _paid(client, handle)
        return (
            f"Event 1 came from outside Python, the worker came after, and event {len(history)} says it: "
            "`order-99 paid`. Neither had to know the other; the names had to match."
        )

    async def _not_started_on(self, lessons_own: Client) -> None:
        """Demand that the order was not started on the server of the lesson's other cells.

        Raises:
            NotYet: If it was: the command went without `--address`.
        """
        there = Client(lessons_own.service_client, namespace=os.environ.get("TEMPORAL_NAMESPACE", "default"))
        with contextlib.suppress(RPCError):
            order = await there.get_workflow_handle("order-99").describe()
            if order.start_time > self._since:
                raise NotYet(
                    f"`order-99` was started in `{there.namespace}`, on another server than `shop`: the one "
                    "of the lesson's cells",
                    _AWAY,
                )

    async def _not_started_beside(self, shop: DevServer) -> None:
        """Demand that the order was not started on a server that the lesson's cells made.

        Raises:
            NotYet: If it was: the address was taken from a cell above.
        """
        for server in running_dev_servers():
            if server is shop:
                continue
            there = await server.connect("dev-payments")
            with contextlib.suppress(RPCError):
                order = await there.get_workflow_handle("order-99").describe()
                if order.start_time > self._since:
                    raise NotYet(
                        f"`order-99` was started on another server than `shop`: on {server.address}, which a "
                        "cell above has made",
                        "this exercise has a server of its own, at `{shop.address}`",
                    )

    async def _not_on(self, lessons_own: Client) -> None:
        """Demand that the learner's commands did not go to the server of the lesson's other cells.

        Raises:
            NotYet: If one did: it went without `--address`.
        """
        await self._not_started_on(lessons_own)
        if self._known is None:
            return
        made = set(await namespaces_of(lessons_own)) - self._known
        if new := difflib.get_close_matches("dev-payments", made, n=1):  # other kernels make some, too
            raise NotYet(
                f"a namespace `{new[0]}` was created, on another server than `shop`: the one of the lesson's "
                "cells",
                _AWAY,
            )

    async def _order(self, client: Client, default: Client, lessons_own: Client) -> WorkflowHandle[Any, Any]:
        handle = client.get_workflow_handle("order-99")
        with contextlib.suppress(RPCError):
            await handle.describe()
            return handle
        # A namespace that was made over there first is no matter any more: this server has its own.
        await self._not_started_on(lessons_own)
        raise await _no_order(client, default)


def _no_namespace(made: set[str], strays: list[str]) -> tuple[str, str]:
    if near := difflib.get_close_matches("dev-payments", made, n=1):
        return f"there is a namespace `{near[0]}`, and no `dev-payments`", "compare them letter by letter"
    there = f"`{strays[0]}` was started in `default`" if strays else f"there is `{min(made)}`"
    return (
        f"{there}; a namespace `dev-payments` does not exist yet",
        "create it first, then start the order in it",
    )


async def _started(client: Client) -> list[str]:
    """Ids of what was started in a namespace; a start is listed a moment after it was made."""
    for patience in (_VISIBILITY_SECONDS, 0.0):
        if found := [each.id async for each in client.list_workflows()]:
            return found
        await asyncio.sleep(patience)
    return []


async def _no_order(client: Client, default: Client) -> NotYet:
    """What there is instead of the order."""
    if others := await _started(client):
        return NotYet(
            f"`dev-payments` has `{others[0]}`, and no `order-99`", "an id is matched to the letter"
        )
    if strays := await _started(default):
        return NotYet(
            f"the namespace `dev-payments` is there and empty; `{strays[0]}` was started in `default`",
            "a start goes where `--namespace` says",
        )
    return NotYet(
        "half of it is there: the namespace `dev-payments`. Nothing has been started in it",
        "the second command is `temporal workflow start ...`, with `--address` and `--namespace`, too; did "
        "it answer `Running execution`?",
    )


def _as_asked(history: History, own_identity: str) -> None:
    again = (
        "a start cannot be corrected: start `order-99` again with `--id-conflict-policy TerminateExisting`"
    )
    first = history.event(1)
    if history.workflow_type != TransferMoney.__name__:
        raise NotYet(
            f"event 1 says type `{history.workflow_type}`, and the worker knows `TransferMoney`: the order "
            "would wait for ever",
            again,
        )
    if history.task_queue != "payments-transfer-tq":
        raise NotYet(
            f"event 1 says task queue `{history.task_queue}`, and the worker polls `payments-transfer-tq`: "
            "the order would wait for ever",
            again,
        )
    given = first.payloads.get("input", ())
    if given != ("order-99",):
        said = f"the input {', '.join(map(repr, given))}" if given else "no input"
        raise NotYet(f"event 1 has {said}, and the worker wants the order's name, 'order-99'", again)
    if waits := first.attributes.get("first_workflow_task_backoff_seconds"):
        raise NotYet(
            f"event 1 holds the order back for {waits:g} s: until then no worker gets it",
            "`--start-delay` is for later; " + again,
        )
    if first.worker == own_identity:
        raise NotYet(
            "all of it is right, but event 1 says who asked for it: this notebook's own client, Python",
            "once more from outside, with `--id-conflict-policy TerminateExisting`",
        )


async def _paid(client: Client, handle: WorkflowHandle[Any, Any]) -> History:
    worker = Workbench(client, "order-99")
    try:
        await worker.worker(
            workflows=[TransferMoney], activities=[transfer], task_queue="payments-transfer-tq"
        )
        run = await worker.ended(handle)
    finally:
        await worker.close()
    if run.failure is not None:
        untouched = all(event.type != "WorkflowTaskCompleted" for event in run.history)
        raise NotYet(
            f"`order-99` is {run.history.status}: event {len(run.history)} closed it"
            + " before a worker came" * untouched,
            "start it again; a closed id is free",
        )
    return run.history
