"""House rules about notes for instructors: what to say and ask in a scene, and where classes get stuck."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from nbformat import NotebookNode

from tutorial_lib.authoring.exercise_cells import part_of
from tutorial_lib.authoring.reading.scenes import open_cells
from tutorial_lib.authoring.style.finding import Finding
from tutorial_lib.course.notebooks import is_for_instructors

__all__ = ["LEADS", "note_findings"]

LEADS = ("**Say.**", "**Ask.**", "**Stuck?**")
"""Each paragraph of the notes begins with one of these."""

_SAY, _ASK, _STUCK = LEADS
_FRAME = re.compile(r"<details>\s*<summary>For instructors</summary>(.*)</details>", re.DOTALL)
_HEADING = re.compile(r"#{1,3} +(.+?)\s*$", re.MULTILINE)
_CURE = "`**Say.**`, `**Ask.**` with what a class answers, `**Stuck?**`: CONTRIBUTING.md shows the form"


@dataclass
class _Told:
    """What a scene has, and what its notes have.

    Attributes:
        cell: Number of its first cell.
        title: Its heading.
        needs: For each lead that it must have, the reason.
        leads: Those that it has.
    """

    cell: int
    title: str
    needs: dict[str, str] = field(default_factory=dict)
    leads: set[str] = field(default_factory=set)


def note_findings(notebook: NotebookNode) -> Iterator[Finding]:
    """Where an instructor is left alone: at a prediction, a kill, an exercise.

    Args:
        notebook: The lesson.
    """
    opened = {number for number, _ in open_cells(notebook)}
    scenes, notes = [_Told(1, "")], 0
    for number, cell in enumerate(notebook.cells, start=1):
        if is_for_instructors(cell):
            notes += 1
            scenes[-1].leads |= {lead for lead in LEADS if lead in cell.source}
            yield from _form(number, cell)
        elif cell.cell_type == "markdown" and (heading := _HEADING.match(cell.source)):
            scenes.append(_Told(number, heading[1]))
        if number in opened:
            scenes[-1].needs |= _needs(cell)
    for scene in scenes:
        for lead, reason in scene.needs.items():
            if lead not in scene.leads:
                yield Finding(scene.cell, "notes", f"{scene.title!r} has {reason}, and no {lead}", _CURE)
    if not notes:
        yield Finding(0, "notes", "there are no notes for instructors (cells of slide type notes)", _CURE)


def _needs(cell: NotebookNode) -> dict[str, str]:
    """What an instructor wants to know at a cell, and why."""
    needs = {}
    if cell.cell_type == "code":
        if "lab.predict(" in cell.source:
            needs[_ASK] = "a prediction"
        if ".kill(" in cell.source:
            needs[_STUCK] = "a kill"
    if part_of(cell) is not None:
        needs[_STUCK] = "an exercise"
    return needs


def _form(number: int, cell: NotebookNode) -> Iterator[Finding]:
    if cell.cell_type != "markdown":
        yield Finding(number, "notes", "notes for instructors are to be Markdown")
        return
    frame = _FRAME.fullmatch(cell.source.strip())
    if frame is None:
        message = "the notes are not folded below `<summary>For instructors</summary>`"
        yield Finding(number, "notes", message, _CURE)
        return
    for paragraph in re.split(r"\n\s*\n", frame[1].strip()):
        if not paragraph.startswith(LEADS):
            begins = " ".join(paragraph.split()[:5])
            message = f"a paragraph of the notes begins {begins!r}, and not with one of {', '.join(LEADS)}"
            yield Finding(number, "notes", message, _CURE)
