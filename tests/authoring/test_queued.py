"""Each lesson with all cells sent at once, as JupyterLab's Run All sends them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.headless.run import run_notebook

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
# Run All of these is seen in JupyterLab itself: tests/browser.
IN_THE_BROWSER = {"00_start_here.ipynb", "05_starting_workflows.ipynb"}
LESSONS = sorted(path.name for path in FOLDER.glob("[0-9]*.ipynb") if path.name not in IN_THE_BROWSER)


def test_there_are_lessons():
    assert all((FOLDER / name).exists() for name in IN_THE_BROWSER)
    assert "03_namespaces_and_task_queues.ipynb" in LESSONS


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_cell_ends_and_none_fails(lesson):
    result = run_notebook(FOLDER / lesson, queued=True, timeout=60)
    assert result.ok, result.error
    assert result.unfinished == ()
    assert all(cell.execution_count for cell in committed_form.code_cells(result.notebook))
