"""House rules about a lesson's time: what it states is what its words, cells and tasks take."""

from __future__ import annotations

from collections.abc import Iterator

from nbformat import NotebookNode

from tutorial_lib.authoring.reading.minutes import MOST_MINUTES, STATED, lesson_minutes, minutes_by_scene
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
    if minutes > MOST_MINUTES:
        longest = sorted(minutes_by_scene(notebook), key=lambda scene: -scene.minutes)[:_SHOWN]
        parts = ", ".join(f"{scene.title or 'opening'!r} {scene.minutes:.1f}" for scene in longest)
        yield Finding(
            0,
            "long",
            f"it takes {minutes} minutes; at most {MOST_MINUTES}; the longest scenes: {parts}",
        )
