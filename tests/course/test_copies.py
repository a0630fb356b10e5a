"""A learner's own copies of the lessons: made once, never replaced, and in words whatever is in the way."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tutorial_lib import settings
from tutorial_lib.authoring import committed_form
from tutorial_lib.course.copies import (
    RECORD,
    Copies,
    CopyError,
    aside_name,
    check_copy,
    copy_bytes,
    make_copies,
    renew,
)
from tutorial_lib.course.notebooks import is_for_instructors

# /proc takes no files from anyone, the super-user (as CI often is) included.
UNWRITABLE = Path("/proc/self/fdinfo")
LESSONS = sorted((settings.CHECKOUT / "notebooks").glob("[0-9]*.ipynb"))


def write_lesson(folder: Path, name: str, *sources: str, output: str = "42\n") -> Path:
    cells: list[Any] = [nbformat.v4.new_code_cell(source) for source in sources]
    for cell in cells:
        cell.update(execution_count=7, outputs=[nbformat.v4.new_output("stream", text=output)])
    folder.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / name)
    return folder / name


@pytest.fixture
def lessons(tmp_path: Path) -> list[Path]:
    names = ("00_start_here.ipynb", "01_core_concepts.ipynb")
    found = [write_lesson(tmp_path / "notebooks", name, "6 * 7", "print('hello')") for name in names]
    (tmp_path / "notebooks" / "images" / "small").mkdir(parents=True)
    (tmp_path / "notebooks" / "images" / "small" / "a.png").write_bytes(b"one")
    (tmp_path / "notebooks" / "glossary.md").write_text("A **worker** is ...")
    return found


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "mine"


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_copy_is_the_lesson_without_outputs_and_notes_for_instructors(lesson: Path):
    wanted = committed_form.read(lesson)
    notes = [cell for cell in wanted.cells if is_for_instructors(cell)]
    assert notes
    assert not any("For instructors" in cell.source for cell in wanted.cells if cell not in notes)
    every, edition = copy_bytes(lesson, notes=True)
    assert all(note in nbformat.reads(every.decode(), 4).cells for note in notes)
    assert edition != copy_bytes(lesson)[1]
    wanted.cells = [cell for cell in wanted.cells if cell not in notes]
    for cell in committed_form.code_cells(wanted):
        cell.execution_count, cell.outputs = None, []
    data, _ = copy_bytes(lesson)
    assert data.decode() == committed_form.dump(wanted)  # as Jupyter itself writes it


def test_missing_copies_are_made_with_pictures_and_pages_and_the_lessons_stay(lessons: list[Path], own: Path):
    before = files(lessons[0].parent)
    found = make_copies(own, lessons)
    assert found == Copies(made=["00_start_here.ipynb", "01_core_concepts.ipynb"])
    cells = nbformat.read(own / "00_start_here.ipynb", 4).cells
    assert [(cell.source, cell.outputs, cell.execution_count) for cell in cells] == [
        ("6 * 7", [], None),
        ("print('hello')", [], None),
    ]
    assert (own / "images" / "small" / "a.png").read_bytes() == b"one"
    assert (own / "glossary.md").exists()
    (own / "01_core_concepts.ipynb").unlink()
    assert make_copies(own, lessons) == Copies(made=["01_core_concepts.ipynb"])
    assert files(lessons[0].parent) == before


def test_all_else_in_the_folder_is_the_learners_and_no_byte_of_it_changes(lessons: list[Path], own: Path):
    own.mkdir()
    (own / "00_start_here.ipynb").write_text("not even a notebook")
    (own / "images").write_text("a file of mine")
    (own / "glossary.md").write_text("my words")
    (own / "notes.txt").write_text("mine")
    before = files(own)
    found = make_copies(own, lessons)
    assert found == Copies(made=["01_core_concepts.ipynb"])
    after = files(own)
    assert {name: after[name] for name in before} == before
    assert after.keys() - before.keys() == {"01_core_concepts.ipynb", RECORD}


def test_another_edition_is_found_and_the_copy_stays(lessons: list[Path], own: Path):
    make_copies(own, lessons)
    copy = own / lessons[1].name
    mine = copy.read_bytes().replace(b"6 * 7", b"7 * 6")
    copy.write_bytes(mine)
    # Outputs and tags are no other edition: nothing that a learner reads has changed.
    write_lesson(lessons[1].parent, lessons[1].name, "6 * 7", "print('hello')", output="43\n")
    assert make_copies(own, lessons) == Copies()
    write_lesson(lessons[1].parent, lessons[1].name, "6 * 8", "print('hello')")
    for _ in range(2):  # offered until it is taken
        assert make_copies(own, lessons) == Copies(updated=["01_core_concepts.ipynb"])
    assert copy.read_bytes() == mine
    kept = aside_name(copy)
    renew(own, lessons[1], kept)
    assert kept.read_bytes() == mine
    assert nbformat.read(copy, 4).cells[0].source == "6 * 8"
    assert make_copies(own, lessons) == Copies()


def test_a_picture_is_renewed_unless_the_learner_changed_it(lessons: list[Path], own: Path):
    make_copies(own, lessons)
    picture, page = lessons[0].parent / "images/small/a.png", lessons[0].parent / "glossary.md"
    (own / "glossary.md").write_text("my words")
    picture.write_bytes(b"two")
    page.write_text("A **queue** is ...")
    make_copies(own, lessons)
    assert (own / "images/small/a.png").read_bytes() == b"two"
    assert (own / "glossary.md").read_text() == "my words"


@pytest.mark.parametrize(
    "damaged", ["", "[]", "null", '{"lessons": 5}', '{"lessons": {"a": 1}}', "[" * 100000]
)
def test_a_damaged_record_is_kept_aside_and_untouched_copies_are_known_again(
    damaged: str, lessons: list[Path], own: Path
):
    make_copies(own, lessons)
    (own / RECORD).write_text(damaged)
    [note] = make_copies(own, lessons).notes
    assert f"{own / RECORD} was damaged, and is kept as {RECORD}.broken-" in note
    [kept] = own.glob(f"{RECORD}.broken-*")
    assert kept.read_text() == damaged
    write_lesson(lessons[1].parent, lessons[1].name, "6 * 8")
    assert make_copies(own, lessons) == Copies(updated=["01_core_concepts.ipynb"])


def test_links_and_folders_in_the_way_are_named_and_left_alone(
    lessons: list[Path], own: Path, tmp_path: Path
):
    own.mkdir()
    linked = own / lessons[0].name
    linked.symlink_to(nowhere := tmp_path / "nowhere")
    (own / lessons[1].name).mkdir()
    (tmp_path / "record").write_text("{}")
    (own / RECORD).symlink_to(tmp_path / "record")
    found = make_copies(own, lessons)
    assert not found.made
    assert found.notes == [
        f"{own / RECORD} is not the course's: updates go unseen until it is moved away",
        f"{linked} is a link to {nowhere}, which is not your copy of the lesson: it is left alone",
        f"{own / lessons[1].name} is a folder, not your copy of the lesson: it is left alone",
    ]
    assert not (tmp_path / "nowhere").exists()
    assert (tmp_path / "record").read_text() == "{}"
    for lesson in lessons:
        with pytest.raises(CopyError, match=f"`tutorial reset {lesson.name[:2]}` makes a fresh copy"):
            check_copy(own / lesson.name, found)
        kept = aside_name(own / lesson.name)
        renew(own, lesson, kept)
        assert kept.is_symlink() or kept.is_dir()
        check_copy(own / lesson.name, found)


def test_a_folder_that_is_a_link_or_a_file_is_refused(lessons: list[Path], own: Path, tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    own.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CopyError, match=f"{own} is a link to .*elsewhere, and the course does not follow it"):
        make_copies(own, lessons)
    assert not list((tmp_path / "elsewhere").iterdir())
    own.unlink()
    own.write_text("mine")
    with pytest.raises(CopyError, match="is not a folder\n  → move it away"):
        make_copies(own, lessons)
    assert own.read_text() == "mine"


def test_what_cannot_be_written_is_told(lessons: list[Path]):
    with pytest.raises(CopyError, match="/proc/mine, for your copies of the lessons, cannot be made: "):
        make_copies(Path("/proc/mine"), lessons)
    found = make_copies(UNWRITABLE, lessons)
    assert f"no copies can be made in {UNWRITABLE}: " in found.notes[0]
    with pytest.raises(CopyError, match="no copies can be made in"):
        check_copy(UNWRITABLE / lessons[0].name, found)
    with pytest.raises(CopyError, match=r"no fresh copy of 00_start_here.ipynb can be made in /proc"):
        renew(UNWRITABLE, lessons[0], None)


def test_where_no_fresh_copy_can_be_made_the_old_one_is_where_it_was(
    lessons: list[Path], own: Path, monkeypatch: pytest.MonkeyPatch
):
    make_copies(own, lessons)
    before = files(own)

    def full(*_: object) -> bool:
        raise OSError(28, "No space left on device")  # no disk can be filled in a test

    monkeypatch.setattr("tutorial_lib.course.copies.new_file", full)
    with pytest.raises(CopyError, match="No space left on device"):
        renew(own, lessons[0], aside_name(own / lessons[0].name))
    assert files(own) == before


def test_a_copy_that_is_kept_replaces_none_that_was_kept_before(lessons: list[Path], own: Path):
    make_copies(own, lessons)
    copy = own / lessons[0].name
    names = []
    for number in range(3):  # within a second
        copy.write_text(str(number))
        names.append(aside_name(copy))
        renew(own, lessons[0], names[-1])
    assert [name.read_text() for name in names] == ["0", "1", "2"]


@pytest.mark.parametrize("text", ["", "<<<<<<< HEAD", "[]", '{"cells": 5}', '{"cells": [5]}', "[" * 100000])
def test_a_damaged_lesson_or_copy_is_told(text: str, lessons: list[Path], own: Path):
    make_copies(own, lessons)
    (own / lessons[0].name).write_text(text)
    with pytest.raises(CopyError, match="is not a notebook that can be read\n  → `tutorial reset 00`"):
        check_copy(own / lessons[0].name, Copies())
    lessons[0].write_text(text)
    found = make_copies(own, lessons)
    assert found.notes == [f"{lessons[0]} is not a notebook that can be read: no copy of it is made"]
    assert (own / lessons[0].name).read_text() == text


def test_a_record_notes_what_it_is_for(lessons: list[Path], own: Path):
    make_copies(own, lessons)
    record = json.loads((own / RECORD).read_text())
    assert set(record["lessons"]) == {lesson.name for lesson in lessons}
    assert "tutorial lab" in record["about"]
    assert os.access(own / RECORD, os.W_OK)
