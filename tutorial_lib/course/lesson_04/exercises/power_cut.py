"""A server that restarts with all it knew."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from tutorial_lib.course.lesson_04.servers import running, scratch
from tutorial_lib.exercises.checks import threads
from tutorial_lib.exercises.checks.command_lines import StartedServer, arguments, namespaces_of, on_a_port
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_function
from tutorial_lib.exercises.outcome import NotYet


class PowerCut(Exercise):
    """A server that restarts with all it knew."""

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

    async def verify(self, bench: Workbench, *answers: Any) -> str:  # noqa: ARG002 - on a server of its own
        """Start, order, SIGKILL, start, look."""
        (start_command,) = answers
        return await on_a_port(partial(_attempt, start_command))


async def _attempt(start_command: Callable[..., Any], port: int) -> str:
    with scratch() as folder:
        file = folder / "shop" / "state.db"
        file.parent.mkdir()
        line = _line(await threads.call(start_command, port, str(file)))
        with running(line, port, folder / "first") as server:
            client = await server.client("payments")
            await _has_payments(client)
            await client.start_workflow("TransferMoney", "order-42", id="order-42", task_queue="payments")
        with running(line, port, folder / "second") as server:
            return await _survived(await server.client("payments"), server, file)


def _line(text: Any) -> list[str]:
    """What follows `temporal` in the command line that the function returned."""
    if not isinstance(text, str):
        raise NotYet(f"`start_command` returned {text!r}"[:120], "it is to return the command line, a text")
    line = arguments(text)
    if left := [name for name in ("{port}", "{file}") if name in text]:
        raise NotYet(
            f"the command line has `{'` and `'.join(left)}` in it, as written here",
            'in Python it takes an `f` before the quote to put values there: `f"..."`',
        )
    return line


async def _has_payments(client: Client) -> None:
    if "payments" in (made := await namespaces_of(client)):
        return
    names = ", ".join(f"`{name}`" for name in sorted(made))
    raise NotYet(
        f"the server runs, and its namespaces are: {names}. The order found no `payments`",
        "the name of a namespace is matched to the letter"
        if "payments" in map(str.casefold, made)
        else "a new server can be told which namespaces to make: `temporal server start-dev --help`",
    )


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
