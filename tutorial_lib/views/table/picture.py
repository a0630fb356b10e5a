"""The history table as a static picture: its first and its last rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tutorial_lib.views.kit.svg import COLOURS, document, fit, number, tag, text, width_of
from tutorial_lib.views.kit.time import duration
from tutorial_lib.views.table.layout import EventRow

WIDTH: Final = 920
ROW: Final = 24
TOP: Final = 64
MOST: Final = 30  # rows; of a longer history, the first ones and ...
LAST: Final = 6  # ... the last ones
ID, TIME, TYPE, SAYS = 48, 116, 132, 372  # right edges of the numbers, left edges of the words


def draw_table(rows: Sequence[EventRow], head: Mapping[str, Any]) -> str:
    """The SVG of a table."""
    if not rows:
        return document(WIDTH, 40, text(16, 25, "No events yet.", fill="muted"), title="Event history")
    shown = drawn(len(rows))
    left_out = len(rows) - len(shown)
    parts: list[EventRow | None] = [rows[k] for k in shown]
    if left_out:
        parts.insert(MOST - LAST, None)
    lines = [_row(TOP + k * ROW, row, left_out) for k, row in enumerate(parts)]
    return document(
        WIDTH, TOP + len(parts) * ROW + 12, _title(head, len(rows)), _columns(), *lines, title="Event history"
    )


def drawn(many: int) -> list[int]:
    """The numbers of the rows that are drawn, of so many: the first and the last."""
    if many <= MOST + 1:
        return list(range(many))
    return [*range(MOST - LAST), *range(many - LAST, many)]


def _title(head: Mapping[str, Any], many: int) -> str:
    name = fit(str(head["title"]), 420, 14)
    tone = {"good": "done", "bad": "failed"}.get(str(head["mood"]), "muted")
    return "".join(
        [
            text(16, 25, name, size=14, font_weight="600"),
            text(
                16 + width_of(name, 14) * 1.08 + 12,
                25,
                str(head["state"]),
                size=13,
                fill=tone,
                font_weight="600",
            ),
            text(
                WIDTH - 16,
                25,
                f"{many} {'event' if many == 1 else 'events'}",
                fill="muted",
                text_anchor="end",
            ),
        ]
    )


def _columns() -> str:
    at = TOP - 9
    return "".join(
        [
            tag("rect", x=0, y=TOP - 26, width=WIDTH, height=24, fill=COLOURS["raised"]),
            text(ID, at, "event", size=11, fill="muted", text_anchor="end"),
            text(TIME, at, "time", size=11, fill="muted", text_anchor="end"),
            text(TYPE, at, "type", size=11, fill="muted"),
            text(SAYS, at, "what happened", size=11, fill="muted"),
        ]
    )


def _row(top: float, row: EventRow | None, left_out: int) -> str:
    base = top + 16
    if row is None:
        return text(TYPE, base, f"… {left_out} more events …", fill="muted")
    bad = row["bad"]
    quiet = row["kind"] == "task" and not bad
    words = row["says"].replace("`", "")
    line = tag("path", d=f"M0 {number(top + ROW - 0.5)}H{WIDTH}", stroke=COLOURS["line"], stroke_opacity=0.6)
    return "".join(
        [
            line,
            text(ID, base, row["label"], fill="muted", text_anchor="end"),
            text(TIME, base, duration(row["time"], 0.001), fill="muted", text_anchor="end"),
            text(
                TYPE,
                base,
                fit(f"{'✗ ' if bad else ''}{row['type']}", SAYS - TYPE - 12),
                fill="failed" if bad else "muted" if quiet else "ink",
            ),
            text(SAYS, base, fit(words, WIDTH - SAYS - 16), fill="muted" if quiet else "ink"),
        ]
    )
