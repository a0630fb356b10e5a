"""Waits for what threads and processes do in their own time.

Here alone tests compare readings of a clock: waits end by what they wait for, and a deadline is a backstop,
far above what any load makes of a wait: it decides nothing (see `tests/test_no_stopwatch.py`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator

import psutil

# Seconds after which something does not come at all, whatever else this machine does. Longer than any timeout
# of a task in these tests: on a busy machine the server can take a task for given out that no worker ever got
# (temporal #11733), and offers it again after that.
BACKSTOP = 180.0


def looks(every: float = 0.02, told: Callable[[], object] = str) -> Iterator[None]:
    """Goes round until the loop's body breaks out.

    Args:
        every: Seconds between two rounds; 0 if the body waits by itself.
        told: What a failure says of what there is instead.
    """
    deadline = time.monotonic() + BACKSTOP
    while True:
        yield
        assert time.monotonic() < deadline, f"it never came: {told()}"
        time.sleep(every)


async def looks_async(every: float = 0.02) -> AsyncIterator[None]:
    """The same for a loop that others need as well."""
    for _ in looks(0):
        yield
        await asyncio.sleep(every)


def wait_for(seen: Callable[[], object], told: Callable[[], object] = str) -> None:
    """Wait until a condition holds; blocks, as a cell may.

    Args:
        seen: Asked again and again.
        told: What a failure says of what there is instead.
    """
    for _ in looks(told=told):
        if seen():
            return


async def wait_until(seen: Callable[[], object]) -> None:
    """Wait until a condition holds, on a loop that others need as well."""
    async for _ in looks_async():
        if seen():
            return


def gone(pid: int) -> bool:
    """Whether a process has ended (a zombie has)."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
