"""Lessons run in another way than from the first cell to the last, and what then is seen otherwise."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from pathlib import Path

from nbformat import NotebookNode

from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.cell_marks import is_ignored
from tutorial_lib.authoring.headless.run import execute
from tutorial_lib.authoring.sanitize import compare, load_rules

OPENS = "open_lab("
_AS = "committed_as"


def told_otherwise(path: Path, notebook: NotebookNode, way: Iterable[NotebookNode | str]) -> list[str]:
    """What is seen that is not as committed, or the error that ends the run.

    Args:
        path: Where the lesson is.
        notebook: The lesson, as committed.
        way: What runs: cells of the lesson, each as often as wanted, and code that is none of its cells.
    """
    committed = {id(cell): number for number, cell in enumerate(notebook.cells)}
    other = copy.deepcopy(notebook)
    other.cells = []
    for each in way:
        cell = committed_form.new_cell("code", each) if isinstance(each, str) else copy.deepcopy(each)
        if not isinstance(each, str):
            cell.metadata[_AS] = committed[id(each)]
        other.cells.append(cell)
    run = execute(other, path)
    if run.error is not None:
        return [str(run.error)]
    rules, found = load_rules(), []
    for cell in committed_form.code_cells(committed_form.normalise(run.notebook)):
        as_committed = notebook.cells[cell.metadata[_AS]] if _AS in cell.metadata else None
        # Where another test has the same lesson open at the time, the lab says that it has another namespace.
        if as_committed is None or is_ignored(as_committed) or OPENS in cell.source:
            continue
        if difference := compare(as_committed.outputs, cell.outputs, rules):
            found.append("\n".join([as_committed.source, *difference]))
    return found
