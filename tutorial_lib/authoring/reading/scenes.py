"""The scenes of a lesson, each from one heading of level 2 to the next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from tutorial_lib.authoring.reading.prose import is_for_instructors

__all__ = ["Piece", "Scene", "open_cells", "scenes_of"]

COLLAPSED = "jp-MarkdownHeadingCollapsed"

_FENCED = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
_SCENE = re.compile(r"^## +(.+?)\s*$", re.MULTILINE)
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
    """All cells below one heading of level 2.

    Attributes:
        title: The heading's text; "" before the first one.
        cell: Number of the cell that has the heading, from 1.
        pieces: Its cells, in order, without those that are folded away or are for instructors.
    """

    title: str
    cell: int
    pieces: tuple[Piece, ...]


def scenes_of(notebook: NotebookNode) -> list[Scene]:
    """The scenes of a lesson, in order; the first one is its opening.

    Args:
        notebook: The lesson.
    """
    found: list[tuple[str, int, list[Piece]]] = [("", 1, [])]
    for number, cell in open_cells(notebook):
        start = 0
        for title, at in _titles(cell):
            if cell.source[start:at].strip():
                found[-1][2].append(Piece(number, cell, cell.source[start:at]))
            found.append((title, number, []))
            start = at
        if cell.source[start:].strip():
            found[-1][2].append(Piece(number, cell, cell.source[start:]))
    return [Scene(title, number, tuple(pieces)) for title, number, pieces in found]


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


def _titles(cell: NotebookNode) -> list[tuple[str, int]]:
    """The headings of level 2 in a cell, with the places where they begin."""
    if cell.cell_type != "markdown":
        return []
    fences = [match.span() for match in _FENCED.finditer(cell.source)]
    return [
        (match[1], match.start())
        for match in _SCENE.finditer(cell.source)
        if not any(start <= match.start() < end for start, end in fences)
    ]
