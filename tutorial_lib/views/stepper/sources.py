"""Which lines the stepper shows: whole cells, and of long files what is near the lines that ran."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tutorial_lib.replay.steps import Place, Recording, Step
from tutorial_lib.views.stepper.syntax import coloured

WHOLE = 400  # lines of a file that is shown from its first to its last
AROUND = 20  # lines shown before and after a line that ran, in a longer one


def files_of(recording: Recording) -> list[dict[str, Any]]:
    """The code of a recording.

    Returns:
        Per file, in the order of `Recording.sources`: "name", and "parts", pairs of a first line's number
        and the lines from there as coloured runs. What lies between two parts is not shown.
    """
    used: dict[str, set[int]] = {file: set() for file in recording.sources}
    for step in recording.steps:
        for file, line in _lines(step):
            if file in used:
                used[file].add(line)
    found = []
    for file, source in recording.sources.items():
        lines = coloured("\n".join(source.lines)) if source.lines else ()
        parts = [[first, list(lines[first - 1 : last])] for first, last in _spans(used[file], len(lines))]
        found.append({"name": source.label, "parts": parts, "lines": len(lines)})
    return found


def _lines(step: Step) -> Iterator[tuple[str, int]]:
    yield from ((line.file, line.line) for line in step.lines)
    frames = [frame.place for task in step.tasks for frame in task.frames]
    places: list[Place | None] = [*frames, *(each.place for each in step.commands), step.failed_at]
    for place in places:
        if place:
            yield place.file, place.line
            yield place.file, place.end


def _spans(used: set[int], total: int) -> list[tuple[int, int]]:
    """Pairs of a first and a last line to show."""
    if not total:
        return []
    if total <= WHOLE:
        return [(1, total)]
    spans: list[tuple[int, int]] = []
    for line in sorted(each for each in used if 0 < each <= total) or [1]:
        first, last = max(1, line - AROUND), min(total, line + AROUND)
        if spans and first <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], last)
        else:
            spans.append((first, last))
    return spans
