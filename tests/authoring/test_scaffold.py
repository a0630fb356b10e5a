"""A lesson that the scaffold makes is whole: all checks pass at once, but for words yet to be written."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.authoring.copies import author_in as author
from tests.authoring.copies import copy_course
from tutorial_lib.authoring import committed_form, scaffold
from tutorial_lib.authoring.checks.placeholders import PLACEHOLDERS, ROW_PLACEHOLDERS
from tutorial_lib.authoring.lesson_files import LessonFiles
from tutorial_lib.authoring.scaffold import _TEMPLATES as TEMPLATES
from tutorial_lib.authoring.text_form import text_to_notebook


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
    assert checked.returncode == 1, "nobody has written its words yet"
    found = [line for line in checked.stdout.splitlines() if line.startswith("✗")]
    left = [f"{words!r} is left to be written" for words in (*PLACEHOLDERS, ROW_PLACEHOLDERS[0])]
    assert sorted(line.partition("] ")[2] for line in found) == sorted(left)
    assert checked.stdout.count("✓") == 3, checked.stdout
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
    again = author(checkout, "new", "91", "Probes and so on")
    assert again.returncode == 1
    assert "lesson 91 is there already" in again.stderr
    text = author(checkout, "text", "91").stdout
    (checkout / "91.py").write_text(text, encoding="utf-8")
    assert "unchanged" in author(checkout, "build", "91.py", "91").stdout


def test_each_placeholder_is_a_line_of_the_template():
    template = (TEMPLATES / "notebook.py.txt").read_text(encoding="utf-8")
    assert [words for words in PLACEHOLDERS if words not in template] == []


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Notebooks of a small course; returns what the scaffold has a new lesson and the one before say."""

    def say(number: str, title: str, words: str, following: str = "") -> tuple[str, str]:
        folder = tmp_path / "notebooks"
        folder.mkdir()
        text = f'# %% [markdown]\n"""\n## Remember\n\n{words}\n"""\n'
        for name in filter(None, ("07_determinism.ipynb", following)):
            (folder / name).write_text(committed_form.dump(text_to_notebook(text)), encoding="utf-8")
        monkeypatch.setattr("tutorial_lib.settings.CHECKOUT", tmp_path)
        lesson = LessonFiles(tmp_path, folder / f"{number}_new.ipynb")
        mine, before = scaffold._neighbours(lesson, title)
        lesson.notebook.write_text(committed_form.dump(text_to_notebook(text)), encoding="utf-8")
        scaffold._link_here(lesson, before)
        assert before in LessonFiles(tmp_path, folder / "07_determinism.ipynb").last_words()
        return mine["next"], before

    return say


def test_what_was_promised_of_a_lesson_is_said_of_it(course):
    mine, before = course("08", "Retries", r"Next: 08 Retries and failures, where \1 things go wrong.")
    assert before == r"Next: [08 Retries](08_new.ipynb), where \1 things go wrong."
    assert mine == "Next: more is to come."


def test_what_was_promised_of_another_lesson_is_kept(course):
    _, before = course("90", "Probes", "**Next:** 08 Retries and failures, where things go wrong.")
    assert before == "Next: [90 Probes](90_new.ipynb). Later: 08 Retries and failures, where things go wrong."


def test_a_title_with_commas_is_linked_whole(course):
    said = "Next: 08 Cancel, terminate, reset, and what each leaves."
    _, before = course("08", "Cancel, terminate, reset", said)
    assert before == "Next: [08 Cancel, terminate, reset](08_new.ipynb), and what each leaves."


def test_what_was_said_of_the_lesson_behind_is_said_in_the_new_one(course):
    said = "Next: [09 Timers](09_timers.ipynb), where time is skipped."
    mine, before = course("08", "Retries", said, "09_timers.ipynb")
    assert (mine, before) == (said, "Next: [08 Retries](08_new.ipynb).")


@pytest.mark.parametrize("number", ["9", "abc", "123"])
def test_a_number_that_is_none_is_refused(checkout: Path, number: str):
    refused = author(checkout, "new", number, "Title")
    assert refused.returncode == 1
    assert "two digits and some words" in refused.stderr
