"""`tutorial run`: notebooks from a terminal, each with its result and time."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cli.conftest import Tutorial, copies_of, write_notebook


def test_notebooks_run_and_stay_as_they_are(tutorial: Tutorial, course: Path):
    files = sorted(course.glob("notebooks/*.ipynb"))
    before = [path.read_bytes() for path in files]
    done = tutorial("run", "00", "notebooks/01_core_concepts.ipynb")
    assert done.returncode == 0, done.stderr
    assert re.search(r"✓ ran +\d+\.\d s  00_start_here.ipynb \(2 cells\)", done.stdout)
    assert re.search(r"✓ ran +\d+\.\d s  01_core_concepts.ipynb \(2 cells\)", done.stdout)
    assert "2 of 2 notebooks ran to the end" in done.stdout
    assert [path.read_bytes() for path in files] == before


def test_a_failing_cell_is_shown_and_the_others_still_run(tutorial: Tutorial, course: Path):
    write_notebook(course / "notebooks" / "02_broken.ipynb", "a = 1", "a / 0  # [a comment]", "never = 1")
    done = tutorial("run", "02", "00")
    assert done.returncode == 1
    assert re.search(r"✗ failed +\d+\.\d s  02_broken.ipynb, cell 2:", done.stdout)
    assert "│ a / 0  # [a comment]" in done.stdout
    assert "ZeroDivisionError: division by zero" in done.stdout
    assert "00_start_here.ipynb (2 cells)" in done.stdout
    assert "1 of 2 notebooks ran to the end" in done.stdout


def test_all_cells_at_once_as_jupyterlab_sends_them(tutorial: Tutorial):
    done = tutorial("run", "--queued", "00")
    assert done.returncode == 0, done.stdout


def test_a_cell_that_takes_too_long_ends_the_run(tutorial: Tutorial, course: Path):
    write_notebook(course / "notebooks" / "02_slow.ipynb", "import time; time.sleep(60)")
    done = tutorial("run", "02", "--timeout", "1")
    assert done.returncode == 1
    assert "not finished after 1 s" in done.stdout


def test_a_number_runs_the_copy_and_a_path_the_lesson(tutorial: Tutorial, course: Path):
    copy = write_notebook(copies_of(course) / "00_start_here.ipynb", "mine / 0")
    before = copy.read_bytes()
    assert "│ mine / 0" in tutorial("run", "00").stdout
    assert tutorial("run", "notebooks/00_start_here.ipynb").returncode == 0
    assert "1 of 2 notebooks ran to the end" in tutorial("run").stdout
    assert copy.read_bytes() == before
