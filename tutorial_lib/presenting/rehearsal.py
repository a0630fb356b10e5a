"""A rehearsal: the lesson runs headless, and each scene's machine time is held against its minutes."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.headless.run import CellError, run_notebook
from tutorial_lib.presenting.sheet import PresentedScene, run_sheet

__all__ = ["Rehearsal", "RehearsedScene", "rehearse"]

_MUCH = 0.25  # of a scene's minutes: then the machine sets the pace, not the instructor


@dataclass(frozen=True)
class RehearsedScene:
    """A scene, and how long the machine worked for it.

    Attributes:
        scene: Of the run sheet.
        seconds: From the start of its first code cell to the end of its last.
    """

    scene: PresentedScene
    seconds: float

    @property
    def eats(self) -> bool:
        """Indicates that the machine takes more than a quarter of the minutes that the scene states."""
        return self.scene.minutes is not None and self.seconds > _MUCH * 60 * self.scene.minutes


@dataclass(frozen=True)
class Rehearsal:
    """What became of a rehearsal.

    Attributes:
        scenes: in order, as far as the run got.
        error: What ended it early; None if nothing did.
    """

    scenes: list[RehearsedScene]
    error: CellError | None


def rehearse(notebook: Path, on_cell: Callable[[int, int], None] | None = None) -> Rehearsal:
    """Runs a notebook headless, one cell after the other, with a clock.

    Args:
        notebook: The lesson; the file stays as it is.
        on_cell: Called with (finished, total) numbers of code cells.
    """
    ends: list[float] = []

    def note(done: int, total: int) -> None:
        ends.append(time.perf_counter())
        if on_cell is not None:
            on_cell(done, total)

    read = committed_form.read(notebook)
    result = run_notebook(notebook, on_cell=note)
    spent = [end - begin for begin, end in itertools.pairwise(ends)]
    ids = [cell.id for cell in committed_form.code_cells(read)]
    by_cell = dict(zip(ids, spent, strict=False))
    scenes = [
        RehearsedScene(scene, sum(by_cell.get(cell, 0) for cell in scene.cells)) for scene in run_sheet(read)
    ]
    return Rehearsal(scenes, result.error)
