"""The static picture of the fleet: a table without numbers that change from run to run (no pids)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tutorial_lib.views.fleet.layout import sentence
from tutorial_lib.views.kit.grid import Cell, Grid
from tutorial_lib.views.kit.svg import Picture

_COLUMNS = (
    ("Worker", 150),
    ("Task queue", 130),
    ("Runs", 190),
    ("State", 140),
    ("Load", 190),
    ("Has in its cache", 160),
)
MOST_NOTES = 6  # executions named below the table
_COLOURS = {"alive": "done", "stopped": "muted", "killed": "failed"}


def fleet_picture(layout: Mapping[str, Any]) -> Picture:
    """Draw a fleet.

    Args:
        layout: As `fleet_layout` makes it.
    """
    rows = layout["rows"]
    homeless = layout["homeless"]
    notes = [Cell(f"{each['id']} is in no cache: {each['why']}.") for each in homeless[:MOST_NOTES]]
    if len(homeless) > MOST_NOTES:
        notes.append(Cell(f"So are {len(homeless) - MOST_NOTES} more.", "muted"))
    if not rows:
        notes.insert(0, Cell("No workers yet.", "muted"))
    grid = Grid("Fleet", _COLUMNS, [_cells(row) for row in rows], notes)
    return Picture(grid.svg(), sentence(rows))


def _cells(row: Mapping[str, Any]) -> list[Cell]:
    kind = "process" if row["kind"] == "process" else "thread of the kernel"
    colour = _COLOURS.get(row["state"].split(" ", 1)[0], "ink")
    return [
        Cell(row["name"] if row["name"] == kind else f"{row['name']}\n{kind}", strong=False),
        Cell(row["queue"]),
        Cell("\n".join(name for _, name in row["runs"])),
        Cell(f"{row['symbol']} {row['state']}", colour, strong=True),
        Cell(row["load"] or "—", "ink" if row["load"] else "muted"),
        Cell("\n".join(row["cached"]) or "—", "ink" if row["cached"] else "muted"),
    ]
