"""A coroutine that nobody waited for, reported in one line.

`workflow.execute_activity(...)` without `await` does nothing, and raises no error. Python notices when it
throws the coroutine away: at some later moment, in whatever code runs then, which its warning names as the
place. Here it reads:

    NEVER AWAITED execute_activity(...): is there an await missing?

A check collects these warnings while it runs, and reports them itself. What is nobody's slip, neither tells:
the coroutine of a call that was interrupted before its `await` (see `awaited.py`).
"""

from __future__ import annotations

import gc
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from temporalio import workflow

from tutorial_lib import sdk
from tutorial_lib.cells.failures.awaited import may_be_forgotten
from tutorial_lib.cells.failures.log import to_latest_cell
from tutorial_lib.cells.patches import Patches

_WARNING = re.compile(r"coroutine '(?:.*<locals>\.)?(.+)' was never awaited")

_collecting: list[list[str]] = []


def install(patches: Patches) -> None:
    """Shortens that one warning; every other one is shown as before."""
    before = warnings.showwarning

    def showwarning(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        found = _WARNING.match(str(message)) if issubclass(category, RuntimeWarning) else None
        if found is None or file is not None:
            before(message, category, filename, lineno, file, line)
        elif str(message).startswith(f"coroutine '{sdk.OWN_COROUTINE}"):
            pass  # the `run` of a workflow whose `__init__` has raised, which is reported
        else:
            # Garbage is found anywhere, in a workflow's sandbox too.
            with workflow.unsafe.sandbox_unrestricted():
                if may_be_forgotten(found[1]):
                    _tell(found[1])

    patches.set(warnings, "showwarning", showwarning)


def _tell(name: str) -> None:
    if _collecting:
        _collecting[-1].append(name)
    else:
        to_latest_cell(f"NEVER AWAITED {name}(...): is there an await missing?")


def collecting() -> bool:
    """Whether a check collects them now."""
    return bool(_collecting)


@contextmanager
def collected() -> Iterator[list[str]]:
    """Takes the names of coroutines instead of the cell, those of `throw_away()` among them."""
    names: list[str] = []
    _collecting.append(names)
    try:
        yield names
    finally:
        _collecting[:] = [each for each in _collecting if each is not names]


def throw_away() -> None:
    """Have Python find garbage now, so that its warnings appear here and not in a later cell."""
    gc.collect()
