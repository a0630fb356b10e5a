"""The static picture of a retry chart: a row an attempt, waits hatched, real attempts solid."""

from __future__ import annotations

from typing import Any, Final

from tutorial_lib.views.kit.grid import broken
from tutorial_lib.views.kit.svg import COLOURS, Picture, document, fit, tag, text, width_of
from tutorial_lib.views.kit.time import duration, in_full, ticks
from tutorial_lib.views.retry_chart.layout import Layout

WIDTH: Final = 900.0
_LEFT, _RIGHT = 150.0, 230.0  # room for names and for failures
_ROW = 28.0  # pixels a row
_TOP = 66.0
_PAD = 12.0
_THINNEST: Final = 5.0  # pixels of an attempt that took no time
_COLOURS: Final = {"failed": "failed", "timed out": "failed", "completed": "done", "running": "activity"}

_HATCH = tag(
    "pattern",
    tag("path", d="M-1 7 7 -1M5 13 13 5", stroke=COLOURS["timer"], stroke_width=1.5),
    id="wait",
    width=6,
    height=6,
    patternUnits="userSpaceOnUse",
)


def retry_chart_picture(layout: Layout) -> Picture:
    """Draw a retry chart.

    Args:
        layout: As `retry_chart_layout` makes it.
    """
    rows = layout["rows"]
    width = WIDTH - _LEFT - _RIGHT
    bottom = _TOP + _ROW * len(rows)

    def x(seconds: float) -> float:
        return _LEFT + seconds / float(layout["end"]) * width

    name = f"Retries of {layout['activity']}" if layout["activity"] else "Retries"
    body = [tag("defs", _HATCH), text(_PAD, 22, name, size=14, font_weight=600)]
    body += [text(_PAD, 42, _LEGEND, size=11, fill="muted")]
    marks = ticks(0, layout["end"], 6)
    for at in marks:
        body.append(tag("line", x1=x(at), x2=x(at), y1=_TOP - 4, y2=bottom, stroke=COLOURS["line"]))
        body.append(
            text(x(at), _TOP - 8, duration(at, marks[1]), size=11, fill="muted", text_anchor="middle")
        )
    for place, row in enumerate(rows):
        body += _row(row, _TOP + place * _ROW, x)
    if layout["limit"] is not None and layout["limit"] <= layout["end"]:
        at = x(layout["limit"])
        body.append(
            tag("line", x1=at, x2=at, y1=_TOP - 4, y2=bottom, stroke=COLOURS["failed"], stroke_width=2)
        )
    y = bottom + 4
    for words, colour in _lines(layout):
        for line in broken(words, WIDTH - 2 * _PAD):
            y += 18
            body.append(text(_PAD, y, line, fill=colour))
    alt = " ".join(filter(None, (layout["policy"], layout["real"], layout["other"])))
    return Picture(document(WIDTH, y + 14, *body, title=name), alt)


_LEGEND: Final = "hatched: wait before the attempt, by the policy   ○ planned   ■ really made"


def _lines(layout: Layout) -> list[tuple[str, str]]:
    lines = [(layout["policy"], "ink"), (layout["real"], "ink"), (layout["other"], "warning")]
    if layout["limit"] is not None and layout["limit"] <= layout["end"]:
        lines.insert(1, (f"Red line: schedule-to-close timeout, {in_full(layout['limit'])}.", "failed"))
    return [(words, colour) for words, colour in lines if words]


def _row(row: dict[str, Any], y: float, x: Any) -> list[str]:
    middle = y + _ROW / 2
    if row["state"] == "skipped":
        return [text(_PAD, middle + 4, f"{row['symbol']} {row['words']}", fill="muted")]
    colour = _COLOURS.get(row["state"], "muted")
    out = [text(_PAD, middle + 4, f"{row['symbol']} {row['number']}  {row['words']}", fill=colour)]
    begin, due = x(row["from"]), x(row["due"])
    if row["wait"]:
        out.append(
            tag("rect", x=begin, y=middle - 5, width=due - begin, height=10, fill="url(#wait)",
                stroke=COLOURS["timer"], stroke_width=0.75)
        )  # fmt: skip
    if row["start"] is None:
        out.append(tag("circle", cx=due, cy=middle, r=5, fill=COLOURS["surface"], stroke=COLOURS["muted"]))
        edge = due + 10
    else:
        start, end = x(row["start"]), x(row["end"] if row["end"] is not None else row["start"])
        wide = max(_THINNEST, end - start)
        out.append(tag("rect", x=start, y=middle - 9, width=wide, height=18, rx=2, fill=COLOURS[colour]))
        edge = start + wide + 6
    words = f"after {duration(row['wait'])}" if row["wait"] else ""
    if row["failure"]:
        words = f"{words} · {row['failure']}" if words else row["failure"]
    room = WIDTH - edge - _PAD
    if width_of(words, 11) > room and room < begin - _LEFT:  # more room on the other side
        out.append(
            text(
                begin - 6, middle + 4, fit(words, begin - _LEFT, 11), size=11, fill="muted", text_anchor="end"
            )
        )
    else:
        out.append(text(edge, middle + 4, fit(words, room, 11), size=11, fill="muted"))
    return out
