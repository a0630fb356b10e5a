"""The table of all lessons and exercises, which lesson 00 prints: a new exercise anywhere changes it.

A cell whose last line is `progress()` shows it. What it prints to somebody who has solved nothing depends on
the exercises alone, so that it is written here without a run.
"""

from __future__ import annotations

import os
from pathlib import Path

from nbformat import NotebookNode

from tutorial_lib.authoring import committed_form
from tutorial_lib.course.overview import progress
from tutorial_lib.exercises.progress import NOBODY, Progress
from tutorial_lib.exercises.progress_cards import CourseProgress

__all__ = ["renew_table", "stale_table"]

_CALL = "progress()"


def stale_table(path: Path) -> int:
    """Number of the first cell, from 1, whose committed table differs from the exercises; 0 if there is none.

    Args:
        path: The notebook.
    """
    expected = _expected()
    cells = enumerate(committed_form.read(path).cells, start=1)
    return next((number for number, cell in cells if _shows_table(cell) and _differs(cell, expected)), 0)


def renew_table(path: Path) -> bool:
    """Writes the table of a notebook anew, as a run would; returns whether that changed the file.

    Args:
        path: The notebook.
    """
    if not stale_table(path):
        return False
    expected, notebook = _expected(), committed_form.read(path)
    for cell in filter(_shows_table, notebook.cells):
        for output in cell.outputs:
            output.data.update(_data(expected))
    return committed_form.write(notebook, path)


def _expected() -> CourseProgress:
    return progress(Progress(NOBODY, Path(os.devnull)))


def _data(table: CourseProgress) -> dict[str, str]:
    return {"text/plain": repr(table), "text/html": table._repr_html_()}


def _shows_table(cell: NotebookNode) -> bool:
    """Whether it was run, and shows the table and nothing else."""
    shows = cell.cell_type == "code" and cell.source.splitlines()[-1:] == [_CALL]
    return shows and [output.output_type for output in cell.outputs] == ["execute_result"]


def _differs(cell: NotebookNode, table: CourseProgress) -> bool:
    return any(cell.outputs[0].data.get(kind) != text for kind, text in _data(table).items())
