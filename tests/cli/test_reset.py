"""`tutorial reset`: says what goes, asks, and takes that and nothing else."""

from __future__ import annotations

import subprocess
from pathlib import Path

import nbformat
import pytest
from temporalio.api.workflowservice.v1 import ListNamespacesRequest
from temporalio.client import Client

from tests.cli.conftest import Tutorial
from tutorial_lib.exercises.progress import Progress
from tutorial_lib.stage.namespaces import make_namespace
from tutorial_lib.stage.shared import find_server


def give_output(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].outputs = [nbformat.v4.new_output("stream", text="42\n")]
    notebook.cells[0].execution_count = 1
    nbformat.write(notebook, path)


@pytest.fixture
def lesson(course: Path) -> Path:
    path = course / "notebooks" / "00_start_here.ipynb"
    give_output(path)
    return path


def test_a_clean_course_has_nothing_to_reset(tutorial: Tutorial):
    done = tutorial("reset")
    assert done.returncode == 0
    assert "Nothing to reset" in done.stdout


def test_outputs_and_progress_go_and_a_learners_cells_stay(
    tutorial: Tutorial, course: Path, lesson: Path, state_dir: Path
):
    other = course / "notebooks" / "01_first_workflow.ipynb"
    untouched = other.read_bytes()
    state_dir.mkdir()
    (state_dir / "progress.json").write_text("{}")
    (state_dir / "jupyter").mkdir()
    (state_dir / "mine.db").touch()
    Progress("ada", state_dir / "progress").note("lesson-01/greeting", solved=True)
    done = tutorial("reset", "--yes")
    assert done.returncode == 0, done.stderr
    assert "clear     outputs of notebooks/00_start_here.ipynb" in done.stdout
    assert "progress.json" in done.stdout
    assert not Progress("ada", state_dir / "progress").solved("lesson-01/greeting")
    [first, second] = nbformat.read(lesson, as_version=4).cells
    assert (first.source, first.outputs, first.execution_count) == ("6 * 7", [], None)
    assert second.source == "print('hello')"
    assert other.read_bytes() == untouched
    assert [path.name for path in state_dir.iterdir()] == ["mine.db"]


def test_no_is_an_answer(tutorial: Tutorial, lesson: Path):
    before = lesson.read_bytes()
    done = tutorial("reset", stdin="n\n")
    assert done.returncode == 1
    assert "clear     outputs of notebooks/00_start_here.ipynb" in done.stdout
    assert lesson.read_bytes() == before


async def test_the_lessons_namespaces_go_and_the_server_stays(tutorial: Tutorial, state_dir: Path):
    tutorial("server", "start")
    info = find_server(state_dir)
    assert info is not None
    client = await Client.connect(info.address)
    await make_namespace(client, "lesson-00")
    await make_namespace(client, "exercises-2")
    await make_namespace(client, "mine")
    done = tutorial("reset", "--yes")
    assert done.returncode == 0, done.stderr
    assert "delete    namespace lesson-00 with its workflow executions" in done.stdout
    answer = await client.workflow_service.list_namespaces(ListNamespacesRequest())
    names = {described.namespace_info.name for described in answer.namespaces}
    assert not {"lesson-00", "exercises-2"} & names
    assert {"mine", "default"} <= names
    assert find_server(state_dir) == info
    await make_namespace(client, "lesson-00")  # the name can be used again at once


def git(course: Path, *arguments: str) -> None:
    who = ["-c", "user.name=A Learner", "-c", "user.email=learner@localhost"]
    subprocess.run(["git", *who, *arguments], cwd=course, check=True, capture_output=True)


def test_with_git_the_lessons_come_back_as_committed(tutorial: Tutorial, course: Path):
    git(course, "init", "-q")
    git(course, "add", ".")
    git(course, "commit", "-q", "-m", "lessons")
    lesson, deleted = sorted(course.glob("notebooks/*.ipynb"))
    committed = lesson.read_bytes()
    give_output(lesson)
    deleted.unlink()
    own = course / "notebooks" / "mine.ipynb"
    own.write_bytes(committed)
    done = tutorial("reset", "--notebooks", stdin="y\n")
    assert done.returncode == 0, done.stderr
    assert (
        "restore   notebooks/00_start_here.ipynb as committed; changes to its cells are lost" in done.stdout
    )
    assert lesson.read_bytes() == committed
    assert deleted.exists()
    assert own.exists()


def test_without_git_the_lessons_cannot_come_back_and_nothing_is_touched(tutorial: Tutorial, lesson: Path):
    before = lesson.read_bytes()
    done = tutorial("reset", "--notebooks", "--yes", GIT_CEILING_DIRECTORIES=str(lesson.parents[1].parent))
    assert done.returncode == 1
    assert "git cannot restore the lessons" in done.stderr
    assert lesson.read_bytes() == before
