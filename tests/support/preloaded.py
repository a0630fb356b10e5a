"""The `tutorial` command in processes of its own that need not import other people's packages again.

A process that has imported them waits and forks one for each command; what is this project's own, each
imports for itself. So a command costs what it does, and not a second of CPU more.

    Preloaded ── a line of JSON ──> preloaded.py ── fork ──> tutorial_lib.cli, as `python -m` starts it
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

MODULE = "tutorial_lib.cli"
PACKAGES = (
    "typer",
    "rich.console",
    "rich.table",
    "temporalio.client",
    "temporalio.worker",
    "nbformat",
    "psutil",
    "anywidget",
)


class Preloaded:
    """The process that forks.

    Args:
        environment: What it starts with; a command's own environment replaces that.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env=dict(environment),
        )

    def run(
        self,
        arguments: Sequence[str | os.PathLike[str]],
        cwd: Path,
        env: Mapping[str, str],
        stdin: str = "",
        encoding: str = "utf-8",
    ) -> subprocess.CompletedProcess[str]:
        """Run one command, as `subprocess.run` with pipes does.

        Args:
            arguments: What follows `tutorial`.
            cwd: Where.
            env: Its environment.
            stdin: Its input.
            encoding: Of what it reads and writes.
        """
        command = [os.fspath(each) for each in arguments]
        with tempfile.TemporaryDirectory() as folder:
            given, out, err = (Path(folder) / name for name in ("in", "out", "err"))
            given.write_text(stdin, encoding=encoding)
            asked = {
                "arguments": command,
                "cwd": str(cwd),
                "env": dict(env),
                "files": [str(given), str(out), str(err)],
            }
            pipe, answers = self._process.stdin, self._process.stdout
            assert pipe is not None
            assert answers is not None
            pipe.write(json.dumps(asked) + "\n")
            pipe.flush()
            code = int(answers.readline())
            return subprocess.CompletedProcess(
                [MODULE, *command], code, out.read_text(encoding=encoding), err.read_text(encoding=encoding)
            )

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def next_command() -> dict[str, Any]:
    """Forks for each line that is read: returns in the children alone, with what to do."""
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if child == 0:
            return dict(json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    sys.exit()


def begin(asked: dict[str, Any]) -> None:
    """Make a child what a process that was started for the command is."""
    modes = (os.O_RDONLY, os.O_WRONLY | os.O_CREAT, os.O_WRONLY | os.O_CREAT)
    for number, (name, mode) in enumerate(zip(asked["files"], modes, strict=True)):
        os.dup2(os.open(name, mode, 0o600), number)
    sys.stdin = open(0, encoding=sys.stdin.encoding, errors=sys.stdin.errors, closefd=False)  # noqa: SIM115 - until it ends
    os.chdir(asked["cwd"].encode())
    os.environ.clear()
    os.environb.update({name.encode(): value.encode() for name, value in asked["env"].items()})
    # In a terminal of ASCII alone, what is not is no text either.
    sys.argv = [MODULE, *(os.fsdecode(each.encode()) for each in asked["arguments"])]
    sys.path[0] = str(Path.cwd())  # as `python -m` has it


if __name__ == "__main__":
    import importlib
    import runpy

    for package in PACKAGES:
        importlib.import_module(package)
    begin(next_command())
    runpy.run_module(MODULE, run_name="__main__", alter_sys=True)
