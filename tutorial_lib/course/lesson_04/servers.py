"""Servers that a learner's command line starts, in a folder that is removed with them."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tutorial_lib.exercises.checks.command_lines import StartedServer


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="temporal-check-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextlib.contextmanager
def running(line: list[str], port: int, folder: Path) -> Iterator[StartedServer]:
    """The server that a command line starts; killed afterwards."""
    server = StartedServer(line, port, folder)
    try:
        yield server
    finally:
        server.kill()
