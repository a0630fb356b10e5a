"""The real `temporal` CLI, run from a cell."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tutorial_lib.errors import TutorialError


@dataclass(frozen=True)
class CliResult:
    """The output of a `temporal` command; a cell shows it as a terminal would.

    Attributes:
        command: The command line, as one would type it.
        stdout: What it printed.
        stderr: What it complained about.
        returncode: Its exit code; 0 means success.
    """

    command: str
    stdout: str
    stderr: str
    returncode: int

    @property
    def ok(self) -> bool:
        """Whether it succeeded."""
        return self.returncode == 0

    @property
    def json(self) -> Any:
        """What it printed with `-o json`, as Python data.

        Raises:
            TutorialError: If it printed something else, e.g. because it failed.
        """
        try:
            return json.loads(self.stdout)
        except ValueError as error:
            hint = "add `-o json` to the command" if self.ok else "the command failed; see what it says"
            raise TutorialError(f"this is not JSON:\n{self}", hint) from error

    def __repr__(self) -> str:
        parts = [f"$ {self.command}", self.stdout.rstrip(), self.stderr.rstrip()]
        if not self.ok:
            parts.append(f"(exit code {self.returncode})")
        return "\n".join(part for part in parts if part)


def run_cli(
    program: Path,
    command: str | Sequence[str],
    *,
    address: str,
    namespace: str,
    check: bool = False,
    timeout: float = 60.0,
) -> CliResult:
    """Run `temporal COMMAND` against a server and wait for its end.

    Args:
        program: The `temporal` program.
        command: What follows `temporal`, as one string or as arguments.
        address: Host and port of the server.
        namespace: Namespace to use unless the command names one.
        check: Whether its failure is an error, as of `subprocess.run`.
        timeout: Seconds to wait.

    Raises:
        TutorialError: If the command does not end in time, or has failed and `check` is true.
    """
    arguments = shlex.split(command) if isinstance(command, str) else list(command)
    line = shlex.join(["temporal", *arguments])
    environment = {
        **os.environ,
        "TEMPORAL_ADDRESS": address,
        "TEMPORAL_NAMESPACE": namespace,
        "NO_COLOR": "1",
        "COLUMNS": "100",
    }
    try:
        done = subprocess.run(
            [program, *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",  # whatever the terminal is: Go programs write nothing else
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=timeout,
            env=environment,
            check=False,
        )
    except OSError as error:
        raise TutorialError(
            f"{program} does not run: {error.strerror or error}",
            "`tutorial doctor` names the `temporal` program that the course finds now",
        ) from error
    except subprocess.TimeoutExpired as error:
        raise TutorialError(
            f"`{line}` did not end in {timeout:g} s",
            "commands that wait (for a result, a query, a server) need a worker, or a terminal of their own",
        ) from error
    result = CliResult(line, done.stdout, done.stderr, done.returncode)
    if check and not result.ok:
        raise TutorialError(f"the command failed:\n{result}", "`check=False` returns a failure as well")
    return result
