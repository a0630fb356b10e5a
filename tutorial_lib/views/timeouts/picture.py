"""The static picture of the four timeouts: a lane each, below the attempts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tutorial_lib.views.kit.grid import broken
from tutorial_lib.views.kit.svg import COLOURS, Picture, document, fit, tag, text, width_of
from tutorial_lib.views.kit.time import duration, in_full, ticks
from tutorial_lib.views.timeouts.layout import ATTEMPTS, FIRED, IDLE, UNSET, Layout

WIDTH: Final = 900.0
_LEFT, _RIGHT = 200.0, 24.0  # room for names
_ROW = 38.0  # pixels a row
_TOP = 66.0
_PAD = 12.0
_THINNEST: Final = 4.0  # pixels of a span that took no time
_LEGEND: Final = "solid: what it lasted   dashed: how long it may last   | heartbeat   ✕ fired"
_COLOURS: Final = {"fired": "failed", "kept": "done", "running": "activity", "planned": "timer"}


def timeouts_picture(layout: Layout) -> Picture:
    """Draw the timeouts.

    Args:
        layout: As `timeouts_layout` makes it.
    """
    rows, end = layout["rows"], float(layout["end"])
    bottom = _TOP + _ROW * len(rows)

    def x(seconds: float) -> float:
        return _LEFT + min(seconds, end) / end * (WIDTH - _LEFT - _RIGHT)

    name = f"Timeouts of {layout['activity']}" if layout["activity"] else "Timeouts"
    body = [text(_PAD, 22, name, size=14, font_weight=600), text(_PAD, 42, _LEGEND, size=11, fill="muted")]
    marks = ticks(0, end, 6)
    for at in marks:
        body.append(tag("line", x1=x(at), x2=x(at), y1=_TOP - 4, y2=bottom, stroke=COLOURS["line"]))
        words = duration(at, marks[1])
        body.append(text(x(at), _TOP - 8, words, size=11, fill="muted", text_anchor="middle"))
    for place, row in enumerate(rows):
        body += _row(row, _TOP + place * _ROW, x)
    y = bottom + 4
    for words, colour in below(layout):
        for line in broken(words, WIDTH - 2 * _PAD):
            y += 18
            body.append(text(_PAD, y, line, fill=colour))
    alt = " ".join(filter(None, (layout["options"], layout["warning"], layout["real"])))
    return Picture(document(WIDTH, y + 14, *body, title=name), alt)


def below(layout: Layout) -> list[tuple[str, str]]:
    """The lines below the picture, each with its colour."""
    return [
        (layout["options"], "ink"),
        *([(layout["warning"], "warning")] if layout["warning"] else []),
        *((line, "failed" if "Not retried" in line else "ink") for line in layout["lines"]),
    ]


def _row(row: dict[str, Any], y: float, x: Callable[[float], float]) -> list[str]:
    middle = y + _ROW / 2
    colour = "muted" if row["state"] in {UNSET, IDLE} else "ink"
    length = "" if row["length"] is None else f" {in_full(row['length'])}"
    out = [text(_PAD, middle - 2, f"{row['name']}{length}", fill=colour)]
    if row["name"] != ATTEMPTS:
        shown = _COLOURS.get(row["state"], "muted")
        out.append(text(_PAD, middle + 12, f"{row['symbol']} {row['state']}", size=11, fill=shown))
    for span in row["spans"]:
        out += _span(span, middle, x)
    return out


def _span(span: dict[str, Any], middle: float, x: Callable[[float], float]) -> list[str]:
    """A span; of one that lasts, where it began, as a picture knows no now."""
    colour = COLOURS[_COLOURS[span["state"]]]
    begin, stop = x(span["from"]), x(span["to"] if span["to"] is not None else span["from"])
    wide = max(_THINNEST, stop - begin)
    out = []
    if span["deadline"] is not None:
        room = max(wide, x(span["deadline"]) - begin)
        out.append(
            tag("rect", x=begin, y=middle - 8, width=room, height=16, rx=2, fill=COLOURS["raised"],
                stroke=colour, stroke_width=1, stroke_dasharray="3 3")
        )  # fmt: skip
    solid = span["deadline"] is None
    out.append(
        tag("rect", x=begin, y=middle - (8 if solid else 4), width=wide, height=16 if solid else 8, rx=2,
            fill=colour)
    )  # fmt: skip
    for beat in map(x, span["beats"]):
        out += [tag("rect", x=beat - 1, y=middle - 8, width=2, height=16, fill=COLOURS["ink"])]
    if span["state"] == FIRED:
        out.append(text(begin + wide + 3, middle + 4, "✕", fill="failed", font_weight=600))
    if solid and width_of(span["label"], 11) <= wide - 6:
        out.append(text(begin + 4, middle + 4, fit(span["label"], wide - 6, 11), size=11, fill="surface"))
    return out
