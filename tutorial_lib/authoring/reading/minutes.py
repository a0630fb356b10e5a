"""How many minutes a lesson takes, scene by scene, computed from what there is to read and to do.

The constants are calibrated on two lessons that were measured: a newcomer who knows Python needed 25 to 30
minutes for the first edition of lesson 00, and 45 to 50 for that of lesson 02.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from tutorial_lib.authoring.exercise_cells import part_of
from tutorial_lib.authoring.reading.prose import count_words
from tutorial_lib.authoring.reading.scenes import Piece, Scene, scenes_of

__all__ = [
    "MOST_MINUTES",
    "STATED",
    "SceneMinutes",
    "lesson_minutes",
    "minutes_by_heading",
    "minutes_by_scene",
]

MOST_MINUTES = 25  # of a lesson; a longer one is split or cut

# As the first cell states them.
STATED = re.compile(r"\*\*Time\.\*\* (\d+) minutes?\b")

WORDS_PER_MINUTE = 180  # technical prose; 200 is light reading, and half of these sentences are about code
SECONDS = {
    # A line of code that was not there before: read once, understood well enough to run it.
    "lines": 4.0,
    # A line of an exercise's starter: read twice, as something is to be written between them.
    "starter lines": 8.0,
    # Pressing Shift+Enter, seeing it done, finding where the eyes go.
    "cells": 4.0,
    # A line that a cell printed: compared with what was expected. A picture counts as PICTURE_LINES.
    "printed": 5.0,
    # Understanding the task, thinking, running the check, reading what it says; the rest is in its lines.
    "exercises": 60.0,
    # Reading the question, choosing, and comparing afterwards.
    "predictions": 30.0,
    "quiz questions": 20.0,
    # Scrolling back, editing, running on, looking, unfolding the answer.
    "try its": 120.0,
    # As the cell's metadata have it.
    "waits": 1.0,
}
QUESTIONS = 3  # of a quiz
PICTURE_LINES = 5

# Where a lesson leads on: read when it is over, and written anew when a lesson comes behind it.
_NEXT = re.compile(r"^Next: .*$", re.MULTILINE)
_TRY_IT = re.compile(r"\*\*Try it[.:]\*\*")
_PREDICTION = re.compile(r"\blab\.predict\(")
_BRACKETS = re.compile(r"[)\]}, ]*")  # a line of nothing but brackets says nothing


@dataclass(frozen=True)
class SceneMinutes:
    """How long one scene takes, and what there is in it.

    Attributes:
        title: Its heading; "" for the opening.
        cell: Number of the cell that has the heading, from 1.
        words: Words of prose.
        counts: How many there are of each kind in `SECONDS`; of "waits" the seconds.
    """

    title: str
    cell: int
    words: int
    counts: dict[str, float]

    @property
    def minutes(self) -> float:
        """Minutes, not rounded."""
        seconds = sum(SECONDS[kind] * count for kind, count in self.counts.items())
        return self.words / WORDS_PER_MINUTE + seconds / 60


def minutes_by_scene(notebook: NotebookNode) -> list[SceneMinutes]:
    """How long each scene of a lesson takes.

    Args:
        notebook: The lesson, with its outputs; what was not run is taken to print nothing.
    """
    reader = _Reader()
    return [reader.read(scene) for scene in scenes_of(notebook)]


def lesson_minutes(notebook: NotebookNode) -> int:
    """How many full minutes a lesson takes, rounded up: what its first cell is to state.

    Args:
        notebook: The lesson, with its outputs.
    """
    return math.ceil(round(sum(scene.minutes for scene in minutes_by_scene(notebook)), 6))


def minutes_by_heading(notebook: NotebookNode) -> dict[int, float]:
    """What the metadata of the cells with a scene's or an exercise's heading are to state.

    Args:
        notebook: The lesson, with its outputs.

    Returns:
        Minutes, in halves, by the cell's number, from 1; the title's are those of the opening. Their sum is
        what the first cell states.
    """
    reader = _Reader()
    exact: dict[int, float] = {}
    for scene in scenes_of(notebook, parts=True):
        exact[scene.cell] = exact.get(scene.cell, 0) + reader.read(scene).minutes
    halves = {cell: max(1, math.floor(2 * minutes)) for cell, minutes in exact.items()}
    wanted = 2 * math.ceil(round(sum(exact.values()), 6))
    while halves and (missing := wanted - sum(halves.values())):
        step = 1 if missing > 0 else -1  # to those that are furthest from what they take
        able = [cell for cell in halves if halves[cell] + step > 0] or list(halves)
        cell = max(able, key=lambda cell: step * (2 * exact[cell] - halves[cell]))
        halves[cell] += step
    return {cell: half / 2 for cell, half in halves.items()}


class _Reader:
    """Somebody who reads from the top: lines of code met before are known, the setup cell from the start."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.has_set_up = False

    def read(self, scene: Scene) -> SceneMinutes:
        words, counts = 0, dict.fromkeys(SECONDS, 0.0)
        for piece in scene.pieces:
            if piece.cell.cell_type == "code":
                for kind, count in self.code(piece):
                    counts[kind] += count
            else:
                words += count_words(_NEXT.sub("", piece.source))
                counts["try its"] += len(_TRY_IT.findall(piece.source))
        return SceneMinutes(scene.title, scene.cell, words, counts)

    def code(self, piece: Piece) -> Iterator[tuple[str, float]]:
        cell = piece.cell
        lines = [line.strip() for line in cell.source.splitlines()]
        lines = [line for line in lines if not _BRACKETS.fullmatch(line)]
        new = [line for line in dict.fromkeys(lines) if line not in self.known]
        self.known.update(lines)
        is_starter = (part_of(cell) or ("", ""))[1] == "starter"
        yield "cells", 1
        yield "exercises", int(is_starter)
        yield "predictions", len(_PREDICTION.findall(cell.source))
        yield "quiz questions", QUESTIONS * (cell.source.strip() == "ex.quiz")
        yield "waits", float(cell.metadata.get("course", {}).get("wait", 0))
        yield "printed", sum(map(_printed_lines, cell.outputs))
        if is_starter:
            yield "starter lines", len(lines)
        elif self.has_set_up and not cell.metadata.get("jupyter", {}).get("source_hidden"):
            yield "lines", len(new)
        self.has_set_up = True


def _printed_lines(output: NotebookNode) -> int:
    if output.output_type == "stream":
        return len([line for line in output.text.splitlines() if line.strip()])
    if output.output_type == "error":
        return 1
    if "data:image" in output.data.get("text/html", ""):
        return PICTURE_LINES
    return 0 if "text/html" in output.data else len(output.data.get("text/plain", "").splitlines())
