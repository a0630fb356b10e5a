"""One dev server for all notebooks of a checkout: found, or started, and held as long as it is used.

    hold_server() ──reads──> server.json ──connects──> keeper ... answers: a hold
          └── nobody there: starts a keeper and tries again; the keeper's lock lets one of many win

Two kernels, JupyterLab and a test run can do this at the same moment; all end with the same server.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tutorial_lib import settings
from tutorial_lib.disk.state import absolute, state_folder, use_state_folder
from tutorial_lib.errors import (
    BinaryNotFoundError,
    ServerError,
    ServerGoneError,
    ServerStartError,
    StateFileError,
)
from tutorial_lib.stage.server.binary import Binary, download_binary, find_binary
from tutorial_lib.stage.server.database import check_database
from tutorial_lib.stage.server.flags import server_arguments
from tutorial_lib.stage.server.keeper import EXIT_LOCKED, GRACE
from tutorial_lib.stage.server.registration import ServerInfo, ServerRegistration, connect_hold

__all__ = [
    "DEFAULT_PORTS",
    "ServerInfo",
    "ServerRegistration",
    "find_server",
    "held_server",
    "hold_server",
    "stop_server",
    "ui_public_path",
]

DEFAULT_PORTS = (7233, 8233)  # the CLI's own defaults: gRPC, Web UI
START_DEADLINE = 40.0  # seconds until a hold is there or an error is raised
DAMAGED_DEADLINE = 10.0  # seconds for a keeper that starts to write over a damaged state file

_keepers: list[subprocess.Popen[bytes]] = []  # kept: Python warns of a child that is forgotten while it runs


def hold_server(
    *,
    who: str,
    state_dir: Path | None = None,
    db_filename: Path | None = None,
    binary: str | os.PathLike[str] | None = None,
    ports: tuple[int, int] = DEFAULT_PORTS,
    extra: tuple[str, ...] = (),
) -> ServerRegistration:
    """Find the checkout's dev server, or start it, and hold it.

    Args:
        who: Who asks, for `tutorial server status`.
        state_dir: Which server: directory of its state file (`state_folder()` if None).
        db_filename: File to keep its state in; None takes whatever runs, else a server in memory.
        binary: The `temporal` program to start; found if None.
        ports: gRPC and Web UI port to take if they are free.
        extra: Further arguments of `temporal server start-dev`.

    Raises:
        FolderError: If the state folder is not this user's alone.
        BinaryNotFoundError: If no server runs and there is no program to start one.
        DatabaseFileError: If `db_filename` is not a dev server's database; nothing was touched.
        ServerStartError: If it does not answer in time; the message names its log.
        StateFileError: If one runs, and the file that describes it is damaged.
        ServerError: If one runs with another database file than `db_filename`.
    """
    folder = use_state_folder(absolute(state_dir)) if state_dir else state_folder()
    db_filename = db_filename and absolute(db_filename)
    deadline = time.monotonic() + START_DEADLINE
    keeper: subprocess.Popen[bytes] | None = None
    damaged: float | None = None
    while time.monotonic() < deadline:
        try:
            hold = connect_hold(folder, who)
        except StateFileError:  # of a keeper that was killed? One that starts now writes it anew
            hold, damaged = None, damaged or time.monotonic()
            if time.monotonic() - damaged > DAMAGED_DEADLINE:
                raise
        if hold:
            _same_database(hold, db_filename)
            return hold
        # Locked: another keeper starts, or stops. Ended in order: it was, and somebody has stopped it since.
        if keeper is None or keeper.poll() in {EXIT_LOCKED, 0}:
            if db_filename:
                check_database(db_filename)
            command = _server_command(folder, binary, db_filename, extra)
            keeper = _start_keeper(folder, command, ports, db_filename)
        elif keeper.poll() is not None:
            break
        time.sleep(0.005)
    log = folder / "server.log"
    raise ServerStartError(
        f"the dev server did not start; its log {log} ends with:\n{_tail(log)}",
        "`tutorial doctor` checks what it needs",
    )


def find_server(state_dir: Path | None = None) -> ServerInfo | None:
    """The checkout's server if it runs, without starting or holding it: it may be gone a moment later."""
    with held_server("", state_dir) as info:
        return info


@contextmanager
def held_server(who: str, state_dir: Path | None = None) -> Iterator[ServerInfo | None]:
    """The checkout's server if it runs, without starting it; it has a user more until the block ends.

    Args:
        who: The user, for `tutorial server status`; "" for one for whom it does not stay.
        state_dir: Which server: directory of its state file (`state_folder()` if None).
    """
    hold = connect_hold(state_dir or state_folder(), who or None)
    if hold is None:
        yield None
        return
    with hold:
        yield hold.info


def stop_server(state_dir: Path | None = None) -> bool:
    """Stop the checkout's server, users or not. Returns whether one ran; it is gone on return.

    Raises:
        ServerError: If it is still there after ten seconds.
    """
    folder = state_dir or state_folder()
    hold = connect_hold(folder)
    if hold is None:
        return False
    with hold, suppress(ServerGoneError):
        hold.stop()
    deadline = time.monotonic() + 10
    while (folder / "server.json").exists():
        if time.monotonic() > deadline:
            raise ServerError(
                f"the dev server (pid {hold.info.pid}) did not stop in 10 s", f"see {hold.info.log}"
            )
        time.sleep(0.02)
    return True


def ui_public_path() -> str:
    """The path under which the Web UI is served: below JupyterHub's prefix where there is one."""
    return os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "/").rstrip("/") + settings.UI_PATH


def python(module: str, *options: str) -> list[str]:
    """The command that runs `main()` of a module of ours in another Python.

    What lies in the folder of a notebook, or of the checkout, does not precede what the library and
    Python bring: a `random.py` there is the learner's own.

    Args:
        module: Its full name.
        options: Further options of Python.
    """
    run = f"import sys; sys.path.append({str(settings.CHECKOUT)!r}); from {module} import main; main()"
    return [sys.executable, "-P", *options, "-c", run]


def _server_command(
    folder: Path, binary: str | os.PathLike[str] | None, db_filename: Path | None, extra: tuple[str, ...]
) -> tuple[Binary, list[str]]:
    try:
        program = find_binary(binary)
    except BinaryNotFoundError:
        if binary is not None or os.name != "nt":  # there the SDK's download is the only way
            raise
        program = download_binary(folder / "bin")
    arguments = server_arguments(public_path=ui_public_path(), db_filename=db_filename, extra=extra)
    return program, [str(program.path), *arguments]


def _start_keeper(
    folder: Path, command: tuple[Binary, list[str]], ports: tuple[int, int], db_filename: Path | None
) -> subprocess.Popen[bytes]:
    program, arguments = command
    told = {
        "state_dir": str(folder),
        "command": arguments,
        "ports": ports,
        "public_path": ui_public_path(),
        "binary_source": program.source,
        "db_filename": str(db_filename) if db_filename else None,
        "grace": GRACE,
    }
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with (folder / "keeper.log").open("wb") as log:
        keeper = subprocess.Popen(
            [*python("tutorial_lib.stage.server.keeper", "-S"), json.dumps(told)],  # -S: no packages
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,  # it outlives a kernel's restart; its users' connections end it
            cwd=folder,
        )
    _keepers.append(keeper)
    return keeper


def _same_database(hold: ServerRegistration, wanted: Path | None) -> None:
    running = hold.info.db_filename
    if wanted is not None and (running is None or running.resolve() != wanted.resolve()):
        hold.close()
        kept = f"in {running}" if running else "in memory"
        raise ServerError(
            f"the course's server already runs and keeps its state {kept}, not in {wanted}",
            "`tutorial server stop` ends it; then ask again",
        )


def _tail(path: Path, lines: int = 8) -> str:
    try:
        return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log was written)"
