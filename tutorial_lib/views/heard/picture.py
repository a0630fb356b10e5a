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
_ROOM: Final = 500  # pixels of what they heard
_TONES: Final = {HEARS: "done", LATER: "warning", NEVER: "failed"}
_LEGEND: Final = " · ".join(f"{mark} {meaning}" for mark, meaning in MEANINGS.items())
_STEP: Final = 0.001  # seconds that are told apart


def heard_picture(stories: Sequence[Layout]) -> Picture:
    """Draw who heard, of one execution or of several below each other.

    Args:
        stories: As `heard_layout` makes them.
    """
    names = [
        name for name in LISTENERS if any(row[name]["words"] for story in stories for row in story["rows"])
    ]
    columns = [*_COLUMNS, *[(LISTENERS[name], _ROOM / len(names)) for name in names]]
    empty = [Cell("")] * len(names)
    rows = []
    for story in stories:
        head = Cell(f"{story['id']}: {story['title']}, {story['state']}", strong=True)
        rows.append([Cell(""), Cell(""), head, *empty])
        if story["note"]:
            rows.append([Cell(""), Cell(""), Cell(story["note"], "muted"), *empty])
        rows += [_cells(row, names) for row in story["rows"]]
    return Picture(
        Grid(TITLE, columns, rows, [Cell(_LEGEND, "muted")]).svg(),
        " ".join(story["alt"] for story in stories),
    )


def _cells(row: Layout, names: Sequence[str]) -> list[Cell]:
    told = [row[name] for name in names]
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
