"""The cells of an exercise in its notebook: made from the exercise, and compared with it.

    exercise ──exercise_cells──> starter, check, "Stuck?", help ──marked──> one cell that names it

The metadata of each such cell name it: `{"course": {"exercise": "greeting", "part": "starter"}}`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nbformat import NotebookNode

from tutorial_lib.authoring import committed_form
from tutorial_lib.exercises.exercise import Exercise

__all__ = ["PARTS", "drifted", "exercise_cells", "marked", "named_exercise", "part_of", "unknown"]

PARTS = ("starter", "check", "stuck", "help")

_STUCK = """\
#### Stuck?

Take away the `#` of one line and run the cell; each run of `hint()` says one more."""
_COLLAPSED = "jp-MarkdownHeadingCollapsed"


def exercise_cells(exercise: Exercise) -> list[NotebookNode]:
    """The four cells of an exercise, one for each of `PARTS`."""
    names = ", ".join(each.name for each in exercise.takes)
    call = f"ex.{exercise.name}"
    return [
        _cell(exercise, "starter", "code", exercise.starter.strip("\n")),
        _cell(exercise, "check", "code", f"await {call}.check({names})"),
        _cell(exercise, "stuck", "markdown", _STUCK),
        _cell(exercise, "help", "code", f"# {call}.hint()\n# {call}.solution()"),
    ]


def part_of(cell: NotebookNode) -> tuple[str, str] | None:
    """The exercise that a cell belongs to and which of `PARTS` it is, according to its metadata."""
    course = cell.metadata.get("course", {})
    name, part = course.get("exercise"), course.get("part")
    return (name, part) if name and part else None


def named_exercise(cell: NotebookNode) -> str:
    """The exercise that a cell of a text represents; "" for any other cell."""
    course = cell.metadata.get("course", {})
    return "" if "part" in course else str(course.get("exercise", ""))


def marked(cells: Sequence[NotebookNode]) -> list[NotebookNode]:
    """The cells, those of an exercise as one that names it."""
    kept = []
    for cell in cells:
        if (belongs := part_of(cell)) is None:
            kept.append(cell)
        elif belongs[1] == PARTS[0]:
            kept.append(committed_form.new_cell("code", "", {"course": {"exercise": belongs[0]}}))
    return kept


def drifted(cells: Sequence[NotebookNode], exercises: Sequence[Exercise]) -> list[tuple[int, str]]:
    """Where a notebook's cells differ from the exercises: numbers of cells, from 1, and sentences.

    Cells of an exercise that the lesson does not have are not compared: see `unknown`.

    Args:
        cells: Of the notebook.
        exercises: Of the lesson.
    """
    wanted = {
        (each.name, part): cell
        for each in exercises
        for part, cell in zip(PARTS, exercise_cells(each), strict=True)
    }
    names = {each.name for each in exercises}
    found, seen = [], list[tuple[str, str]]()
    for number, cell in enumerate(cells, start=1):
        belongs = part_of(cell)
        if belongs is None:
            calls = [each.name for each in exercises if f"ex.{each.name}.check(" in cell.source]
            if cell.cell_type == "code" and calls:
                found.append((number, f"the check of {calls[0]!r} is written by hand; let the build make it"))
            continue
        seen.append(belongs)
        name, part = belongs
        cell_wanted = wanted.get(belongs)
        if cell_wanted is None and name in names:
            found.append((number, f"{name!r} has no part {part!r}"))
        elif cell_wanted and (cell.cell_type, cell.source) != (cell_wanted.cell_type, cell_wanted.source):
            found.append((number, f"the {part} of {name!r} is not what the exercise says"))
    for name, part in wanted:
        if seen.count((name, part)) != 1:
            times = seen.count((name, part))
            found.append((0, f"the {part} of {name!r} stands there {times} times; once is wanted"))
    return found


def unknown(cells: Sequence[NotebookNode], exercises: Sequence[Exercise]) -> dict[str, int]:
    """Exercises that cells belong to and the lesson does not have: names, and the first cell of each, from 1.

    Args:
        cells: Of the notebook.
        exercises: Of the lesson.
    """
    names = {each.name for each in exercises}
    found: dict[str, int] = {}
    for number, cell in enumerate(cells, start=1):
        belongs = part_of(cell)
        if belongs is not None and belongs[0] not in names:
            found.setdefault(belongs[0], number)
    return found


def _cell(exercise: Exercise, part: str, kind: str, source: str) -> NotebookNode:
    metadata: dict[str, Any] = {"course": {"exercise": exercise.name, "part": part}}
    metadata["slideshow"] = {"slide_type": "fragment"}
    if part == "stuck":
        metadata[_COLLAPSED] = True
    return committed_form.new_cell(kind, source, metadata)
