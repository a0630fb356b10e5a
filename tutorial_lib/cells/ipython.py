"""The IPython shell we run in, if any, and its names for cells."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any, cast

_MODULE = "IPython.core.getipython"
_found: list[Callable[[], Any]] = []


def current() -> Any:
    """The running IPython shell, or None in a plain Python process."""
    # Never imported from here: without a shell there is none to find, and IPython costs a worker process a
    # third of a second. Remembered, because inside the sandbox `sys.modules` is another one.
    if not _found and _MODULE in sys.modules:
        _found.append(cast("Callable[[], Any]", sys.modules[_MODULE].get_ipython))
    return _found[0]() if _found else None


current()  # a kernel has its shell before it loads this


def is_cell(filename: str) -> bool:
    """Whether code under this file name is a cell's."""
    shell = current()
    return shell is not None and shell.compile.format_code_name(filename) is not None


def place(filename: str, line: int) -> str:
    """Where a line of code is, as a reader finds it: `Cell In[3], line 9`, `shop/__init__.py, line 9`."""
    shell = current()
    shown = shell.compile.format_code_name(filename) if shell is not None else None
    if shown:
        return f"{' '.join(shown)}, line {line}"
    *folders, last = filename.replace("\\", "/").split("/")
    # Every package has an `__init__.py`: which one it is, its folder says.
    named = "/".join([*folders[-1:], last]) if last.startswith("__") else last
    return f"{named}, line {line}"


def traceback_lines(error: BaseException, shown: TracebackType | None = None) -> list[str]:
    """How IPython itself shows an error, line by line.

    Args:
        error: The error.
        shown: What is shown of its traceback; None shows it all.
    """
    table: Any = current().InteractiveTB
    lines: list[str] = table.structured_traceback(
        type(error), error, shown or error.__traceback__, tb_offset=None
    )
    return lines
