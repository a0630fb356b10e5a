"""How the command finds lessons, and what it says when it does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Tutorial, write_notebook
from tutorial_lib import settings
from tutorial_lib.cli import course as module
from tutorial_lib.cli.course import NotebookNotFoundError, find_course, find_notebooks


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


def test_a_notebook_outside_of_the_course_cannot_be_opened(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(course)
    with pytest.raises(NotebookNotFoundError, match="outside"):
        find_course().relative(write_notebook(tmp_path / "elsewhere.ipynb", "1"))


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
