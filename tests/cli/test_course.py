"""How the command finds lessons, and what it says when it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Tutorial, copies_of, write_notebook
from tests.support.running_lab import OWN
from tutorial_lib import settings
from tutorial_lib.cli import course as module
from tutorial_lib.cli.course import NotebookNotFoundError, find_course, find_notebooks
from tutorial_lib.course.copies import make_copies


def test_lessons_are_found_from_a_folder_below(course: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(course / "notebooks")
    found = find_course()
    assert found.root == course.resolve()
    assert [path.name for path in found.lessons] == ["00_start_here.ipynb", "01_core_concepts.ipynb"]


@pytest.mark.parametrize("name", ["01", "01_core_concepts", "01_core_concepts.ipynb"])
def test_a_lesson_is_named_by_its_number_or_name(name: str, course: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(course)
    assert [path.name for path in find_notebooks([Path(name)])] == ["01_core_concepts.ipynb"]


def test_a_file_goes_before_a_lesson(course: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(course)
    own = write_notebook(course / "01", "1")
    assert find_notebooks([Path("01")]) == [own.resolve()]


def test_an_unknown_notebook_is_answered_with_the_lessons(course: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(course)
    with pytest.raises(NotebookNotFoundError, match="00_start_here, 01_core_concepts"):
        find_notebooks([Path("42")])


def test_a_notebook_outside_of_ones_folder_cannot_be_opened(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(course)
    with pytest.raises(NotebookNotFoundError, match=f"is outside of your folder {course / OWN}\n  → copy it"):
        find_course().relative(write_notebook(tmp_path / "elsewhere.ipynb", "1"))


def test_a_number_means_ones_own_copy_and_a_path_that_file(course: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(course)
    lesson = course / "notebooks" / "01_core_concepts.ipynb"
    assert find_notebooks([Path("01")]) == [lesson]  # nothing is copied for a command that only reads
    assert not (course / OWN).exists()
    own = copies_of(course)
    write_notebook(own / "shop.ipynb", "1")
    assert find_notebooks([Path("01"), Path("shop"), Path("notebooks/01_core_concepts.ipynb")]) == [
        own / "01_core_concepts.ipynb",
        own / "shop.ipynb",
        lesson,
    ]


@pytest.mark.parametrize("place", [".", "notebooks", OWN, f"{OWN}/below"])
def test_ones_own_folder_is_the_checkouts_wherever_one_is_in_it(
    place: str, course: Path, monkeypatch: pytest.MonkeyPatch
):
    (copies_of(course) / "below").mkdir()
    monkeypatch.chdir(course / place)
    assert find_course().own == course / OWN


def test_without_a_checkout_ones_own_folder_is_in_the_current_one(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    package = tmp_path / "lib" / "tutorial_lib"  # as the wheel has it
    (course / "notebooks").rename(tmp_path / "notebooks of the wheel")
    package.mkdir(parents=True)
    (tmp_path / "notebooks of the wheel").rename(package / "notebooks")
    monkeypatch.setattr(settings, "PACKAGE", package)
    monkeypatch.setattr(settings, "CHECKOUT", package.parent)
    # Somebody else's `notebooks` are no lessons.
    write_notebook(tmp_path / "work" / "notebooks" / "01_analysis.ipynb", "1")
    monkeypatch.chdir(tmp_path / "work")
    found = find_course()
    assert [path.parent for path in found.lessons] == [package / "notebooks"] * 2
    assert found.own == tmp_path / "work" / "temporal-course"
    make_copies(found.own, found.lessons)
    monkeypatch.chdir(found.own)  # no folder in the folder
    assert find_course().own == found.own


def test_a_checkout_that_cannot_be_written_has_no_folder_of_ones_own(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(settings, "CHECKOUT", course)
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path / "home")
    assert find_course().own == course / OWN
    monkeypatch.setattr(os, "access", lambda path, _: path != course)  # the super-user may write anywhere
    assert find_course().own == tmp_path / "home" / "temporal-course"


def test_without_lessons_the_command_says_where_it_looked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(settings, "CHECKOUT", tmp_path / "lib" / "python")
    with pytest.raises(module.CourseNotFoundError) as caught:
        find_course()
    with pytest.raises(SystemExit) as ended:
        module.fail(caught.value)
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert str(tmp_path) in said
    assert "→ change into the folder that you cloned" in said


def test_help_answers_without_importing_what_is_heavy(tutorial: Tutorial):
    done = tutorial("--help", PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0
    for command in ("lab", "doctor", "server", "run", "export", "reset"):
        assert f" {command} " in done.stdout
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "typer" in imported
    assert imported.isdisjoint({"temporalio", "jupyterlab", "nbclient", "nbformat", "psutil"})


def test_the_command_is_installed_beside_python():
    command = Path(sys.executable).with_name("tutorial")
    done = subprocess.run([command, "server", "--help"], capture_output=True, text=True, check=True)
    assert "stop" in done.stdout


def test_python_m_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "tutorial_lib", "lab", "--help"], capture_output=True, text=True, check=True
    )
    assert "your own copy of a lesson" in " ".join(done.stdout.split()).lower()
