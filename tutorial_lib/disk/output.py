"""Files at a place that a learner named: what a learner wrote there is not overwritten by mistake.

The course knows what it wrote itself and nobody changed since: a page carries a seal in its last line, a
folder a list of its files, each with the digest of what was written. All else is a learner's, links included.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import re
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from tutorial_lib.errors import OverwriteError, TutorialError

__all__ = ["LIST", "check_output", "new_file", "replace_file", "sealed", "write_files", "write_sealed"]

LIST = ".tutorial-export.json"
"""The list of the course's own files in a folder."""

_SEAL = re.compile(rb"<!-- tutorial, sha256 ([0-9a-f]{64}) -->\n?\Z")


def write_sealed(
    path: Path, page: str | Iterable[str], *, force: bool = False, inputs: Iterable[Path] = ()
) -> None:
    """Writes an HTML page with a seal, by which it is known again; over an earlier one that nobody changed.

    Args:
        path: Where.
        page: The page, without a seal; a long one in pieces, so that it is not in memory several times.
        force: Replace whatever file is there; a link is replaced, not what it leads to.
        inputs: Files that the page is made of: never replaced.

    Raises:
        OverwriteError: If a file is there that is not to be replaced.
        TutorialError: If it cannot be written.
    """
    check_output(path, None, own=sealed, force=force, inputs=inputs)
    replace_file(path, _sealing([page] if isinstance(page, str) else page))


def _sealing(page: Iterable[str]) -> Iterator[bytes]:
    """The bytes of a page, and its seal."""
    digest = hashlib.sha256()
    for piece in itertools.chain(page, "\n"):
        data = piece.encode()
        digest.update(data)
        yield data
    yield b"<!-- tutorial, sha256 %s -->\n" % digest.hexdigest().encode()


def sealed(data: bytes) -> bool:
    """Whether a page carries its seal, and nothing was changed since."""
    seal = _SEAL.search(data)
    return seal is not None and seal[1].decode() == _digest(data[: seal.start()])


def write_files(
    folder: Path,
    files: Mapping[str, bytes],
    *,
    force: bool = False,
    inputs: Iterable[Path] = (),
    listed: bool = True,
) -> None:
    """Writes files into a folder, unless one of them is in the way, and notes them in the folder's list.

    Args:
        folder: Where; made if it is not there.
        files: Each name with its content.
        force: Replace whatever files are there; links are replaced, not what they lead to.
        inputs: Files that these are made of: never replaced.
        listed: Whether to note them; names that change with the content need no list.

    Raises:
        OverwriteError: If a file is there that is not to be replaced; none was written.
        TutorialError: If one cannot be written.
    """
    known = _listed(folder) if listed else {}
    for name, data in files.items():
        check_output(
            folder / name,
            data,
            own=lambda found, name=name: known.get(name) == _digest(found),  # type: ignore[misc]
            force=force,
            inputs=inputs,
        )
    if (folder / LIST).is_symlink() or (folder / LIST).is_dir():
        raise OverwriteError(f"{folder / LIST} is no file of the course's", "move it away")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TutorialError(
            f"cannot make the folder {folder}: {error.strerror}", "name another one"
        ) from error
    for name, data in files.items():
        replace_file(folder / name, data)
    if not listed:
        return
    known |= {name: _digest(data) for name, data in files.items()}
    replace_file(folder / LIST, (json.dumps(known, indent=1, sort_keys=True) + "\n").encode())


def check_output(
    path: Path,
    data: bytes | None,
    *,
    own: Callable[[bytes], bool],
    force: bool,
    inputs: Iterable[Path] = (),
) -> None:
    """Returns if a file may be written; touches nothing.

    Args:
        path: The file.
        data: What is to be in it; None if what is there decides alone.
        own: Whether the course wrote what is there.
        force: Whether any file may be replaced.
        inputs: Files that are never replaced.

    Raises:
        OverwriteError: If a file is there that is not to be replaced.
    """
    for source in inputs:
        with contextlib.suppress(OSError):
            if path.samefile(source):
                raise OverwriteError(
                    f"{path} is what this is made of, and would be lost", "name another file"
                )
    try:
        seen = path.lstat()
        if stat.S_ISLNK(seen.st_mode) and not _is_device(path) and not force:
            raise OverwriteError(
                f"{path} is a link to {path.readlink()}",
                "name another file, or have the link replaced: --force, in code `force=True`",
            )
        if stat.S_ISDIR(seen.st_mode):
            raise OverwriteError(f"{path} is a folder", "name a file in it")
        if force or not stat.S_ISREG(seen.st_mode):
            return
        found = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise OverwriteError(
            f"{path} is there already, and cannot be read: {error.strerror}", "name another file"
        ) from error
    if found != data and not own(found):
        raise OverwriteError(
            f"{path} is there already, and what is in it is not the course's, or was changed since",
            "name another place, or have it replaced: --force, in code `force=True`",
        )


def replace_file(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Writes a file at once: whatever happens meanwhile, it is the old one or the new one.

    A link is replaced, not what it leads to. What is there keeps its mode.

    Raises:
        TutorialError: If it cannot be written.
    """
    partial = ""
    pieces = [data] if isinstance(data, bytes) else data
    try:
        if _is_device(path):  # /dev/stdout
            with path.open("wb") as device:
                device.writelines(pieces)
            return
        descriptor, partial = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(pieces)
        _give_mode(Path(partial), path)
        Path(partial).replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            Path(partial).unlink()
        if not isinstance(error, OSError):  # of making the pieces
            raise
        raise TutorialError(f"cannot write {path}: {error.strerror}", "name another place") from error


def new_file(path: Path, data: bytes) -> bool:
    """Writes a file at once unless something is there, be it a link to nowhere.

    Returns:
        Whether it was written.

    Raises:
        OSError: If it cannot be written; nothing is left of it then.
    """
    if os.path.lexists(path):
        return False
    descriptor, partial = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        _give_mode(Path(partial), path)
        try:
            os.link(partial, path)  # a rename would replace what another program has just made
        except FileExistsError:
            return False
        except OSError:  # a file system without links
            if os.path.lexists(path):
                return False
            Path(partial).rename(path)
    finally:
        with contextlib.suppress(OSError):
            Path(partial).unlink()
    return True


def _give_mode(partial: Path, path: Path) -> None:
    try:
        seen = path.lstat()
        mode = stat.S_IMODE(seen.st_mode) if stat.S_ISREG(seen.st_mode) else None
    except FileNotFoundError:
        mode = None
    if mode is None:
        umask = os.umask(0o077)
        os.umask(umask)
        mode = 0o666 & ~umask
    partial.chmod(mode)


def _is_device(path: Path) -> bool:
    """Whether it is there and keeps nothing: a terminal, a pipe."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _listed(folder: Path) -> dict[str, str]:
    """The digests in a folder's list; none if it is damaged."""
    try:
        known = json.loads((folder / LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return known if isinstance(known, dict) else {}


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
