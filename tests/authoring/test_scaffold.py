"""A lesson that the scaffold makes is whole: every check of the course passes at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.authoring.copies import author_in as author
from tests.authoring.copies import copy_course


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the course."""
    return copy_course(tmp_path / "course")


@pytest.mark.slow
@pytest.mark.timeout(600)  # a backstop: a whole lesson is made, run and checked
def test_a_new_lesson_is_green_at_once(checkout: Path):
    made = author(checkout, "new", "91", "Probes and so on")
    assert made.returncode == 0, made.stdout + made.stderr
    checked = author(checkout, "check", "91")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert checked.stdout.count("✓") == 3
    own = sorted(path.name for path in (checkout / "notebooks").glob("*.ipynb"))
    assert "91_probes_and_so_on.ipynb" in own
    assert (checkout / "tutorial_lib" / "course" / "notebooks.txt").read_text().split() == own
    files = [str(checkout / line.strip()) for line in made.stdout.splitlines() if line.endswith(".py")]
    for check in (["check"], ["format", "--check"]):
        linted = subprocess.run(
            [sys.executable, "-m", "ruff", *check, "--no-cache", *files],
            cwd=checkout,
            capture_output=True,
            text=True,
            check=False,
        )
        assert linted.returncode == 0, linted.stdout
    before = sorted((checkout / "notebooks").glob("*.ipynb"))[-2]
    looked = author(checkout, "check", before.name[:2], "--files-only")
    assert looked.returncode == 0, looked.stdout
    assert "00_start_here.ipynb: its table of exercises is renewed" in made.stdout
    table = author(checkout, "validate", "-q", "-p", "no:cacheprovider", "notebooks/00_start_here.ipynb")
    assert table.returncode == 0, table.stdout
    again = author(checkout, "new", "91", "Probes and so on")
    assert again.returncode == 1
    assert "lesson 91 is there already" in again.stderr
    text = author(checkout, "text", "91").stdout
    (checkout / "91.py").write_text(text, encoding="utf-8")
    assert "unchanged" in author(checkout, "build", "91.py", "91").stdout


@pytest.mark.parametrize("number", ["9", "abc", "123"])
def test_a_number_that_is_none_is_refused(checkout: Path, number: str):
    refused = author(checkout, "new", number, "Title")
    assert refused.returncode == 1
    assert "two digits and some words" in refused.stderr
