"""The end of a worker in the midst of its work, for lesson 02's exercises: exactly then, on every machine.

A module of its own, and a light one: a worker process imports it.
"""

from __future__ import annotations

import os
import signal
import sys

from temporalio import activity

__all__ = ["pack_and_be_killed"]


@activity.defn(name="pack")
async def pack_and_be_killed(goods: str) -> str:
    """Begins to pack, and its process is killed, with no chance to report anything."""
    activity.heartbeat("in hand")
    # Windows has no SIGKILL; there this is TerminateProcess, which asks as little.
    os.kill(os.getpid(), signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    raise AssertionError(f"the {goods} outlived their worker")
