r'''Lessons as readable text, and back: jupytext's percent format, with Markdown as it is.

    # %% [markdown]
    """
    ## A misspelt queue

    Where does the work go?
    """

    # %% tags=["claim:tq-one"]
    print(lab.namespace)

    # %% course={"exercise": "greeting"}

What jupytext cannot carry is done here, and no more: a slide type that a cell has by default is left out, and
a cell that only names an exercise represents its starter, its check and its hints (see `exercise_cells.py`).
A cell's other metadata are written behind its `# %%`, as jupytext does: `slideshow={"slide_type": "notes"}`,
`tags=["nbval-ignore-output"] nbval={"reason": "..."}`, `jp-MarkdownHeadingCollapsed=true`.
'''

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import jupytext
from nbformat import NotebookNode

from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.exercise_cells import exercise_cells, marked, named_exercise, part_of
from tutorial_lib.exercises.exercise import Exercise

__all__ = [
    "IGNORE_TAG",
    "SLIDE_TYPES",
    "UnknownExerciseError",
    "default_slide",
    "keep_outputs",
    "notebook_to_text",
    "text_to_notebook",
    "without_minutes",
]

IGNORE_TAG = "nbval-ignore-output"
SLIDE_TYPES = ("slide", "subslide", "fragment", "skip", "notes", "-")

# jupytext says that it is typed, and its functions are not.
_jupytext: Any = jupytext
_FORMAT = {"extension": ".py", "format_name": "percent"}
_OPTIONS = {"cell_markers": '"""', "notebook_metadata_filter": "-all"}


class UnknownExerciseError(ValueError):
    """A cell names an exercise that the lesson does not have.

    Attributes:
        name: Of the exercise.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"the lesson has no exercise {name!r}")
        self.name = name


Exercises = Callable[[str], Exercise]
"""Finds an exercise of the lesson by its name; raises `KeyError` if there is none."""


def text_to_notebook(text: str, exercises: Exercises | None = None) -> NotebookNode:
    """Builds a notebook, in its committed form and without outputs.

    Args:
        text: Cells in the format that this module's docstring shows.
        exercises: Finds the exercises that cells name; None for a text without any.

    Raises:
        UnknownExerciseError: If a cell names an exercise that the lesson does not have.
    """
    read: NotebookNode = _jupytext.reads(text, _FORMAT)
    notebook = committed_form.new_notebook()
    for cell in read.cells:
        metadata = {key: value for key, value in cell.metadata.items() if key != "cell_marker"}
        if name := named_exercise(cell):
            notebook.cells += exercise_cells(_found(name, exercises))
        else:
            notebook.cells.append(committed_form.new_cell(cell.cell_type, cell.source, metadata))
    for cell in notebook.cells:
        cell.metadata.setdefault("slideshow", {"slide_type": default_slide(cell.cell_type, cell.source)})
    return committed_form.normalise(notebook)


def notebook_to_text(notebook: NotebookNode) -> str:
    """The notebook as text; outputs are left out.

    Raises:
        ValueError: If a cell does not survive the way there and back; the message shows it.
    """
    plain = committed_form.normalise(notebook)
    plain.cells = marked(plain.cells)
    for cell in without_minutes(plain).cells:
        default = default_slide(cell.cell_type, cell.source)
        if cell.metadata.get("slideshow") == {"slide_type": default} or part_of(cell):
            cell.metadata.pop("slideshow", None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    plain.metadata = committed_form.node({"jupytext": _OPTIONS})
    text = str(_jupytext.writes(plain, _FORMAT))
    back = _jupytext.reads(text, _FORMAT).cells
    for number, cell in enumerate(plain.cells):
        if number >= len(back) or back[number].source != cell.source:
            raise ValueError(
                f'cell {number + 1} cannot be written as text (it has """ or a line that starts with # %%):\n'
                f"{cell.source[:200]}"
            )
    return text


def without_minutes(notebook: NotebookNode) -> NotebookNode:
    """The notebook itself, after what build and refresh compute was taken from its cells' metadata."""
    for cell in notebook.cells:
        if (about := cell.metadata.get("course", {})).pop("minutes", None) is not None and not about:
            del cell.metadata["course"]
    return notebook


def default_slide(kind: str, source: str) -> str:
    """The slide type of a cell that states none: headings of level 1 and 2 begin a slide."""
    match = re.match(r"(#{1,3}) ", source) if kind == "markdown" else None
    if match is None:
        return "fragment"
    return "subslide" if len(match[1]) == 3 else "slide"  # noqa: PLR2004 - heading level


def keep_outputs(new: NotebookNode, old: NotebookNode) -> NotebookNode:
    """Gives each code cell of `new` the outputs of the cell of `old` with the same source.

    Cells with equal sources are matched in order. Returns `new`.
    """
    by_source: dict[str, list[NotebookNode]] = {}
    for cell in committed_form.code_cells(old):
        by_source.setdefault(cell.source, []).append(cell)
    for cell in committed_form.code_cells(new):
        if twins := by_source.get(cell.source):
            twin = twins.pop(0)
            cell.execution_count, cell.outputs = twin.execution_count, twin.outputs
    return committed_form.normalise(new)


def _found(name: str, exercises: Exercises | None) -> Exercise:
    try:
        if exercises is None:
            raise KeyError(name)  # noqa: TRY301 - as a lesson without any
        return exercises(name)
    except KeyError:
        raise UnknownExerciseError(name) from None
