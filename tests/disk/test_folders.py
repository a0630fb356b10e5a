"""Folders of the course: this user's alone, marked, and the only ones that are emptied."""

from __future__ import annotations

import os
import re
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.workflows import Greeting, greet
from tutorial_lib import open_lab
from tutorial_lib.disk import folders
from tutorial_lib.disk.state import use_state_folder
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


# ---- several kernels at the same time ----------------------------------------------------------------


def seen_while_another_makes_it(monkeypatch: pytest.MonkeyPatch, folder: Path, content: str) -> None:
    """The first look for a mark comes after another kernel's `mkdir`, and before its mark and its files."""
    real = folders.marked

    def marked(path: Path) -> bool:
        seen = real(path)
        if path == folder and not seen:
            folders.mark(folder)
            (folder / content).mkdir()
        return seen

    monkeypatch.setattr(folders, "marked", marked)
    monkeypatch.setattr("tutorial_lib.disk.state.marked", marked)


def test_a_folder_that_another_kernel_is_making_is_the_courses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "labs").mkdir()
    seen_while_another_makes_it(monkeypatch, tmp_path / "labs", "lesson-01")
    assert folders.within(tmp_path, "labs") == tmp_path / "labs"


@pytest.mark.parametrize("content", ["labs", "keeper.pid"])
def test_a_state_folder_that_another_kernel_is_making_is_the_courses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
):
    (tmp_path / "state").mkdir()
    seen_while_another_makes_it(monkeypatch, tmp_path / "state", content)
    assert use_state_folder(tmp_path / "state") == tmp_path / "state"


def test_many_open_a_folder_that_one_of_them_empties(tmp_path: Path):
    together = threading.Barrier(6)

    def use(state: Path, empties: bool) -> None:
        together.wait()
        try:
            folder = folders.within(use_state_folder(state), "labs", "lesson-01")
            folder.joinpath(f"ledger-{threading.get_ident()}").touch()
            together.wait()
            if empties:
                folders.remove(folder)
            assert folders.within(folder.parent, folder.name) == folder
        except BaseException:
            together.abort()
            raise

    with ThreadPoolExecutor(6) as kernels:
        for number in range(60):
            list(kernels.map(use, [tmp_path / str(number)] * 6, [True] + [False] * 5))


def test_a_parent_that_another_kernel_removes_is_made_again_with_its_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    real, seen = folders._make_own, []

    def make(folder: Path) -> None:
        if not seen and folder.name == "lesson-01":
            seen.append(folder)
            folders.remove_empty(folder.parent)
        real(folder)

    monkeypatch.setattr(folders, "_make_own", make)
    own = folders.within(tmp_path, "labs", "lesson-01")
    assert seen == [own]
    assert folders.marked(own)
    assert folders.marked(own.parent)


def test_a_folder_that_is_being_removed_is_out_of_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    own = folders.within(tmp_path, "labs", "lesson-01")
    (own / "ledger").touch()
    real = shutil.rmtree

    def rmtree(folder: Path) -> None:
        (folder / folders.MARK).unlink()  # it goes in any order
        again = folders.within(own.parent, own.name)
        (again / "new").touch()
        folders.remove(own.parent / "of nobody")
        real(folder)

    monkeypatch.setattr(shutil, "rmtree", rmtree)
    folders.remove(own)
    assert {path.name for path in own.iterdir()} == {folders.MARK, "new"}
    assert [path.name for path in own.parent.iterdir() if path.name != folders.MARK] == ["lesson-01"]


def test_what_cannot_be_removed_is_the_courses_still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    own = folders.within(tmp_path, "labs", "lesson-01")
    (own / "ledger").touch()
    real = shutil.rmtree

    def rmtree(folder: Path) -> None:
        (folder / folders.MARK).unlink()
        raise PermissionError(13, "Permission denied", str(folder / "ledger"))

    monkeypatch.setattr(shutil, "rmtree", rmtree)
    with pytest.raises(FolderError, match=f"{own}/ledger cannot be removed: Permission denied"):
        folders.remove(own)
    assert (own / "ledger").exists()
    monkeypatch.setattr(shutil, "rmtree", real)
    folders.remove(own)
    assert not own.exists()


def test_an_empty_folder_keeps_its_mark_if_something_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    own = folders.within(tmp_path, "labs")
    real = Path.rmdir

    def rmdir(folder: Path) -> None:
        (folder / "lesson-01").mkdir()
        real(folder)

    monkeypatch.setattr(Path, "rmdir", rmdir)
    folders.remove_empty(own)
    assert folders.marked(own)
    monkeypatch.undo()
    folders.remove_empty(own)
    assert own.exists()
    (own / "lesson-01").rmdir()
    folders.remove_empty(own)
    assert not own.exists()


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
