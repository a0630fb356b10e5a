"""Waits for what threads and processes do in their own time; a deadline is a backstop only."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil


def wait_for(seen: Callable[[], object], timeout: float = 10.0) -> None:
    """Wait until a condition holds; the views have threads of their own."""
    deadline = time.monotonic() + timeout
    while not seen():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    """Whether a process has ended (a zombie has)."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def until(condition: Callable[[], object], seconds: float) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it did not happen in {seconds:g} s"
        time.sleep(0.05)
