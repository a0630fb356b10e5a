"""A static table as SVG: for pictures of views that are tables while they live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tutorial_lib.views.kit.svg import COLOURS, document, fit, tag, text, width_of

_LINE = 18.0  # pixels a line of text
_PAD = 12.0  # left and right of a cell's text
_ROW_PAD = 7.0  # above and below it
_SIZE = 12.0  # pixels of the font


@dataclass(frozen=True)
class Cell:
    """A cell of the table.

    Attributes:
        words: Its text; a line break begins a line, and longer lines are broken between words.
        colour: Name of a colour of `svg.COLOURS`.
        strong: Whether it is bold.
    """

    words: str
    colour: str = "ink"
    strong: bool = False


@dataclass(frozen=True)
class Grid:
    """A table.

    Attributes:
        title: Text above it.
        columns: Heading and width in pixels of each column.
        rows: Cells, as many a row as there are columns.
        notes: Lines below it.
    """

    title: str
    columns: Sequence[tuple[str, float]]
    rows: Sequence[Sequence[Cell]]
    notes: Sequence[Cell] = field(default_factory=tuple)

    def svg(self) -> str:
        """The picture."""
        width = sum(each for _, each in self.columns)
        body = [text(_PAD, 22, self.title, size=14, font_weight=600)]
        y = 34.0
        body.append(tag("rect", x=0, y=y, width=width, height=26, fill=COLOURS["raised"]))
        x = 0.0
        for name, room in self.columns:
            body.append(text(x + _PAD, y + 17, name, size=_SIZE, fill="muted", font_weight=600))
            x += room
        y += 26
        for row in self.rows:
            y = self._row(body, row, y, width)
        for note in self.notes:
            for line in broken(note.words, width - 2 * _PAD):
                y += _LINE
                body.append(text(_PAD, y + 4, line, size=_SIZE, fill=note.colour))
        return document(width, y + 16, *body, title=self.title)

    def _row(self, body: list[str], row: Sequence[Cell], y: float, width: float) -> float:
        """Draw a row; returns where the next one begins."""
        x, deepest = 0.0, 1
        for cell, (_, room) in zip(row, self.columns, strict=True):
            lines = broken(cell.words, room - 2 * _PAD)
            for k, line in enumerate(lines):
                weight = 600 if cell.strong else None
                at = y + _ROW_PAD + 13 + k * _LINE
                body.append(text(x + _PAD, at, line, size=_SIZE, fill=cell.colour, font_weight=weight))
            deepest = max(deepest, len(lines))
            x += room
        below = y + 2 * _ROW_PAD + deepest * _LINE
        body.append(tag("line", x1=0, x2=width, y1=below, y2=below, stroke=COLOURS["line"]))
        return below


def broken(words: str, room: float, size: float = _SIZE) -> list[str]:
    """A text in lines no wider than `room` pixels, broken between words; a longer word is cut."""
    lines: list[str] = []
    for part in words.split("\n"):
        line = ""
        for word in part.split(" "):
            longer = f"{line} {word}" if line else word
            if line and width_of(longer, size) > room:
                lines.append(fit(line, room, size))
                line = word
            else:
                line = longer
        lines.append(fit(line, room, size))
    return lines
