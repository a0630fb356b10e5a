"""What the exercises of lesson 04 share."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tutorial_lib.course.command_lines import (
    StartedServer,
)

LESSON = "lesson-04"


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="temporal-check-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextlib.contextmanager
def running(line: list[str], port: int, folder: Path) -> Iterator[StartedServer]:
    server = StartedServer(line, port, folder)
    try:
        yield server
    finally:
        server.kill()
