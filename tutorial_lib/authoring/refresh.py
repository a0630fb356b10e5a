"""Re-executes notebooks and renews their committed outputs (`make refresh`).

A change that strict nbval would notice is shown and refused until `--accept` is given.
What nbval forgives (addresses, run ids, pictures' bytes, cells it is told to ignore) stays as
committed, so that a refresh without news changes no file.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.cell_marks import is_ignored
from tutorial_lib.authoring.headless.run import RunResult, run_notebook
from tutorial_lib.authoring.reading.stated import state_minutes
from tutorial_lib.authoring.sanitize import Rule, compare, load_rules

__all__ = ["CellChange", "Refreshed", "merge", "refresh"]


@dataclass(frozen=True)
class CellChange:
    """A code cell whose output is not what was committed.

    Attributes:
        cell: Number of the code cell, from 1.
        diff: Lines of a unified diff, committed against new.
    """

    cell: int
    diff: list[str]


@dataclass(frozen=True)
class Refreshed:
    """What a refresh found and did.

    Attributes:
        run: The run it rests on.
        changes: Outputs that differ in more than strict nbval forgives.
        written: Whether the file was changed.
    """

    run: RunResult
    changes: list[CellChange]
    written: bool


def merge(
    committed: NotebookNode, fresh: NotebookNode, rules: Sequence[Rule]
) -> tuple[NotebookNode, list[CellChange]]:
    """The notebook to commit, and the cells that differ in more than the rules forgive.

    Both must have the same cells. Where a cell differs in nothing that is compared, its committed
    outputs are kept to the letter. A cell that was never executed has nothing to differ from.
    """
    committed, merged = committed_form.normalise(committed), committed_form.normalise(copy.deepcopy(fresh))
    changes = []
    pairs = zip(committed_form.code_cells(committed), committed_form.code_cells(merged), strict=True)
    for number, (old, new) in enumerate(pairs, start=1):
        if old.execution_count is None:
            continue
        diff = [] if is_ignored(old) else compare(old.outputs, new.outputs, rules)
        if diff:
            changes.append(CellChange(number, diff))
        else:
            new.outputs = old.outputs
    return committed_form.normalise(merged), changes


def refresh(path: Path, *, accept: bool = False, timeout: float = 60.0) -> Refreshed:
    """Runs one notebook and writes its outputs, unless they changed and `accept` is not given.

    Args:
        path: The notebook.
        accept: Write changed outputs too, those of ignored cells included.
        timeout: Seconds that one cell may take.
    """
    committed = committed_form.read(path)
    run = run_notebook(path, timeout=timeout)
    if not run.ok:
        return Refreshed(run, [], written=False)
    merged, changes = merge(committed, run.notebook, load_rules())
    if changes and not accept:
        return Refreshed(run, changes, written=False)
    state_minutes(merged)
    return Refreshed(run, changes, written=committed_form.write(merged, path))
