"""Answers whose cell failed when it ran last: what they hold is of an earlier run, and no attempt."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from tutorial_lib.cells import ipython
from tutorial_lib.cells.program.facts import DEFINITIONS
from tutorial_lib.cells.program.journal import CellRun, Journal
from tutorial_lib.cells.program.statements import parse

__all__ = ["failed_after", "outdated"]

_INTERRUPTED = ("KeyboardInterrupt", "CancelledError")
_NO_PYTHON = ("SyntaxError", "IndentationError", "TabError")


def outdated(name: str, starter: str) -> tuple[str, str] | None:
    """What is older than the last run of its cell, as seen and hint; None if nothing is.

    A cell that was edited and not run since is beyond this: a kernel gets a cell's text when it runs.

    Args:
        name: Of the exercise that is checked.
        starter: Source of its starter cell.
    """
    makers = _makers(name, starter)
    failed = next((cell for each, cell in makers.items() if each in cell.unbound), None)
    if failed is None:
        return None
    names = [f"`{each}`" for each, cell in makers.items() if cell is failed and each in cell.unbound]
    *most, last = names
    listed = f"{', '.join(most)} and {last}" if most else last
    old = f"what {listed} {'has' if len(names) == 1 else 'have'} now is from an earlier run"
    here = _place(failed)
    if failed.error.startswith(_INTERRUPTED):
        return f"{here} was interrupted; {old}", "run that cell to its end, then this one"
    if failed.error.startswith(_NO_PYTHON):
        return f"{here} did not run ({failed.error}); {old}", "mend that cell and run it, then this one"
    return f"{here} raised {failed.error}; {old}", "mend that cell and run it, then this one"


def failed_after(name: str, starter: str) -> str:
    """That a cell failed after it had made what is checked, in a few words; "" if none did."""
    for cell in _makers(name, starter).values():
        if cell.error:
            return f"{_place(cell)} made it, and then ended with {cell.error}"
    return ""


def _makers(name: str, starter: str) -> dict[str, CellRun]:
    """The cells that made what the check is called with, and what the starter defines, by its name."""
    shell = ipython.current()
    if shell is None:
        return {}
    journal = Journal.of(shell)
    running = next((each for each in reversed(journal.executions) if each.is_running), None)
    names = _names_given(name, running.text) if running else []
    names += [node.name for node in ast.parse(starter).body if isinstance(node, DEFINITIONS)]
    made = {each: journal.maker_of(each) for each in names if each in shell.user_ns}
    return {each: cell for each, cell in made.items() if cell is not None}


def _names_given(name: str, text: str) -> list[str]:
    """Names in the arguments of `ex.NAME.check(...)`."""
    calls = [
        node
        for node in ast.walk(parse(text))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(f"{name}.check")
    ]
    given: Sequence[ast.AST] = [part for call in calls for each in call.args for part in ast.walk(each)]
    return [part.id for part in given if isinstance(part, ast.Name)]


def _place(cell: CellRun) -> str:
    return f"cell In[{cell.number}]" if cell.number else "the cell"
