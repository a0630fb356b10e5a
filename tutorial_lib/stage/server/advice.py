"""What the course knows of its server when an SDK call in a cell has failed."""

from __future__ import annotations

import shutil
from pathlib import Path

from temporalio.client import Client

from tutorial_lib.errors import ServerGoneError
from tutorial_lib.stage.server.registration import ServerRegistration
from tutorial_lib.stage.wait_for_result import check_answers_now

_FULL = 1_000_000  # bytes: a file system with less is full


def server_advice(client: Client, hold: ServerRegistration | None, in_doubt: bool) -> str:
    """What is wrong with a lab's server, and what to try; "" if it answers.

    Args:
        client: The lab's client.
        hold: Its hold on the course's own server; None if that is somebody else's.
        in_doubt: Whether to ask the server for an answer; else it is only looked whether it has ended.
    """
    if hold is not None and (full := _full_disk(hold)):
        return f"the disk of {full} is full, and the dev server keeps its state there\n  → free some of it"
    check = _nothing if hold is None else hold.check
    try:
        check()
        if in_doubt:
            check_answers_now(client, check)
    except ServerGoneError as gone:
        return str(gone)
    return ""


def _nothing() -> None:
    """Somebody else's server has no keeper that knows how it is."""


def _full_disk(hold: ServerRegistration) -> Path | None:
    """The database file of a server, if there is no room for more in it."""
    path = hold.info.db_filename
    try:
        return path if path is not None and shutil.disk_usage(path.parent).free < _FULL else None
    except OSError:
        return None
