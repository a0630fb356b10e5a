"""The static picture of who heard: a table, a row for each event by which somebody did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tutorial_lib.views.heard.layout import HEARS, LATER, LISTENERS, MEANINGS, NEVER, Layout
from tutorial_lib.views.kit.grid import Cell, Grid
from tutorial_lib.views.kit.svg import Picture
from tutorial_lib.views.kit.time import duration

TITLE: Final = "Who hears of it, and when"
_COLUMNS: Final = (("event", 60), ("when", 80), ("what happened", 280))
_ROOM: Final = (165, 165, 170)
_TONES: Final = {HEARS: "done", LATER: "warning", NEVER: "failed"}
_LEGEND: Final = " · ".join(f"{mark} {meaning}" for mark, meaning in MEANINGS.items())
_STEP: Final = 0.001  # seconds that are told apart


def heard_picture(stories: Sequence[Layout]) -> Picture:
    """Draw who heard, of one execution or of several below each other.

    Args:
        stories: As `heard_layout` makes them.
    """
    columns = [*_COLUMNS, *zip(LISTENERS.values(), _ROOM, strict=True)]
    rows = []
    for story in stories:
        head = Cell(f"{story['id']}: {story['title']}, {story['state']}", strong=True)
        rows.append([Cell(""), Cell(""), head, *[Cell("") for _ in LISTENERS]])
        if story["note"]:
            rows.append([Cell(""), Cell(""), Cell(story["note"], "muted"), *[Cell("") for _ in LISTENERS]])
        rows += [_cells(row) for row in story["rows"]]
    return Picture(
        Grid(TITLE, columns, rows, [Cell(_LEGEND, "muted")]).svg(),
        " ".join(story["alt"] for story in stories),
    )


def _cells(row: Layout) -> list[Cell]:
    told = [row[name] for name in LISTENERS]
    return [
        Cell(str(row["event"]), "muted"),
        Cell(f"+{duration(row['time'], _STEP)}" if row["time"] else "0 s", "muted"),
        Cell(row["what"].replace("`", "")),
        *[
            Cell(
                f"{each['mark']} {each['words']}".strip().replace("`", ""), _TONES.get(each["mark"], "muted")
            )
            for each in told
        ],
    ]
