"""Folders of the course: this user's alone, marked, and the only ones that are emptied."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.support.workflows import Greeting, greet
from tutorial_lib import open_lab
from tutorial_lib.disk import folders
from tutorial_lib.errors import FolderError

SOURCES = Path(folders.__file__).parents[1]


def mode(path: Path) -> int:
    """Permissions of a folder."""
    return path.stat().st_mode & 0o777


def test_one_module_alone_removes_folders():
    found = {
        path.relative_to(SOURCES).as_posix()
        for path in SOURCES.rglob("*.py")
        if re.search(r"\brmtree\(", path.read_text(encoding="utf-8"))
    }
    assert found == {"disk/folders.py"}


def test_what_the_course_did_not_make_is_not_removed(tmp_path: Path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "text.txt").touch()
    with pytest.raises(FolderError, match="mine is not removed: the course did not make it"):
        folders.remove(tmp_path / "mine")
    with pytest.raises(FolderError, match="mine is in the way: the course did not make it"):
        folders.within(tmp_path, "mine")
    folders.remove(tmp_path / "nowhere")
    assert (tmp_path / "mine" / "text.txt").exists()


def test_links_in_a_folder_go_and_what_they_lead_to_stays(tmp_path: Path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "text.txt").touch()
    own = folders.within(tmp_path, "labs", "lesson-03")
    assert mode(own) == mode(own.parent) == 0o700
    (own / "link").symlink_to(tmp_path / "mine")
    folders.remove(own)
    assert not own.exists()
    assert (tmp_path / "mine" / "text.txt").exists()
    own.symlink_to(tmp_path / "mine")
    with pytest.raises(FolderError, match="lesson-03 is a link, and the course does not follow it"):
        folders.within(tmp_path, "labs", "lesson-03")
    folders.mark(tmp_path / "mine")
    with pytest.raises(FolderError, match="is not removed"):
        folders.remove(own)


async def test_a_lab_is_opened_anew_in_a_folder_of_its_own(own_state: Path, tmp_path: Path):
    lab = await open_lab("my.lab")
    assert lab.folder == own_state / "labs" / "my.lab"
    (lab.folder / "ledger.txt").touch()
    (lab.folder / "link").symlink_to(tmp_path)
    again = await open_lab("my.lab")
    assert not (again.folder / "ledger.txt").exists()
    assert tmp_path.exists()
    worker = again.spawn_worker(task_queue="q", workflows=[Greeting], activities=[greet])
    assert worker.alive
    again.close()
    mine = own_state / "labs" / "mine"
    mine.mkdir()
    (mine / "notes.txt").touch()
    with pytest.raises(FolderError, match="mine is in the way: the course did not make it"):
        await open_lab("mine")
    assert (mine / "notes.txt").exists()


def test_a_file_of_somebody_else_is_not_read(foreign: Path, tmp_path: Path):
    with pytest.raises(FolderError, match=r"belongs to .*uid \d+"):
        folders.read_own(foreign)
    (tmp_path / "text").write_text("hello")
    (tmp_path / "link").symlink_to(tmp_path / "text")
    assert folders.read_own(tmp_path / "text") == "hello"
    with pytest.raises(FolderError, match="is a link"):
        folders.read_own(tmp_path / "link")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FolderError, match="pipe is not a file"):
        folders.read_own(tmp_path / "pipe")
