"""A command from old notes, with an error in each line."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tutorial_lib.course.lesson_04.servers import running, scratch
from tutorial_lib.errors import TutorialError
from tutorial_lib.exercises.checks.command_lines import (
    StartedServer,
    arguments,
    complaint,
    namespaces_of,
    two_ports,
)
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_value
from tutorial_lib.exercises.outcome import NotBegun, NotYet
from tutorial_lib.stage.cli import run_cli
from tutorial_lib.stage.server.binary import find_binary

_CLI_SECONDS = 3.0  # for a command that should be done in 0.2 s


class AuditTeam(Exercise):
    """A command from old notes, with an error in each line."""

    title = "A command with three mistakes"
    task = (
        "The namespace `audit-team` is described as *Who paid what* and keeps closed executions for ninety "
        "days. Repair the command until the CLI of today makes exactly that."
    )
    starter = '''
create = """
temporal namespace create --namespace audit-team
    --description Who paid what
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
temporal operator namespace create --namespace audit-team
    --description "Who paid what"
    --retention 90d
"""
'''
    why = (
        "`namespace` lives under `operator`; a value with spaces needs quotes, or each word of it is an "
        "argument of its own; a retention needs a unit. `90h` would have been accepted, too: what the CLI "
        "accepts is not yet what you meant."
    )

    async def verify(self, bench: Workbench, *answers: Any) -> str:  # noqa: ARG002 - on a server of its own
        """Run the command on an empty server, then ask the server what there is."""
        (create,) = answers
        if create.split() == _text(self.starter).split():
            raise NotBegun("the command is as the starter cell has it: repair it, then run both cells")
        line = arguments(create)
        with scratch() as folder, _own_server(folder) as server:
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
                raise NotYet(f"the CLI says: {complaint(said.stderr)}", _advice(said.stderr, line))
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


def _advice(stderr: str, line: list[str]) -> str:
    """What the CLI does not report itself."""
    if "unknown flag: --namespace" in stderr or "unknown command" in stderr:
        return "the flag is fine; it is the command before it that today's CLI does not have"
    if "accepts at most" in stderr:
        return "it took words of yours for arguments of their own: which ones belong together?"
    if "missing unit" in stderr and {"d", "days", "h", "hours"} & set(line):
        return "number and unit are one word, without a blank between them"
    if "missing unit" in stderr or "unknown unit" in stderr:
        return "90 what?" if "missing" in stderr else "a unit is one letter, as in the scene about retention"
    if "already exists" in stderr:
        return "without `--namespace` it takes the one that it works in"
    return "read closely what it answers; `--help` behind a command lists its flags"


@contextlib.contextmanager
def _own_server(folder: Path) -> Iterator[StartedServer]:
    port = two_ports()
    with running(["server", "start-dev", "--headless", "--port", str(port)], port, folder) as server:
        yield server


def _text(starter: str) -> str:
    """The text that a starter cell assigns."""
    names: dict[str, str] = {}
    exec(starter, names)  # noqa: S102 - our own
    return names["create"]
