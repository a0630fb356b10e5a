"""The file in which a dev server keeps its state: known for what it is before anything happens to it.

A learner names it, and can misspell it: what is found under that name may be a notebook, a diary, or the
database of another program. Such a file is neither removed nor handed to the server, which would add tables.
"""

from __future__ import annotations

import contextlib
import itertools
import stat
from pathlib import Path

from tutorial_lib.errors import DatabaseFileError

__all__ = ["check_database", "refuse_if_in_use", "remove_database"]

_SQLITE = b"SQLite format 3\0"
# What SQLite keeps beside a database, and how each begins. Zeros are the beginning of a journal that is over.
_BESIDE = {
    "-journal": (b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", bytes(8)),
    "-wal": (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83"),
    "-shm": (b"\x18\xe2\x2d\x00", b"\x00\x2d\xe2\x18", bytes(4)),
}
# Every dev server of the CLI makes these.
_CORE = frozenset(
    {"namespaces", "namespace_metadata", "shards", "executions", "current_executions", "history_node"}
    | {"history_tree", "task_queues", "executions_visibility"}
)
# The others. One that is in neither is somebody's own: then the file is not removed.
_OTHERS = frozenset(
    {"current_chasm_executions", "buffered_events", "tasks", "tasks_v2", "task_queues_v2"}
    | {"task_queue_user_data", "build_id_to_task_queue", "history_immediate_tasks", "history_scheduled_tasks"}
    | {"transfer_tasks", "timer_tasks", "replication_tasks", "replication_tasks_dlq", "visibility_tasks"}
    | {"activity_info_maps", "timer_info_maps", "child_execution_info_maps", "request_cancel_info_maps"}
    | {"signal_info_maps", "signals_requested_sets", "chasm_node_maps", "queue", "queue_metadata", "queues"}
    | {"queue_messages", "cluster_metadata", "cluster_metadata_info", "cluster_membership"}
    | {"nexus_endpoints", "nexus_endpoints_partition_status", "schema_version", "schema_update_history"}
)
_INDEX = "executions_visibility_"  # the full-text index of the visibility store has tables of its own
_ANOTHER = "name another file, one that is not there yet"


def check_database(path: Path) -> None:
    """Returns if a dev server can keep its state in a file: there is none yet, or it is a dev server's.

    Args:
        path: The file, absolute.

    Raises:
        DatabaseFileError: If the file is something else; nothing was touched.
    """
    _look(path)


def remove_database(path: Path) -> None:
    """Removes a dev server's database: the file, and what SQLite keeps beside it under exactly its name.

    Args:
        path: The file, absolute; no matter if it does not exist.

    Raises:
        DatabaseFileError: If any of these files is something else; nothing was touched.
    """
    if path.is_symlink():
        raise DatabaseFileError(
            f"{path} is a link to {path.readlink()}; what a link leads to is not removed",
            "name the file itself, or keep what is in it with `fresh=False`",
        )
    tables = _look(path)
    if own := sorted(name for name in tables - _CORE - _OTHERS if not name.startswith(_INDEX)):
        raise DatabaseFileError(
            f"{path} is a dev server's database, but holds tables that no dev server makes "
            f"({', '.join(own)}); it is not removed",
            "name another file, or keep what is in it with `fresh=False`",
        )
    for file in (path, *_beside(path)):
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise DatabaseFileError(f"{file} cannot be removed: {error.strerror}", _ANOTHER) from error


def refuse_if_in_use(path: Path) -> None:
    """Returns if no server that can be seen keeps its state in a file.

    Args:
        path: The file, absolute.

    Raises:
        DatabaseFileError: If one does; nothing was touched.
    """
    import psutil

    for process in psutil.process_iter(["pid", "cmdline"]):
        words = process.info["cmdline"] or []  # None, if it is another user's
        if ("--db-filename", str(path)) in itertools.pairwise(words) or f"--db-filename={path}" in words:
            raise DatabaseFileError(
                f"a server (pid {process.info['pid']}) is running on {path}",
                "stop that one first, or name another file",
            )


def _beside(path: Path) -> list[Path]:
    return [path.with_name(path.name + suffix) for suffix in _BESIDE]


def _look(path: Path) -> frozenset[str]:
    """The tables in a dev server's database; none if there is no file. Raises for anything else."""
    if not path.parent.is_dir():
        raise DatabaseFileError(
            f"there is no folder {path.parent} for the database {path.name}", "make it first"
        )
    for file, beginnings in zip(_beside(path), _BESIDE.values(), strict=True):
        begin = _beginning(file, length=max(map(len, beginnings)))
        # SQLite itself removes or overwrites a file of that name as its own.
        if begin and not begin.startswith(beginnings):
            raise DatabaseFileError(
                f"{file} is in the way: SQLite would take it for its own, beside the database {path.name}",
                _ANOTHER,
            )
    begin = _beginning(path, length=len(_SQLITE))
    if begin is None:
        return frozenset()
    tables = _tables(path) if begin == _SQLITE else frozenset()
    if not tables >= _CORE:
        found = "a database of something else" if begin == _SQLITE else "no database"
        raise DatabaseFileError(
            f"{path} is {found if begin else 'an empty file'}: no dev server has kept its state in it, "
            "and none is started on it",
            _ANOTHER,
        )
    return tables


def _beginning(path: Path, *, length: int) -> bytes | None:
    """The first bytes of a file; None if there is no file."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # to open a pipe is to wait
            raise DatabaseFileError(f"{path} is not a file: no dev server can keep its state in it", _ANOTHER)
        with path.open("rb") as file:
            return file.read(length)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DatabaseFileError(f"{path} cannot be read: {error.strerror}", _ANOTHER) from error


def _tables(path: Path) -> frozenset[str]:
    """The tables of an SQLite database; empty if it is damaged."""
    import sqlite3  # most servers keep their state in memory

    # Immutable: it is looked at as it is, without a lock and without finishing what a killed server began.
    address = f"{path.as_uri()}?mode=ro&immutable=1"
    try:
        with contextlib.closing(sqlite3.connect(address, uri=True)) as database:
            rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    except sqlite3.Error:
        return frozenset()
    return frozenset(str(name) for (name,) in rows if not str(name).startswith("sqlite_"))
