"""The scenes of a lesson, each from one heading of level 2 to the next; of an exercise, from its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from tutorial_lib.course.notebooks import is_for_instructors

__all__ = ["COLLAPSED", "Piece", "Scene", "late_headings", "open_cells", "scenes_of"]

COLLAPSED = "jp-MarkdownHeadingCollapsed"

_FENCED = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
_TITLE = re.compile(r"^(##|###) +(.+?)\s*$", re.MULTILINE)
_HEADING = re.compile(r"(#{1,6}) ")


@dataclass(frozen=True)
class Piece:
    """A cell of a scene, or the part of a Markdown cell that belongs to it.

    Attributes:
        number: Of the cell, from 1.
        cell: The cell.
        source: What of it belongs to the scene.
    """

    number: int
    cell: NotebookNode
    source: str


@dataclass(frozen=True)
class Scene:
    """All cells below one heading.

    Attributes:
        title: The heading's text; "" before the first one.
        cell: Number of the cell that has the heading, from 1.
        pieces: Its cells, in order, without those that are folded away or are for instructors.
    """

    title: str
    cell: int
    pieces: tuple[Piece, ...]


def scenes_of(notebook: NotebookNode, *, parts: bool = False) -> list[Scene]:
    """The scenes of a lesson, in order; the first one is its opening.

    Args:
        notebook: The lesson.
        parts: Whether what is below a heading of level 3, an exercise, is a scene of its own.
    """
    found: list[tuple[str, int, list[Piece]]] = [("", 1, [])]
    for number, cell in open_cells(notebook):
        start = 0
        for title, at in _titles(cell, parts=parts):
            if cell.source[start:at].strip():
                found[-1][2].append(Piece(number, cell, cell.source[start:at]))
            found.append((title, number, []))
            start = at
        if cell.source[start:].strip():
            found[-1][2].append(Piece(number, cell, cell.source[start:]))
    return [Scene(title, number, tuple(pieces)) for title, number, pieces in found]


def late_headings(notebook: NotebookNode) -> Iterator[tuple[int, str]]:
    """Headings of scenes and exercises that do not begin their cell: numbers of cells, from 1, and titles.

    Args:
        notebook: The lesson.
    """
    for number, cell in open_cells(notebook):
        yield from ((number, title) for title, at in _titles(cell, parts=True) if at > 0)


def open_cells(notebook: NotebookNode) -> Iterator[tuple[int, NotebookNode]]:
    """Cells that a learner meets, with their numbers from 1.

    Left out are notes for instructors and what is folded below a collapsed heading: help, and extras.

    Args:
        notebook: The lesson.
    """
    folded = 0  # level of the heading below which cells are hidden
    for number, cell in enumerate(notebook.cells, start=1):
        heading = _HEADING.match(cell.source) if cell.cell_type == "markdown" else None
        if heading and (not folded or len(heading[1]) <= folded):
            folded = len(heading[1]) if cell.metadata.get(COLLAPSED) else 0
        if not folded and not is_for_instructors(cell):
            yield number, cell


def _titles(cell: NotebookNode, *, parts: bool) -> list[tuple[str, int]]:
    """The headings of scenes in a cell, with the places where they begin."""
    if cell.cell_type != "markdown":
        return []
    fences = [match.span() for match in _FENCED.finditer(cell.source)]
    return [
        (match[2], match.start())
        for match in _TITLE.finditer(cell.source)
        if (parts or match[1] == "##") and not any(start <= match.start() < end for start, end in fences)
    ]
