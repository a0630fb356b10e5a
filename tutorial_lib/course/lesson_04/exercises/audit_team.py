"""A command from old notes, with an error in each line."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from tutorial_lib.errors import TutorialError
from tutorial_lib.exercises.checks.command_lines import arguments, complaint, namespaces_of
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_value
from tutorial_lib.exercises.outcome import NotBegun, NotYet
from tutorial_lib.stage.cli import run_cli
from tutorial_lib.stage.server.binary import find_binary
from tutorial_lib.stage.server.dev_server import start_dev_server

_COMMAND = "the flag is fine; it is the command before it that today's CLI does not have"
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
        server = await start_dev_server()
        try:
            client = await server.connect()
            try:
                said = await asyncio.to_thread(
                    run_cli,
                    find_binary().path,
                    line,
                    address=server.address,
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
        finally:
            server.kill()
            server.close()
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
    if any(mark in word for word in line for mark in "\u201c\u201d\u201e"):
        return "a shell knows straight quotes only; those of a text editor are letters to it"
    if "unit" in stderr or "valid retention" in stderr:
        return _about_units(stderr, line)
    advices = {
        "unknown flag: --namespace": _COMMAND,
        "unknown command": _COMMAND,
        "unknown shorthand flag": "a flag that is a word begins with two dashes",
        "accepts at most": "it took words of yours for arguments of their own: which ones belong together?",
        "already exists": "without `--namespace` it takes the one that it works in",
    }
    found = [advice for words, advice in advices.items() if words in stderr]
    return found[0] if found else "read closely what it answers; `--help` behind a command lists its flags"


def _about_units(stderr: str, line: list[str]) -> str:
    """What is the matter with a retention that was refused."""
    if "valid retention" in stderr:
        return "an hour is the least that the server takes: how long is this, in its unit?"
    if "missing unit" in stderr:
        if {"d", "days", "h", "hours"} & set(line):
            return "number and unit are one word, without a blank between them"
        return "90 what?"
    if re.search(r'unknown unit "[A-Z]"', stderr):
        return "units are small letters, as in the scene about retention"
    return "a unit is one letter, as in the scene about retention"


def _text(starter: str) -> str:
    """The text that a starter cell assigns."""
    names: dict[str, str] = {}
    exec(starter, names)  # noqa: S102 - our own
    return names["create"]
