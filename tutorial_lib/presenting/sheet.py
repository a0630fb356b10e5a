"""A lesson's run sheet: its scenes with minutes, notes for the instructor, and which have exercises."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from nbformat import NotebookNode

from tutorial_lib.authoring.exercise_cells import PARTS, part_of
from tutorial_lib.authoring.reading.minutes import STATED
from tutorial_lib.authoring.reading.scenes import COLLAPSED, open_cells
from tutorial_lib.course.notebooks import is_for_instructors

__all__ = ["PresentedScene", "promised_minutes", "run_sheet", "stated_minutes"]

_HEADING = re.compile(r"(#{1,3}) +(.+?)\s*$", re.MULTILINE)
_FOLDED = re.compile(r"<details>\s*<summary>.*?</summary>\s*(.*?)\s*</details>", re.DOTALL)
_CHECK = re.compile(r"\bex\.\w+\.check\(")


@dataclass
class PresentedScene:
    """The cells below one heading of level 1 to 3.

    Attributes:
        number: "3", or "8.2" below a heading of level 3; "0" is the title's.
        title: The heading.
        level: Of the heading, 1 to 3.
        first: Number of its first cell, from 1.
        minutes: As its heading's metadata state them; None if they do not.
        cells: Ids of its cells, in order.
        notes: What is for the instructor, as Markdown.
        code: Its code cells' sources, in order.
        exercise: Whether it has an exercise.
        folded: Whether it is an extra, folded below its heading or one above: it takes no time of the lesson.
    """

    number: str
    title: str
    level: int
    first: int
    minutes: float | None = None
    cells: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    exercise: bool = False
    folded: bool = False


def run_sheet(notebook: NotebookNode) -> list[PresentedScene]:
    """The scenes of a notebook, in order; cells above the first heading belong to none.

    Args:
        notebook: A lesson, or any other notebook with headings.
    """
    found: list[PresentedScene] = []
    opened = {number for number, _ in open_cells(notebook)}
    major = minor = 0
    for index, cell in enumerate(notebook.cells, start=1):
        heading = _heading(cell)
        if heading is not None:
            level, title = heading
            major, minor = (major, minor + 1) if level > 2 else (major + (level > 1), 0)  # noqa: PLR2004 - levels
            number = f"{major}.{minor}" if minor else str(major)
            folded = index not in opened or bool(cell.metadata.get(COLLAPSED))
            found.append(PresentedScene(number, title, level, index, _minutes(cell), folded=folded))
        if found:
            _add(found[-1], cell, index)
    return found


def stated_minutes(scenes: list[PresentedScene]) -> float:
    """The sum of what the scenes state."""
    return sum(scene.minutes or 0 for scene in scenes)


def promised_minutes(notebook: NotebookNode) -> int | None:
    """What the first cell promises a learner, if it does.

    Args:
        notebook: The lesson.
    """
    match = STATED.search(notebook.cells[0].source) if notebook.cells else None
    return int(match[1]) if match else None


def _heading(cell: NotebookNode) -> tuple[int, str] | None:
    if cell.cell_type != "markdown" or is_for_instructors(cell):
        return None
    match = _HEADING.match(cell.source)
    return (len(match[1]), match[2]) if match else None


def _minutes(cell: NotebookNode) -> float | None:
    stated = cell.metadata.get("course", {}).get("minutes")
    return float(stated) if isinstance(stated, int | float) else None


def _add(scene: PresentedScene, cell: NotebookNode, index: int) -> None:
    scene.cells.append(cell.get("id", str(index)))
    if is_for_instructors(cell):
        folded = _FOLDED.search(cell.source)
        scene.notes.append(folded[1] if folded else cell.source)
    elif cell.cell_type == "code":
        part = part_of(cell)
        if part is None or part[1] in PARTS[:2]:
            scene.code.append(cell.source)
        scene.exercise |= bool(_CHECK.search(cell.source))
