"""`asyncio.run(main())` inside a cell, where a loop runs already: nest-asyncio2, and its undoing.

What that leaves out, loops of their own and `asyncio.Runner`, is in `beside`.

nest-asyncio2 has no way back of its own, so the attributes it patches are noted first. nest-asyncio
(without the 2) patches the same ones, but hangs queued cells on ipykernel >= 7.1; where a notebook
applied it before, it is replaced.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import Any

import nest_asyncio2

from tutorial_lib.cells import beside
from tutorial_lib.cells.patches import Patches

_MARKS = ("_nest_patched", "_nest_asyncio2")
# Not among them: _nest_deferred, _num_runs_pending and _is_proactorloop. They are plain data, and a
# loop that is inside nest-asyncio2's run_forever at this moment reads them when it ends.
_LOOP_METHODS = ("run_forever", "run_until_complete", "_run_once", "_check_running", "_check_runnung")


def allow_nested_run() -> Patches:
    """Makes `asyncio.run`, `asyncio.Runner` and loops of their own work inside a running loop.

    Returns:
        The patches, to be undone; nest-asyncio2's are not among them when somebody else applied it before.

    Raises:
        ValueError: The running loop is not one of asyncio's own (uvloop, for instance).
    """
    patches = Patches()
    if not hasattr(asyncio, "_nest_asyncio2"):
        _apply(patches)
    beside.install(patches, [kind for kind in _loop_classes() if "_nest_patched" in vars(kind)])
    return patches


def _apply(patches: Patches) -> None:
    """Applies nest-asyncio2, and notes what it changes."""
    owners: list[Any] = [asyncio, *_loop_classes()]
    patches.remember(asyncio, "run", "get_event_loop", "Task", "Future", *_MARKS)
    patches.remember(asyncio.tasks, "Task", "_CTask")
    patches.remember(asyncio.futures, "Future", "_CFuture")
    patches.remember(asyncio.events, "get_event_loop", "_get_event_loop")
    for owner in _loop_classes():
        patches.remember(owner, *_LOOP_METHODS, *_MARKS)
    if sys.version_info < (3, 14):
        patches.remember(type(asyncio.get_event_loop_policy()), "get_event_loop")
    if "tornado" in sys.modules:
        import tornado.concurrent

        patches.remember(tornado.concurrent, "Future", "FUTURES")
    for owner in owners:  # left by nest-asyncio: with the mark, nest-asyncio2 would do nothing
        if "_nest_patched" in vars(owner):
            delattr(owner, "_nest_patched")
    nest_asyncio2.apply()


def _loop_classes() -> list[type]:
    classes: list[type] = [asyncio.SelectorEventLoop]
    with contextlib.suppress(RuntimeError):  # no loop runs in a plain IPython terminal
        classes.append(type(asyncio.get_running_loop()))
    if sys.platform == "win32":
        classes.append(asyncio.ProactorEventLoop)
    return list(dict.fromkeys(classes))
