"""Folders of the course's own: private, marked as the course's, and the only ones that it empties.

A process of the course runs code from its state folder, a worker's for instance. So nobody else may write
there: each is of this user, with mode 0700, and no link. Where a folder of the course is to be emptied or
removed, `remove` does it, and takes only what carries the mark.

Several kernels make and remove them at the same time. A folder comes to its place with its mark, and leaves
it with all that is in it: none is ever found half made or half removed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tutorial_lib.errors import FolderError

__all__ = [
    "MARK",
    "check_private",
    "make_private",
    "mark",
    "marked",
    "read_own",
    "remove",
    "remove_empty",
    "scratch",
    "within",
]

MARK = ".made-by-the-course"
_MARK_TEXT = "The Temporal course made this folder for itself, and may empty or remove it.\n"
_PRIVATE = 0o700
_TAKEN = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)
_OTHERS = 0o077
_OTHERS_WRITE = 0o022
_ANOTHER = "set TUTORIAL_STATE_DIR to a folder that is yours alone; it is made if it is not there"


def make_private(folder: Path) -> bool:
    """Makes a folder that is this user's alone, and marks it, unless it is there; its parents as well.

    Returns:
        Whether it was made.

    Raises:
        OSError: If it cannot be made.
    """
    if os.path.lexists(folder):
        return False
    for parent in reversed([parent for parent in folder.parents if not parent.exists()]):
        with contextlib.suppress(FileExistsError):  # another kernel, just now
            parent.mkdir(_PRIVATE)
    return _put(folder)


def _put(folder: Path) -> bool:
    """Puts a new folder with its mark where none is. Returns whether it did."""
    made = _beside(folder)
    made.mkdir(_PRIVATE)
    try:
        mark(made)
        made.rename(folder)
    except OSError as error:
        shutil.rmtree(made, ignore_errors=True)
        if error.errno in _TAKEN or os.path.lexists(folder):  # another kernel's, or somebody else's
            return False
        raise
    return True


def check_private(folder: Path) -> None:
    """Returns if a folder is this user's alone; closes it to others where nobody else has written to it.

    Raises:
        FolderError: If it is a link, no folder, somebody else's, or if others may have written to it.
        OSError: If it cannot be looked at.
    """
    seen = _own(folder, folder.lstat())
    if not stat.S_ISDIR(seen.st_mode):
        raise FolderError(f"{folder} is not a folder", _ANOTHER)
    if os.name == "nt":  # a user's own folders are private there
        return
    wide = seen.st_mode & _OTHERS
    # What others could write must be looked at down to the last file.
    for path in _below(folder) if wide & _OTHERS_WRITE else folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # gone meanwhile
            _own(path, path.lstat(), links=True)
    if wide:
        with contextlib.suppress(OSError):
            folder.chmod(_PRIVATE)
        if folder.lstat().st_mode & _OTHERS:
            raise FolderError(
                f"{folder} is open to others, and cannot be closed: its file system keeps no permissions",
                _ANOTHER,
            )


def mark(folder: Path) -> None:
    """Marks a folder as the course's own: it may be emptied and removed.

    Raises:
        OSError: If it cannot be written.
    """
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(folder / MARK, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(_MARK_TEXT)


def marked(folder: Path) -> bool:
    """Whether a folder is there, no link, and marked as the course's own."""
    try:
        return stat.S_ISDIR(folder.lstat().st_mode) and stat.S_ISREG((folder / MARK).lstat().st_mode)
    except OSError:
        return False


def within(folder: Path, *names: str) -> Path:
    """A folder in a folder of the course, made and marked if it is not there.

    Args:
        folder: A folder of the course.
        names: The names on the way, the last one's own included.

    Raises:
        FolderError: If there is something that the course did not make.
        OSError: If it cannot be made.
    """
    while True:
        made = folder
        try:
            for name in names:
                made /= name
                _make_own(made)
        except FileNotFoundError:  # another kernel has just removed one of them
            if not folder.exists():
                raise
        else:
            return made


def _make_own(folder: Path) -> None:
    if not os.path.lexists(folder) and _put(folder):
        return
    if not stat.S_ISDIR(_own(folder, folder.lstat()).st_mode):
        raise FolderError(f"{folder} is not a folder", "move it away; the course makes the folder")
    if marked(folder):
        return
    # The second look is for what another kernel has made since the first.
    if next(folder.iterdir(), None) is not None and not marked(folder):
        raise FolderError(
            f"{folder} is in the way: the course did not make it, so it is left as it is",
            "move it to another place; the course makes its own folder there",
        )
    mark(folder)


def scratch(prefix: str, parent: Path | None = None) -> Path:
    """A new folder for files that go with this process.

    Args:
        prefix: What its name begins with.
        parent: Where it is made; in the temporary folder if None.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    mark(folder)
    return folder


def remove(folder: Path) -> None:
    """Removes a folder of the course with all that is in it; what links in it lead to stays.

    Args:
        folder: A marked folder; no matter if it is not there.

    Raises:
        FolderError: If the course did not make it, or something in it cannot be removed.
    """
    if not marked(folder):
        if not os.path.lexists(folder):
            return
        raise FolderError(
            f"{folder} is not removed: the course did not make it", "remove it yourself, if you want it gone"
        )
    doomed = _beside(folder)
    try:
        folder.rename(doomed)
    except FileNotFoundError:  # another kernel removes it as well
        return
    except OSError:  # in use, or where something is mounted: removed in its place
        doomed = folder
    try:
        shutil.rmtree(doomed)
    except FileNotFoundError:
        pass
    except OSError as error:
        with contextlib.suppress(OSError):  # what is left is the course's still, and in its place
            mark(doomed)
            doomed.rename(folder)
        place = str(error.filename or folder).replace(str(doomed), str(folder), 1)
        raise FolderError(
            f"{place} cannot be removed: {error.strerror}", "end the program that uses it, and try again"
        ) from error


def remove_empty(folder: Path) -> None:
    """Removes a folder of the course if there is nothing in it but its mark.

    Args:
        folder: Any folder; it keeps its mark if something has come into it.

    Raises:
        OSError: If it cannot be read.
    """
    if any(left.name != MARK for left in folder.iterdir()):
        return
    ours = marked(folder)
    with contextlib.suppress(OSError):
        (folder / MARK).unlink(missing_ok=True)
        try:
            folder.rmdir()
        except OSError:  # something has come into it
            if ours:
                mark(folder)


def read_own(file: Path) -> str:
    """The text of a file that only this user can have written.

    Raises:
        FolderError: If it is a link, no file, or somebody else's.
        OSError: If it cannot be read.
        ValueError: If it is no text.
    """
    _own(file, file.lstat())
    descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as opened:
        seen = _own(file, os.fstat(opened.fileno()))
        if not stat.S_ISREG(seen.st_mode):
            raise FolderError(f"{file} is not a file", "move it away; the course writes its own")
        return opened.read().decode("utf-8")


def _own(path: Path, seen: os.stat_result, *, links: bool = False) -> os.stat_result:
    """What was seen of a path, if it is this user's."""
    if stat.S_ISLNK(seen.st_mode) and not links:
        raise FolderError(f"{path} is a link, and the course does not follow it", _ANOTHER)
    if os.name != "nt" and seen.st_uid != os.geteuid():
        raise FolderError(f"{path} belongs to {_user(seen.st_uid)}, not to {_user(os.geteuid())}", _ANOTHER)
    return seen


def _beside(folder: Path) -> Path:
    """A name for what is on its way to a folder's place, or from it."""
    return folder.with_name(f".{folder.name[:40]}.{os.urandom(4).hex()}")


def _below(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder, onerror=_raise):
        yield from (Path(root, name) for name in (*folders, *files))


def _raise(error: OSError) -> None:
    raise error


def _user(uid: int) -> str:
    import pwd  # there is none on Windows

    try:
        return f"{pwd.getpwuid(uid).pw_name} (uid {uid})"
    except KeyError:  # a container's user without a name
        return f"uid {uid}"
