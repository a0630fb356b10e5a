"""The state folder: what a checkout's server, labs and exercises keep on disk.

TUTORIAL_STATE_DIR ──else──> .tutorial in a checkout that can be written ──else──> this user's folder for
programs' state (XDG), and only then the temporary folder. Each is checked before it is used.

<state>/server.json, server.log, keeper.log, keeper.lock    the dev server and its keeper
<state>/progress/NAME.json                                  what a learner has solved
<state>/labs/NAME/                                          a lab's scratch folder
<state>/jupyter/, jupyterlab.log                            JupyterLab, as `tutorial lab` opens it
<state>/bin/                                                the SDK's download, where there is no wheel
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tutorial_lib import settings
from tutorial_lib.disk.folders import MARK, check_private, make_private, mark, marked, remove
from tutorial_lib.errors import FolderError

__all__ = ["absolute", "state_folder", "use_state_folder"]

_CHECKOUTS = ".tutorial"
_FOLDERS = frozenset({"labs", "jupyter", "bin"})
# One of these is in every state folder.
_SIGNS = frozenset(
    {"server.json", "server.partial", "server.log", "keeper.log", "keeper.lock", "jupyterlab.log"}
    | {"progress", "progress.json", MARK}
)
# What systems leave in any folder.
_NOTHING = frozenset({".gitkeep", ".gitignore", ".DS_Store", ".localized", "desktop.ini"})
_DATABASES = (".db", ".db-journal", ".db-wal", ".db-shm", ".sqlite")
_SHOWN = 3  # strange entries that an error names


def state_folder() -> Path:
    """The state folder of this checkout: found, or made.

    Raises:
        FolderError: If it is not this user's alone, or cannot be made.
    """
    if named := settings.STATE_DIR.get():
        folder = absolute(named)
        # Programs that are started from here have other current folders, and are to find the same one.
        os.environ[settings.STATE_DIR.name] = str(folder)
        return use_state_folder(folder)
    checkout = settings.CHECKOUT / _CHECKOUTS
    if (settings.CHECKOUT / "pyproject.toml").exists() and os.access(settings.CHECKOUT, os.W_OK):
        made = not os.path.lexists(checkout)
        try:
            return use_state_folder(checkout, checkouts=True)
        except FolderError:
            if not made:
                raise
            remove(checkout)
    return _outside(f"temporal-tutorial-{hashlib.sha256(str(settings.CHECKOUT).encode()).hexdigest()[:10]}")


def use_state_folder(folder: Path, *, checkouts: bool = False) -> Path:
    """Returns a folder that may keep the course's state; it is made if it is not there.

    Args:
        folder: Which, absolute.
        checkouts: Whether its name alone marks it as the course's.

    Raises:
        FolderError: If it is not this user's alone, holds other things, or cannot be made.
    """
    try:
        if not make_private(folder) and not marked(folder):
            _adopt(folder, checkouts=checkouts)
        check_private(folder)
    except OSError as error:
        raise FolderError(
            f"the state folder {folder} cannot be used: {error.strerror or error}",
            f"set {settings.STATE_DIR} to a folder that can be written; it is made if it is not there",
        ) from error
    return folder


def absolute(path: str | os.PathLike[str]) -> Path:
    """The place that a name means here and now; programs that are started have other current folders.

    Args:
        path: As a learner names it: relative to the current folder, or with `~`.
    """
    return Path(os.path.abspath(os.path.expanduser(path)))  # noqa: PTH100, PTH111 - links stay, no home is no error


def _adopt(folder: Path, *, checkouts: bool) -> None:
    """Marks a folder that an earlier version of the course made, or an empty one."""
    if not stat.S_ISDIR(folder.lstat().st_mode):
        return  # `check_private` says what it is
    names = {path.name for path in folder.iterdir()} - _NOTHING
    strange = sorted(name for name in names if not _known(name))
    if names and not names & _SIGNS:
        strange = sorted(names)  # `labs` and `bin` alone may be anybody's
    if marked(folder):  # another kernel has just made it, with the names that were seen
        return
    if strange and not checkouts:
        more = ", ..." if len(strange) > _SHOWN else ""
        raise FolderError(
            f"{folder} holds other things than the course's state ({', '.join(strange[:_SHOWN])}{more})",
            f"set {settings.STATE_DIR} to a folder of its own, {folder / 'temporal-tutorial'} for instance; "
            "it is made if it is not there",
        )
    check_private(folder)
    labs = folder / "labs"
    for each in [folder / "jupyter", labs, *(labs.iterdir() if labs.is_dir() else ())]:
        if each.is_dir() and not each.is_symlink():
            mark(each)
    mark(folder)


def _known(name: str) -> bool:
    return name in _FOLDERS | _SIGNS or name.endswith(_DATABASES)


def _outside(name: str) -> Path:
    """The state folder of a course that cannot be written itself."""
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    temporary = Path(tempfile.gettempdir()) / f"temporal-tutorial-{user}-{name.rpartition('-')[2]}"
    candidates = [*(home / name for home in _homes()), temporary]
    if marked(temporary) or (temporary / "progress").is_dir():  # an earlier version kept it there
        candidates.insert(0, temporary)
    refused: FolderError | None = None
    for folder in candidates:
        try:
            return use_state_folder(folder)
        except FolderError as error:
            refused = error
    assert refused is not None  # noqa: S101 - there is at least one candidate
    raise refused


def _homes() -> Iterator[Path]:
    """Where programs keep a user's state, the best place first."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - no home is no error
    named = os.environ.get
    places = [named("XDG_STATE_HOME", "")]
    if sys.platform == "darwin":
        places += [str(home / "Library" / "Application Support")]
    elif sys.platform == "win32":
        places += [named("LOCALAPPDATA", "")]
    places += [str(home / ".local" / "state"), named("XDG_RUNTIME_DIR", "")]
    for place in places:
        if place and Path(place).is_absolute():  # as its specification has it: others are to be ignored
            yield Path(place)
