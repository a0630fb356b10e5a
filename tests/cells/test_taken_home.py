"""Every lesson, and every exercise's solution, as a project whose own tests pass."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

from tests.cells.projects import notebook
from tutorial_lib import settings
from tutorial_lib.cells import export_project
from tutorial_lib.course.overview import exercises_of, lessons
from tutorial_lib.errors import ExportError

pytestmark = pytest.mark.slow
LESSONS = sorted((settings.CHECKOUT / "notebooks").glob("*.ipynb"))
# One of its workflows is broken on purpose, and the project's test finds that.
BROKEN = {"verdicts": "KeyError: 'bob'"}
EXERCISES = [(lesson, each.name) for lesson in lessons() for each in exercises_of(lesson)]


def own_tests(folder: pathlib.Path, address: str) -> subprocess.CompletedProcess[str]:
    """Runs a project's tests as somebody does who has only the project."""
    environment = {**os.environ, "TEMPORAL_ADDRESS": address}
    environment.pop("PYTHONPATH", None)
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:asyncio",
            f"--rootdir={folder}",
        ],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_taken_home_passes_its_own_tests(
    lesson: pathlib.Path, tmp_path: pathlib.Path, dev_server_address: str
) -> None:
    exported = export_project(lesson, tmp_path)
    assert not exported.notes
    done = own_tests(tmp_path, dev_server_address)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize(("lesson", "name"), EXERCISES, ids=lambda each: each)
def test_a_solution_taken_home_passes_its_own_tests(
    lesson: str, name: str, tmp_path: pathlib.Path, dev_server_address: str
) -> None:
    exercise = next(each for each in exercises_of(lesson) if each.name == name)
    path = notebook(tmp_path / f"{name}.ipynb", exercise.starter, exercise.solution_code)
    try:
        exported = export_project(path, tmp_path / "home")
    except ExportError as error:
        # Exercises about clients, commands and predictions have no workflow of their own.
        assert "defines no workflow" in str(error)  # noqa: PT017
        assert "@workflow.defn" not in exercise.starter + exercise.solution_code
        return
    done = own_tests(tmp_path / "home", dev_server_address)
    if refused := BROKEN.get(name):
        assert done.returncode == 1
        assert refused in done.stdout
        assert "1 failed, 1 passed" in done.stdout
        return
    assert done.returncode == 0, f"{exported.notes}\n{done.stdout[-3000:]}"
