"""`tutorial reset`: says what goes, asks, and takes that and nothing else."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import ListNamespacesRequest, RegisterNamespaceRequest
from temporalio.client import Client

from tests.cli.conftest import Tutorial, copies_of, in_own_folder, write_notebook
from tests.support.running_lab import OWN, clean_environment
from tutorial_lib.course.copies import copy_bytes
from tutorial_lib.course.notebooks import notebooks
from tutorial_lib.disk.folders import MARK, within
from tutorial_lib.exercises.progress import Progress
from tutorial_lib.stage.namespaces import make_namespace
from tutorial_lib.stage.server.keeper import GRACE
from tutorial_lib.stage.server.shared import find_server, hold_server


def give_output(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].outputs = [nbformat.v4.new_output("stream", text="42\n")]
    notebook.cells[0].execution_count = 1
    nbformat.write(notebook, path)


@pytest.fixture
def lesson(course: Path) -> Path:
    """A learner's copy, with an output."""
    path = copies_of(course) / "00_start_here.ipynb"
    give_output(path)
    return path


def test_a_clean_course_has_nothing_to_reset(tutorial: Tutorial):
    done = tutorial("reset")
    assert done.returncode == 0
    assert "Nothing to reset" in done.stdout


def test_outputs_and_progress_go_and_a_learners_cells_stay(
    tutorial: Tutorial, course: Path, lesson: Path, state_dir: Path
):
    other = course / OWN / "01_core_concepts.ipynb"
    untouched, lessons = other.read_bytes(), contents(course / "notebooks")
    state_dir.mkdir()
    (state_dir / "progress.json").write_text("{}")
    (state_dir / "jupyter").mkdir()
    (state_dir / "mine.db").touch()
    Progress("ada", state_dir / "progress").note("lesson-01/greeting", solved=True)
    done = tutorial("reset", "--yes")
    assert done.returncode == 0, done.stderr
    assert "clear     outputs of my-course/00_start_here.ipynb" in done.stdout
    assert "progress.json" in done.stdout
    assert not Progress("ada", state_dir / "progress").solved("lesson-01/greeting")
    [first, second] = nbformat.read(lesson, as_version=4).cells
    assert (first.source, first.outputs, first.execution_count) == ("6 * 7", [], None)
    assert second.source == "print('hello')"
    assert other.read_bytes() == untouched
    assert contents(course / "notebooks") == lessons
    assert {path.name for path in state_dir.iterdir()} == {"mine.db", MARK}


def test_no_is_an_answer(tutorial: Tutorial, lesson: Path):
    before = lesson.read_bytes()
    done = tutorial("reset", stdin="n\n")
    assert done.returncode == 1
    assert "clear     outputs of my-course/00_start_here.ipynb" in done.stdout
    assert lesson.read_bytes() == before


async def test_the_lessons_namespaces_go_and_the_server_stays(tutorial: Tutorial, state_dir: Path):
    tutorial("server", "start")
    info = find_server(state_dir)
    assert info is not None
    client = await Client.connect(info.address)
    await make_namespace(client, "lesson-00")
    await make_namespace(client, "exercises-2")
    await make_namespace(client, "mine")
    await make_namespace(client, "lesson-plans")
    tutorial_namespace = "lesson-07"  # of the learner's own making
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(
            namespace=tutorial_namespace, workflow_execution_retention_period=Duration(seconds=86400)
        )
    )
    done = tutorial("reset", "--yes")
    assert done.returncode == 0, done.stderr
    assert "delete    namespace lesson-00 with its workflow executions" in done.stdout
    answer = await client.workflow_service.list_namespaces(ListNamespacesRequest())
    names = {described.namespace_info.name for described in answer.namespaces}
    assert not {"lesson-00", "exercises-2"} & names
    assert {"mine", "default", "lesson-plans", tutorial_namespace} <= names
    assert find_server(state_dir) == info
    await make_namespace(client, "lesson-00")  # the name can be used again at once


async def test_the_server_stays_while_somebody_thinks_about_the_question(
    course: Path, state_dir: Path, tmp_path: Path
):
    with hold_server(who="a notebook", state_dir=state_dir) as hold:
        client = await Client.connect(hold.info.address)
        await make_namespace(client, "lesson-00")
        (tmp_path / "home").mkdir()
        reset = subprocess.Popen(  # noqa: ASYNC220 - it begins at once
            [sys.executable, "-m", "tutorial_lib", "reset"],
            cwd=course,
            env=clean_environment(state_dir, tmp_path / "home"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert reset.stdin is not None
        assert reset.stdout is not None
        asked = b""
        while b"Do this?" not in asked:
            read = reset.stdout.read1()
            assert read, asked
            asked += read
    await asyncio.sleep(GRACE + 1)  # short: it may end later as well; nobody else uses the server any more
    said, _ = reset.communicate(b"y\n")
    assert b"Done." in said
    assert reset.returncode == 0


def test_a_fresh_copy_of_one_lesson_and_the_old_one_is_kept(tutorial: Tutorial, course: Path, lesson: Path):
    before, lessons = contents(course / OWN), contents(course / "notebooks")
    Progress("ada", state := course.parent / "state" / "progress").note("lesson-00/order", solved=True)
    assert tutorial("reset", "00", stdin="n\n").returncode == 1
    assert contents(course / OWN) == before
    done = tutorial("reset", "00", stdin="y\n")
    assert done.returncode == 0, done.stderr
    [kept] = set(contents(course / OWN)) - set(before)
    assert re.fullmatch(r"00_start_here-\d{4}-\d\d-\d\d-\d{6}\.ipynb", kept)
    listed = f"  renew     my-course/00_start_here.ipynb; your copy is kept as {kept}\n"
    assert done.stdout.startswith(f"{listed}Do this? [y/N]: Done.\n")
    assert "File > Reload Notebook from Disk" in done.stdout
    assert (course / OWN / kept).read_bytes() == before["00_start_here.ipynb"]
    assert lesson.read_bytes() == copy_bytes(course / "notebooks" / "00_start_here.ipynb")[0]
    assert {name: data for name, data in contents(course / OWN).items() if name[:2] == "01"} == {
        name: data for name, data in before.items() if name[:2] == "01"
    }
    assert contents(course / "notebooks") == lessons
    assert Progress("ada", state).solved("lesson-00/order"), "the lesson was asked for, and nothing else"
    assert "Nothing to reset: your copy is as the lesson is." in tutorial("reset", "00").stdout


@pytest.mark.parametrize(
    "named", ["00", "00_start_here", "notebooks/00_start_here.ipynb", "my-course/00_start_here.ipynb"]
)
def test_a_lesson_is_named_in_any_way(named: str, tutorial: Tutorial, lesson: Path):
    assert "renew     my-course/00_start_here.ipynb; " in tutorial("reset", named, "--yes").stdout


def test_several_lessons_and_those_without_a_copy(tutorial: Tutorial, course: Path, lesson: Path):
    (course / OWN / "01_core_concepts.ipynb").unlink()
    done = tutorial("reset", "01", "00", "01", "--yes")
    assert done.returncode == 0, done.stderr
    made, renewed, *_ = done.stdout.splitlines()
    assert made == "  make      my-course/01_core_concepts.ipynb"
    assert renewed.startswith("  renew     my-course/00_start_here.ipynb; ")
    assert (course / OWN / "01_core_concepts.ipynb").exists()


def test_what_is_no_lesson_is_answered_with_the_lessons(tutorial: Tutorial, lesson: Path):
    (lesson.parent / "shop.ipynb").write_bytes(lesson.read_bytes())
    for named in ("42", "my-course/shop.ipynb"):
        done = tutorial("reset", named, "--yes")
        assert done.returncode == 1
        assert f"'{named}' is no lesson of the course" in done.stderr
        assert "→ the lessons are: 00_start_here, 01_core_concepts" in done.stderr


def test_all_lessons_anew_with_all_else(tutorial: Tutorial, course: Path, lesson: Path, state_dir: Path):
    own = lesson.with_name("shop.ipynb")
    own.write_bytes(lesson.read_bytes())
    before = contents(course / OWN)
    Progress("ada", state_dir / "progress").note("lesson-01/greeting", solved=True)
    done = tutorial("reset", "--notebooks", stdin="y\n")
    assert done.returncode == 0, done.stderr
    assert "  renew     my-course/00_start_here.ipynb; your copy is kept as 00_start_here-" in done.stdout
    assert "01_core_concepts" not in done.stdout  # as it was made
    assert not Progress("ada", state_dir / "progress").solved("lesson-01/greeting")
    assert before.items() - contents(course / OWN).items() == {(lesson.name, before[lesson.name])}


def test_a_link_in_the_place_of_a_copy_is_kept_and_not_followed(
    tutorial: Tutorial, course: Path, tmp_path: Path
):
    linked = write_notebook(tmp_path / "linked.ipynb", "mine")
    give_output(linked)
    before = linked.read_bytes()
    in_own_folder(course, "00_start_here.ipynb").symlink_to(linked)
    assert "outputs" not in tutorial("reset", "--yes").stdout
    done = tutorial("reset", "00", "--yes")
    assert done.returncode == 0, done.stderr
    [kept] = (course / OWN).glob("00_start_here-*.ipynb")
    assert kept.readlink() == linked
    assert not (course / OWN / "00_start_here.ipynb").is_symlink()
    assert linked.read_bytes() == before


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.ipynb")}


def everything(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_the_list_of_lessons_is_whole():
    folder = Path(__file__).parents[2] / "notebooks"
    assert notebooks() == sorted(path.name for path in folder.glob("[0-9]*.ipynb"))


def test_a_folder_that_is_not_the_courses_loses_nothing(tutorial: Tutorial, course: Path, tmp_path: Path):
    home = tmp_path / "home"
    for name in (".ssh/id_ed25519", "labs/mine.txt", "jupyter/config.py", "progress/diary.txt", "thesis.txt"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("years of work")
    before = everything(home)
    for value in ("~", str(home)):
        done = tutorial("reset", "--yes", TUTORIAL_STATE_DIR=value)
        assert done.returncode == 1
        assert "holds other things than the course's state (.ssh, " in done.stderr
        assert "Traceback" not in done.stderr
    assert everything(home) == before


def test_a_learners_files_in_the_courses_folders_stay(tutorial: Tutorial, state_dir: Path, tmp_path: Path):
    tutorial("server", "status")  # makes the state folder
    lab = within(state_dir, "labs", "lesson-01")
    (lab / "ledger.txt").touch()
    (lab / "link").symlink_to(tmp_path)
    mine = ["labs/mine/notes.txt", "progress/diary.txt", "notes.txt", ".ssh/id", "bin/tool"]
    for name in mine:
        (state_dir / name).parent.mkdir(parents=True, exist_ok=True)
        (state_dir / name).touch()
    Progress("ada", state_dir / "progress").note("lesson-01/greeting", solved=True)
    done = tutorial("reset", "--yes")
    assert done.returncode == 0, done.stderr
    left = {path for path in everything(state_dir) if (state_dir / path).is_file() and MARK not in path}
    assert left == set(mine)
    assert not lab.exists()
    assert tmp_path.exists()


def test_a_link_is_not_followed(tutorial: Tutorial, course: Path, state_dir: Path, tmp_path: Path):
    tutorial("server", "status")
    kept = tmp_path / "kept"
    Progress("ada", kept).note("lesson-01/greeting", solved=True)
    within(kept, "lesson-01")
    (state_dir / "progress").symlink_to(kept)
    (state_dir / "labs").symlink_to(kept)
    in_own_folder(course, ".ipynb_checkpoints").symlink_to(kept)
    (kept / "00_start_here-checkpoint.ipynb").touch()
    before = everything(kept)
    assert "Nothing to reset" in tutorial("reset", "--yes").stdout
    assert everything(kept) == before


def test_a_learners_own_notebooks_keep_outputs_and_checkpoints(
    tutorial: Tutorial, course: Path, lesson: Path
):
    own = course / OWN / "01_analysis.ipynb"
    own.write_bytes(lesson.read_bytes())
    checkpoints = course / OWN / ".ipynb_checkpoints"
    checkpoints.mkdir()
    for name in ("01_analysis-checkpoint.ipynb", "00_start_here-checkpoint.ipynb"):
        (checkpoints / name).touch()
    before = own.read_bytes()
    done = tutorial("reset", "--yes")
    assert done.returncode == 0, done.stderr
    assert own.read_bytes() == before
    assert [path.name for path in checkpoints.iterdir()] == ["01_analysis-checkpoint.ipynb"]
    assert nbformat.read(lesson, as_version=4).cells[0].outputs == []


@pytest.mark.parametrize("text", ["", "<<<<<<< HEAD", "[]", '{"cells": 5, "nbformat": 4}', "[" * 100000])
def test_a_damaged_lesson_is_told_of_and_left_alone(tutorial: Tutorial, course: Path, text: str):
    path = in_own_folder(course, "00_start_here.ipynb")
    path.write_text(text)
    done = tutorial("reset", "--yes")
    assert done.returncode == 0, done.stderr
    assert "left alone: " in done.stderr
    assert "is not a notebook that can be read" in done.stderr
    assert "Traceback" not in done.stderr
    assert path.read_text() == text
