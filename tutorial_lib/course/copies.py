"""A learner's own copies of the lessons: made without outputs and without notes for instructors.

A copy is renewed when the learner asks for it.

The lessons of a checkout or of the wheel are only read. Whatever a learner runs and writes is in a folder of
theirs, of which nothing is replaced or removed here but the course's own pictures and pages, unchanged ones:

.temporal-course.json                    the record: from which edition of a lesson each copy was made
03_title.ipynb                           the learner's copy of lesson 03
03_title-2026-11-28-190512.ipynb         a copy that was kept aside when a fresh one was asked for
images/, glossary.md                     what lessons show, or link to
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tutorial_lib.course.notebooks import is_for_instructors
from tutorial_lib.disk.output import new_file, replace_file
from tutorial_lib.errors import NotebookFileError, TutorialError

__all__ = ["RECORD", "Copies", "CopyError", "aside_name", "check_copy", "copy_bytes", "make_copies", "renew"]

RECORD = ".temporal-course.json"
"""The record in a learner's folder; a folder that has one is known as a learner's."""

_ABOUT = "From which edition of each lesson `tutorial lab` made the copy here. Without it, updates go unseen."
_BESIDE = ("images", "glossary.md")


class CopyError(TutorialError):
    """A learner's copy of a lesson cannot be made, or is no notebook."""


@dataclass
class Copies:
    """What was found, and done, in a learner's folder.

    Attributes:
        made: Names of lessons of which there was no copy, and now is one.
        updated: Names of lessons of which there is another edition than the one of the copy.
        notes: What is in the way or cannot be used, a sentence each.
    """

    made: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def make_copies(folder: Path, lessons: Sequence[Path], *, notes: bool = False) -> Copies:
    """Makes the copies that are missing in a learner's folder; whatever is there stays as it is.

    Args:
        folder: The learner's folder; made if it is not there.
        lessons: The lessons of the course, all in one folder.
        notes: Whether notes for instructors come along; they have the answers.

    Raises:
        CopyError: If there can be no folder.
    """
    _make_folder(folder)
    found = Copies()
    record = _Record(folder, found.notes)
    try:
        for lesson in lessons:
            _make_copy(folder, lesson, record, found, notes=notes)
        for source in _beside(lessons):
            _make_beside(folder, source, lessons[0].parent, record)
    except OSError as error:
        found.notes.append(f"no copies can be made in {folder}: {error.strerror}")
    record.save()
    return found


def renew(folder: Path, lesson: Path, kept: Path | None) -> None:
    """Makes a fresh copy of a lesson; the one that is there, whatever it is, is kept under another name.

    Args:
        folder: The learner's folder; made if it is not there.
        lesson: The lesson.
        kept: What the old copy is called from now on, as `aside_name` gives it; None if there is none.

    Raises:
        CopyError: If it cannot be made; the old copy is then where it was.
        NotebookFileError: If the lesson itself is damaged.
    """
    data, edition = copy_bytes(lesson)
    _make_folder(folder)
    target = folder / lesson.name
    notes: list[str] = []
    record = _Record(folder, notes)
    try:
        if kept is not None:
            _move(target, kept)
        try:
            if not new_file(target, data):
                raise FileExistsError(None, "a file of that name has just been made")
        except OSError:
            if kept is not None:
                _move(kept, target)
            raise
    except OSError as error:
        raise CopyError(
            f"no fresh copy of {lesson.name} can be made in {folder}: {error.strerror}",
            "what was there is as it was; make the folder writable, and try again",
        ) from error
    record.lessons[lesson.name] = edition
    record.save()


def aside_name(path: Path) -> Path:
    """A free name for a copy that is kept: with the time of day, beside it.

    Args:
        path: The copy.
    """
    stem = f"{path.stem}-{time.strftime('%Y-%m-%d-%H%M%S')}"
    names = (f"{stem}{'' if number == 1 else f'-{number}'}{path.suffix}" for number in range(1, 1000))
    return next(path.with_name(name) for name in names if not os.path.lexists(path.with_name(name)))


def check_copy(path: Path, found: Copies) -> None:
    """Returns if a copy can be opened.

    Args:
        path: The copy.
        found: What `make_copies` returned for its folder.

    Raises:
        CopyError: If it is not there, is damaged, or is something else.
    """
    cure = f"`tutorial reset {path.name[:2]}` makes a fresh copy, and keeps this one under another name"
    try:
        seen = path.lstat().st_mode
        if stat.S_ISREG(seen):
            _parse(path)
            return
    except FileNotFoundError as error:
        raise CopyError(
            "; ".join(found.notes) or f"{path} is not there",
            "change into a folder that can be written, and run the command there",
        ) from error
    except OSError as error:
        raise CopyError(f"{path} cannot be read: {error.strerror}", cure) from error
    except NotebookFileError as error:
        raise CopyError(error.seen, cure) from error
    raise CopyError(_strange(path, seen), cure)


def copy_bytes(lesson: Path, *, notes: bool = False) -> tuple[bytes, str]:
    """A lesson as learners get it, without outputs, and its edition: a digest of what is to be read in it.

    Args:
        lesson: The lesson.
        notes: Whether notes for instructors come along.

    Raises:
        NotebookFileError: If it is not a notebook that can be read.
    """
    try:
        notebook = _parse(lesson)
    except OSError as error:
        raise NotebookFileError(f"{lesson} cannot be read: {error.strerror}") from error
    notebook["cells"] = [cell for cell in notebook["cells"] if notes or not is_for_instructors(cell)]
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"execution_count": None, "outputs": []}
    # As Jupyter itself writes a notebook.
    text = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True, separators=(",", ": "))
    return f"{text}\n".encode(), _edition(notebook)


def _parse(path: Path) -> dict[str, Any]:
    """A notebook as plain data.

    Raises:
        OSError: If it cannot be read.
        NotebookFileError: If it is something else.
    """
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            cell["cell_type"], cell["source"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise NotebookFileError(f"{path} is not a notebook that can be read") from error
    return dict(notebook)


def _edition(notebook: dict[str, Any]) -> str:
    """A digest of the cells' kinds and sources; tags and slides make no other edition."""
    cells = [[cell["cell_type"], "".join(cell["source"])] for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def _strange(path: Path, mode: int) -> str:
    if stat.S_ISLNK(mode):
        return f"{path} is a link to {path.readlink()}, which is not your copy of the lesson"
    return f"{path} is {'a folder' if stat.S_ISDIR(mode) else 'no file'}, not your copy of the lesson"


def _make_folder(folder: Path) -> None:
    if folder.is_symlink():
        raise CopyError(
            f"{folder} is a link to {folder.readlink()}, and the course does not follow it",
            "move it away; your copies of the lessons are made in a folder of that name",
        )
    try:
        folder.mkdir(exist_ok=True)
    except FileExistsError as error:
        raise CopyError(
            f"{folder} is not a folder",
            "move it away; your copies of the lessons are made in a folder of that name",
        ) from error
    except OSError as error:
        raise CopyError(
            f"the folder {folder}, for your copies of the lessons, cannot be made: {error.strerror}",
            "change into a folder that can be written, and run the command there",
        ) from error


def _make_copy(folder: Path, lesson: Path, record: _Record, found: Copies, *, notes: bool) -> None:
    """Makes one copy, or finds out of which edition the one that is there is.

    Raises:
        OSError: If it cannot be made.
    """
    try:
        data, edition = copy_bytes(lesson, notes=notes)
    except NotebookFileError as error:
        found.notes.append(f"{error.seen}: no copy of it is made")
        return
    target, name = folder / lesson.name, lesson.name
    if new_file(target, data):
        found.made.append(name)
        record.lessons[name] = edition
        return
    mode = target.lstat().st_mode
    if not stat.S_ISREG(mode):
        found.notes.append(f"{_strange(target, mode)}: it is left alone")
        return
    if record.lessons.get(name) == edition:
        return
    with contextlib.suppress(OSError, NotebookFileError):  # told when that one is opened
        if _edition(_parse(target)) == edition:  # a record that was lost, or cells that were pasted
            record.lessons[name] = edition
            return
    if name in record.lessons:
        found.updated.append(name)


def _beside(lessons: Sequence[Path]) -> Iterator[Path]:
    """Pictures and pages that the lessons show or link to."""
    for name in _BESIDE:
        source = lessons[0].parent / name
        files: Iterable[Path] = sorted(source.rglob("*")) if source.is_dir() else [source]
        yield from (path for path in files if path.is_file() and not path.name.startswith("."))


def _make_beside(folder: Path, source: Path, root: Path, record: _Record) -> None:
    """Copies a picture or a page, anew where there is another one by now and nobody changed the copy.

    Raises:
        OSError: If it cannot be written.
    """
    name = source.relative_to(root).as_posix()
    target, data = folder / name, source.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    for parent in reversed(target.relative_to(folder).parents[:-1]):
        with contextlib.suppress(FileExistsError):
            (folder / parent).mkdir()
        if not stat.S_ISDIR((folder / parent).lstat().st_mode):
            return  # the learner's own
    if not new_file(target, data):
        if not stat.S_ISREG(target.lstat().st_mode):
            return
        found = hashlib.sha256(target.read_bytes()).hexdigest()
        if found == digest or found != record.files.get(name):
            return
        with contextlib.suppress(TutorialError):  # the old one does
            replace_file(target, data)
    record.files[name] = digest


def _move(path: Path, to: Path) -> None:
    """Renames, and replaces nothing."""
    if os.path.lexists(to):
        raise FileExistsError(None, f"{to.name} is there already")
    path.rename(to)


class _Record:
    """The record in a learner's folder; what cannot be used of it is left, or kept aside, and noted.

    Args:
        folder: The learner's folder.
        notes: Takes what is to be shown.

    Attributes:
        lessons: From which edition each copy was made.
        files: Digests of pictures and pages as they were copied.
    """

    def __init__(self, folder: Path, notes: list[str]) -> None:
        self._path = folder / RECORD
        self._notes = notes
        self._usable = True
        self._read: dict[str, Any] = {}
        try:
            self._read = self._load()
        except FileNotFoundError:
            pass
        except OSError as error:
            self._usable = False
            notes.append(f"{self._path} cannot be read, so nothing is known of updates: {error.strerror}")
        self.lessons: dict[str, str] = dict(self._read.get("lessons", {}))
        self.files: dict[str, str] = dict(self._read.get("files", {}))

    def save(self) -> None:
        """Writes it where it has changed."""
        now = {"about": _ABOUT, "files": self.files, "lessons": self.lessons}
        if not self._usable or now == self._read:
            return
        try:
            replace_file(self._path, (json.dumps(now, indent=1, sort_keys=True) + "\n").encode())
        except TutorialError as error:
            self._notes.append(f"nothing will be known of updates: {error.seen}")

    def _load(self) -> dict[str, Any]:
        if not stat.S_ISREG(self._path.lstat().st_mode):
            self._usable = False
            self._notes.append(f"{self._path} is not the course's: updates go unseen until it is moved away")
            return {}
        try:
            read = json.loads(self._path.read_text(encoding="utf-8"))
            parts = [read.get(key, {}) for key in ("lessons", "files")]
            if all(isinstance(text, str) for part in parts for pair in part.items() for text in pair):
                return dict(read)
        except (ValueError, TypeError, AttributeError, RecursionError):
            pass
        kept = self._path.with_name(f"{RECORD}.broken-{time.strftime('%Y-%m-%d-%H%M%S')}")
        _move(self._path, kept)
        self._notes.append(f"{self._path} was damaged, and is kept as {kept.name}; a new one is begun")
        return {}
