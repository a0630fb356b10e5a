"""House rules about a lesson's time: what it states is what its words, cells and tasks take."""

from __future__ import annotations

from collections.abc import Iterator

from nbformat import NotebookNode

from tutorial_lib.authoring.reading.minutes import (
    MOST_MINUTES,
    STATED,
    lesson_minutes,
    minutes_by_heading,
    minutes_by_scene,
)
from tutorial_lib.authoring.reading.scenes import late_headings
from tutorial_lib.authoring.style.finding import Finding

__all__ = ["time_findings"]

_SHOWN = 3  # scenes


def time_findings(notebook: NotebookNode) -> Iterator[Finding]:
    """Where the minutes of a lesson are not what they are to be.

    Args:
        notebook: The lesson.
    """
    minutes = lesson_minutes(notebook)
    stated = STATED.search(notebook.cells[0].source) if notebook.cells else None
    if stated is None:
        yield Finding(1, "time", f"the first cell does not say `**Time.** {minutes} minutes.`")
    elif int(stated[1]) != minutes:
        yield Finding(1, "time", f"the first cell states {stated[1]}, and it takes {minutes} minutes")
    for number, title in late_headings(notebook):
        message = f"{title!r} begins in the middle of a cell: its minutes and its slide have no place"
        yield Finding(number, "scenes", message, "begin a cell with it")
    yield from _scenes(notebook, minutes)
    if minutes > MOST_MINUTES:
        longest = sorted(minutes_by_scene(notebook), key=lambda scene: -scene.minutes)[:_SHOWN]
        parts = ", ".join(f"{scene.title or 'opening'!r} {scene.minutes:.1f}" for scene in longest)
        yield Finding(
            0,
            "long",
            f"it takes {minutes} minutes; at most {MOST_MINUTES}; the longest scenes: {parts}",
        )


def _scenes(notebook: NotebookNode, minutes: int) -> Iterator[Finding]:
    """Where the minutes of scenes, for instructors, are not those that build and refresh write."""
    cure = "`tutorial author minutes --write` writes them"
    wanted, stated = minutes_by_heading(notebook), 0.0
    for number, cell in enumerate(notebook.cells, start=1):
        takes, states = wanted.get(number), cell.metadata.get("course", {}).get("minutes")
        stated += states or 0
        if takes != states:
            is_to = "none is right" if takes is None else f"{takes:g} is right"
            said = "None" if states is None else f"{states:g}"
            yield Finding(number, "scenes", f"the heading's metadata state {said} minutes; {is_to}", cure)
    if stated != minutes:
        yield Finding(0, "scenes", f"the scenes state {stated:g} minutes in all; {minutes} is right", cure)
