"""Exercises and quiz of lesson 04, the dev server and its command line."""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from tutorial_lib.course.command_lines import (
    StartedServer,
    arguments,
    complaint,
    namespaces_of,
    two_ports,
)
from tutorial_lib.course.payments import TransferMoney, transfer
from tutorial_lib.errors import TutorialError
from tutorial_lib.exercises import threads
from tutorial_lib.exercises.bench import Bench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_function, a_value
from tutorial_lib.exercises.outcome import NotBegun, NotYet
from tutorial_lib.exercises.quiz import Choice, Question, Quiz
from tutorial_lib.history import History, fetch_history
from tutorial_lib.stage.binary import find_binary
from tutorial_lib.stage.commands import run_cli
from tutorial_lib.stage.server import DevServer, start_dev_server

__all__ = ["audit_team", "power_cut", "by_hand", "quiz"]  # noqa: RUF022 - in the lesson's order

LESSON = "lesson-04"
_VISIBILITY_SECONDS = 0.15  # until a start is surely listed
_CLI_SECONDS = 3.0  # for a command that should be done in 0.2 s


class AuditTeam(Exercise):
    """A command from old notes, with an error in each line."""

    lesson = LESSON
    name = "audit_team"
    title = "A command with three mistakes"
    task = (
        "The namespace `audit-team` is described as *Who paid what* and keeps closed executions for ninety "
        "days. Repair the command until the CLI of today makes exactly that."
    )
    starter = '''
create = """
temporal namespace create --namespace audit-team \\
    --description Who paid what \\
    --retention 90
"""
'''
    takes = (a_value("create", str, "the command as text"),)
    hints = (
        "The CLI tells one thing at a time, and not always the one that is wrong. Repair, run, read, repair.",
        (
            "Which word stands before `namespace` in every command of this lesson that worked? And how "
            "does a terminal know where a text of three words ends?"
        ),
        "The scene about retention shows what becomes of a bare number, and which letters may follow it.",
    )
    solution_code = '''
create = """
temporal operator namespace create --namespace audit-team \\
    --description "Who paid what" \\
    --retention 90d
"""
'''
    why = (
        "`namespace` lives under `operator`; a value with spaces needs quotes, or each word of it is an "
        "argument of its own; a retention needs a unit. `90h` would have been accepted, too: what the CLI "
        "accepts is not yet what you meant."
    )

    async def verify(self, bench: Bench, *answers: Any) -> str:  # noqa: ARG002 - on a server of its own
        """Run the command on an empty server, then ask the server what there is."""
        (create,) = answers
        if create.split() == _text(self.starter).split():
            raise NotBegun("the command is as it stands in the notes: repair it, then run both cells")
        line = arguments(create)
        with _scratch() as folder, _own_server(folder) as server:
            client = await server.client()
            try:
                said = await asyncio.to_thread(
                    run_cli,
                    find_binary().path,
                    line,
                    address=f"127.0.0.1:{server.port}",
                    namespace="default",
                    timeout=_CLI_SECONDS,
                )
            except TutorialError:
                raise NotYet(
                    f"the command is still running after {_CLI_SECONDS:g} s: it makes no namespace, that "
                    "takes no time"
                ) from None
            if not said.ok:
                raise NotYet(f"the CLI says: {complaint(said.stderr)}", _advice(said.stderr))
            made = await namespaces_of(client)
        return _is_the_audit_teams(made)


def _is_the_audit_teams(made: dict[str, Any]) -> str:
    found = made.get("audit-team")
    if found is None:
        others = ", ".join(f"`{name}`" for name in sorted(made))
        raise NotYet(f"the CLI has no complaint; yet the server has no `audit-team`, only {others}")
    described = found.namespace_info.description
    hours = found.config.workflow_execution_retention_ttl.ToTimedelta().total_seconds() / 3600
    if described != "Who paid what":
        raise NotYet(
            f"`audit-team` is there, and its description is {described!r}",
            "look at where the value of `--description` begins and ends",
        )
    if hours != 90 * 24:
        raise NotYet(
            f"`audit-team` is there, and keeps closed executions for {hours:g} hours, that is "
            f"{hours / 24:g} days",
            "the CLI has done what it was told; is it what was wanted?",
        )
    return (
        f"The server has `audit-team`, {described!r}, kept for {hours:g} hours. Retention counts from the "
        "moment an execution closes: an open one is kept however old it is."
    )


def _advice(stderr: str) -> str:
    """What the CLI does not say itself."""
    if "unknown flag: --namespace" in stderr or "unknown command" in stderr:
        return "the flag is fine; it is the command before it that today's CLI does not have"
    if "accepts at most" in stderr:
        return "it took words of yours for arguments of their own: which ones belong together?"
    if "missing unit" in stderr:
        return "90 what?"
    if "already exists" in stderr:
        return "without `--namespace` it takes the one that it works in"
    return "read closely what it answers; `--help` behind a command lists its flags"


class PowerCut(Exercise):
    """A server that comes back with all it knew."""

    lesson = LESSON
    name = "power_cut"
    title = "A server that survives"
    task = (
        "Write the command that starts the shop's server: on `port`, with its state in `file`, and with "
        "the namespace `payments` there from the start. The check starts it, starts an order, pulls the "
        "plug, and runs the same command again from another directory."
    )
    starter = '''
def start_command(port: int, file: str) -> str:
    """The command line, as one would type it."""
    return ____
'''
    takes = (a_function("start_command"),)
    hints = (
        'The answer is a text, `f"temporal ..."`, with `{port}` and `{file}` in it.',
        (
            "Two of the three wishes have had their scene in this lesson. For the third, ask: "
            '`print(lab.cli("server start-dev --help"))`.'
        ),
        "Among the flags is one for what is to be created at launch. It has a short form, too.",
    )
    solution_code = '''
def start_command(port: int, file: str) -> str:
    """The command line, as one would type it."""
    return f"temporal server start-dev --port {port} --db-filename {file} --namespace payments"
'''
    why = (
        "The server writes an event into its database before it answers. Where the database is a file, a "
        "SIGKILL costs nothing that was answered; where it is the memory of the process, everything."
    )
    seconds = 20.0

    async def verify(self, bench: Bench, *answers: Any) -> str:  # noqa: ARG002 - on a server of its own
        """Start, order, SIGKILL, start, look."""
        (start_command,) = answers
        with _scratch() as folder:
            port, file = two_ports(), folder / "shop" / "state.db"
            file.parent.mkdir()
            text = await threads.call(start_command, port, str(file))
            if not isinstance(text, str):
                raise NotYet(
                    f"`start_command` returned {text!r}"[:120], "it is to return the command line, a text"
                )
            line = arguments(text)
            with _running(line, port, folder / "first") as server:
                client = await server.client("payments")
                if "payments" not in (made := await namespaces_of(client)):
                    names = ", ".join(f"`{name}`" for name in sorted(made))
                    raise NotYet(
                        f"the server runs, and its namespaces are: {names}. The order found no `payments`",
                        "a new server can be told which namespaces to make: `temporal server start-dev "
                        "--help`",
                    )
                await client.start_workflow("TransferMoney", "order-42", id="order-42", task_queue="payments")
            with _running(line, port, folder / "second") as server:
                return await _survived(await server.client("payments"), server, file)


async def _survived(client: Client, server: StartedServer, file: Path) -> str:
    try:
        order = await client.get_workflow_handle("order-42").describe()
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        left = [each.name for each in (server.folder.parent / "first").iterdir() if each.suffix != ".txt"]
        if left:
            raise NotYet(
                f"after the power cut `order-42` was gone: its state is in `{min(left)}` in the directory "
                "where the first server was started, and the second was started elsewhere",
                "the function is told where the file is to be",
            ) from None
        raise NotYet(
            "after the power cut the same command started a server that knows no `order-42`: its state had "
            "been in memory",
            "the lesson's `durable` server was given something that `server` was not",
        ) from None
    if not file.exists():
        raise NotYet(
            "`order-42` has survived, but not in `file`: that one does not exist",
            "put the function's argument in place of the name that you chose",
        )
    status = order.status.name if order.status else "?"
    return (
        f"After SIGKILL and a new start `order-42` is {status}, {order.history_length} events: nothing that "
        "the first server had answered for is lost."
    )


class ByHand(Exercise):
    """From an empty server to a paid order, by command line or Web UI alone."""

    lesson = LESSON
    name = "by_hand"
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

    async def empty_server(self) -> DevServer:
        """A new server to work on; the one before goes, with all that was tried there."""
        if self._server is not None:
            self._server.kill()
            self._server.close()
        self._server = await start_dev_server()
        return self._server

    async def verify(self, bench: Bench, *answers: Any) -> str:  # noqa: ARG002 - on a server of its own
        """Find the order, read its first event, and be the worker."""
        (shop,) = answers
        if not shop.alive:
            raise NotYet("the server `shop` is down", "run the starter cell again: it starts a new one")
        default = await shop.connect()
        made = set(await namespaces_of(default)) - {"default"}
        if "dev-payments" not in made:
            strays = await _started(default)
            if not made and not strays:
                raise NotBegun(
                    "the server `shop` is as it was: no namespace but `default`, and nothing started there"
                )
            raise NotYet(*_no_namespace(made, strays))
        client = await shop.connect("dev-payments")
        handle = await _order(client, default)
        _as_asked(await fetch_history(handle), client.identity)
        history = await _paid(client, handle)
        return (
            f"Event 1 came from outside Python, the worker came after, and event {len(history)} says it: "
            "`order-99 paid`. Neither had to know the other; the names had to match."
        )


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


async def _order(client: Client, default: Client) -> WorkflowHandle[Any, Any]:
    handle = client.get_workflow_handle("order-99")
    with contextlib.suppress(RPCError):
        await handle.describe()
        return handle
    if others := await _started(client):
        raise NotYet(f"`dev-payments` has `{others[0]}`, and no `order-99`", "an id is matched to the letter")
    if strays := await _started(default):
        raise NotYet(
            f"the namespace `dev-payments` is there and empty; `{strays[0]}` was started in `default`",
            "a start goes where `--namespace` says",
        )
    raise NotYet(
        "half of it is there: the namespace `dev-payments`. Nothing has been started in it",
        "the second command is `temporal workflow start ...`; did it answer `Running execution`?",
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
    if first.worker == own_identity:
        raise NotYet(
            "all of it is right, but event 1 says who asked for it: this notebook's own client, Python",
            "once more from outside, with `--id-conflict-policy TerminateExisting`",
        )


async def _paid(client: Client, handle: WorkflowHandle[Any, Any]) -> History:
    worker = Bench(client, "order-99")
    try:
        await worker.worker(
            workflows=[TransferMoney], activities=[transfer], task_queue="payments-transfer-tq"
        )
        run = await worker.ended(handle)
    finally:
        await worker.close()
    if run.failure is not None:
        raise NotYet(
            f"`order-99` is {run.history.status}: event {len(run.history)} closed it before a worker came",
            "start it again; a closed id is free",
        )
    return run.history


# ---- what they share -----------------------------------------------------------------------------


@contextlib.contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="temporal-check-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextlib.contextmanager
def _running(line: list[str], port: int, folder: Path) -> Iterator[StartedServer]:
    server = StartedServer(line, port, folder)
    try:
        yield server
    finally:
        server.kill()


@contextlib.contextmanager
def _own_server(folder: Path) -> Iterator[StartedServer]:
    port = two_ports()
    with _running(["server", "start-dev", "--headless", "--port", str(port)], port, folder) as server:
        yield server


def _text(starter: str) -> str:
    """The text that a starter cell assigns."""
    names: dict[str, str] = {}
    exec(starter, names)  # noqa: S102 - our own
    return names["create"]


audit_team = AuditTeam()
power_cut = PowerCut()
by_hand = ByHand()

quiz = Quiz(
    LESSON,
    Question(
        "`temporal server start-dev --port 7300` runs. Where is its Web UI?",
        [
            Choice("on 8233, as always", "8233 is 7233 + 1000. Move the port and the Web UI moves along."),
            Choice(
                "on 8300",
                "The Web UI is 1000 above the gRPC port, unless `--ui-port` says otherwise.",
                right=True,
            ),
            Choice(
                "on 7300, too",
                "7300 speaks gRPC, with clients and workers. A browser needs the Web UI's own port.",
            ),
        ],
    ),
    Question(
        "The server was started with `--db-filename shop.db`. It is killed with SIGKILL while `order-43` "
        "waits for its worker, and started again in the same way. What about `order-43`?",
        [
            Choice(
                "It is gone: SIGKILL leaves no time to save",
                "Nothing has to be saved at the end: each event was in the file before the server answered.",
            ),
            Choice(
                "It is closed, as failed",
                "A dead server writes no event, so none says that the order failed.",
            ),
            Choice(
                "It waits for its worker, as before",
                "Its history is in the file, event by event; a server that reads it goes on where the "
                "other stopped.",
                right=True,
            ),
        ],
    ),
    Question(
        "Retention is `1h`. Which execution may the server forget two hours after it was started?",
        [
            Choice(
                "one that still waits for a signal",
                "It is open, and retention is about closed executions: it is kept for as long as it takes.",
            ),
            Choice(
                "one that completed within a minute",
                "Closed for almost two hours, kept for one: its history may go, and its id with it.",
                right=True,
            ),
            Choice(
                "either, unless archival is on",
                "Archival would keep a copy of closed histories elsewhere. It does not change what "
                "retention is about.",
            ),
        ],
    ),
)
