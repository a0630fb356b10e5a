"""Holding a dev server: a user's side of the connection to its keeper (see `keeper.py`)."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from tutorial_lib.disk.folders import read_own
from tutorial_lib.errors import KeeperSilentError, ServerGoneError, StateFileError
from tutorial_lib.stage.server.binary import Binary
from tutorial_lib.stage.server.keeper import lock
from tutorial_lib.stage.server.process import STOP_DEADLINE

_ANSWER_DEADLINE = STOP_DEADLINE + 3.0  # seconds for the keeper to answer; one that ends its server does not
_SHOWN = 80  # characters of what a damaged file holds


@dataclass(frozen=True)
class ServerInfo:
    """A dev server that runs now.

    Attributes:
        address: Its gRPC endpoint, "127.0.0.1:7233".
        ui_port: Port of the Web UI.
        public_path: Path of the Web UI, "/temporal-ui".
        pid: Process id of `temporal`.
        keeper_pid: Process id of its keeper.
        log: File with what the server printed.
        binary: The program that runs.
        db_filename: File with its state, or None if that is in memory.
        started: Seconds since the epoch.
    """

    address: str
    ui_port: int
    public_path: str
    pid: int
    keeper_pid: int
    log: Path
    binary: Binary
    db_filename: Path | None
    started: float

    @property
    def ui_url(self) -> str:
        """Where the Web UI is, reached directly."""
        return f"http://127.0.0.1:{self.ui_port}{self.public_path}"

    @property
    def grpc_port(self) -> int:
        """Port of the gRPC endpoint."""
        return int(self.address.rpartition(":")[2])


class ServerRegistration:
    """A user's registration with a server's keeper; the server stays at least until `close`.

    Args:
        connection: Open connection to the keeper.
        info: What the keeper published.
    """

    def __init__(self, connection: socket.socket, info: ServerInfo) -> None:
        self.info = info
        self._connection = connection
        self._read = b""
        self._unanswered = 0  # questions whose answers are still to come, from a keeper that was suspended
        self._gone: str | None = None
        self._lock = threading.Lock()

    @property
    def alive(self) -> bool:
        """Whether the server still runs. Costs one system call."""
        with self._lock:
            if self._gone is None:
                try:
                    self._connection.settimeout(0)
                    data = self._connection.recv(65536, socket.MSG_PEEK)
                except BlockingIOError:
                    return True  # nothing to read: the keeper speaks unasked only when the server has gone
                except TimeoutError:
                    return True
                except OSError:
                    data = b""
                finally:
                    with contextlib.suppress(OSError):  # closed by `close`
                        self._connection.settimeout(_ANSWER_DEADLINE)
                if data and _said_gone(data) is None:
                    return True  # late answers
                self._gone = _reason(data)
            return False

    def check(self) -> None:
        """Raise if the server has gone.

        Raises:
            ServerGoneError: With how it ended and where its log is.
        """
        if not self.alive:
            raise ServerGoneError(
                f"{self._gone}; its log is {self.info.log}",
                'run `lab = await open_lab("...")` again: it starts a new server'
                + ("" if self.info.db_filename is None else " on the same database file"),
            )

    def lease(self, namespace: str) -> str:
        """Reserve a namespace: its own name, or `name-2` if another user works in it."""
        return str(self._ask({"lease": namespace})["lease"])

    def share(self, namespace: str) -> tuple[str, int]:
        """Work in a namespace beside whoever does already.

        Returns:
            Its name, and how many other users work in it now.
        """
        answer = self._ask({"lease": namespace, "shared": True})
        return str(answer["lease"]), int(answer.get("others", 0))

    def pin(self, pinned: bool = True) -> None:
        """Keep the server running without users, or stop doing so."""
        self._ask({"pin": pinned})

    def users(self) -> list[dict[str, Any]]:
        """Who holds the server: `who` and `pid` of each."""
        users: list[dict[str, Any]] = self._ask({"users": True})["users"]
        return users

    def stop(self) -> None:
        """Stop the server for all its users."""
        self._ask({"stop": True})

    def leave(self) -> None:
        """Give up this hold for good: the server ends at once if nobody else holds it."""
        with contextlib.suppress(ServerGoneError):
            self._ask({"leave": True})
        self.close()

    def close(self) -> None:
        """Give up this hold; the server stays some seconds more, for a kernel that restarts."""
        self._connection.close()
        self._gone = self._gone or "this hold was closed"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            try:
                self._connection.sendall(json.dumps(message).encode() + b"\n")
                self._unanswered += 1
                while self._unanswered:
                    line = self._line()
                    self._unanswered -= 1
                    if _said_gone(line) is not None:
                        break
            except TimeoutError:
                raise KeeperSilentError(*silent(self.info.keeper_pid)) from None
            except OSError:
                line = b""
            answer: dict[str, Any] = json.loads(line) if line else {"gone": _reason(b"")}
            if "gone" in answer:
                self._gone = str(answer["gone"])
        if "gone" in answer:
            self.check()
        return answer

    def _line(self) -> bytes:
        """The keeper's next line, or b"" if there is none."""
        while b"\n" not in self._read:
            data = self._connection.recv(65536)
            if not data:
                return b""
            self._read += data
        line, _, self._read = self._read.partition(b"\n")
        return line


def connect_hold(folder: Path, who: str | None = None) -> ServerRegistration | None:
    """A hold on the server that the state file names, if it is there; a mere visit without `who`.

    Nobody is asked whose keeper has gone: its port may be anybody's by now.

    Raises:
        FolderError: If somebody else wrote the state file.
        StateFileError: If a keeper lives, and its state file is damaged.
        KeeperSilentError: If its keeper is there and does not answer.
    """
    file = folder / "server.json"
    try:
        text = read_own(file)
    except (OSError, ValueError):
        text = ""
        if not file.exists():
            return None
    if not _keeper_lives(folder):
        return None  # a stale file, whose keeper was killed: the next keeper overwrites it
    state, info = _understood(file, text)
    if not _runs(info.keeper_pid):
        return None  # the lock is the next keeper's, which is about to remove the file
    try:
        connection = socket.create_connection(("127.0.0.1", state["keeper_port"]), timeout=_ANSWER_DEADLINE)
    except OSError:
        return None
    try:
        hello = {"token": state["token"], "who": who, "pid": os.getpid()}
        connection.sendall(json.dumps(hello).encode() + b"\n")
        if b'"ok"' not in connection.recv(4096):
            raise OSError  # noqa: TRY301 - somebody else's port by now
    except OSError as error:
        connection.close()
        if isinstance(error, TimeoutError) and _keeper_lives(folder):
            raise KeeperSilentError(*silent(state["keeper_pid"])) from None
        return None
    return ServerRegistration(connection, info)


def _keeper_lives(folder: Path) -> bool:
    """Whether a keeper holds this folder's lock, which the operating system frees when the keeper ends."""
    try:
        file = (folder / "keeper.lock").open("rb")
    except OSError:
        return False
    with file:
        if sys.platform == "win32":
            held = lock(folder / "keeper.lock")
            if held is not None:
                held.close()
            return held is None
        import fcntl

        try:  # shared: two that look at once do not see each other
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        return False


def _runs(pid: int) -> bool:
    """Whether a process runs; one that was killed, and that nobody has waited for yet, does not."""
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.AccessDenied:
        return True  # it is there
    except (psutil.NoSuchProcess, ValueError, OverflowError):
        return False


def _understood(file: Path, text: str) -> tuple[dict[str, Any], ServerInfo]:
    """The content of a state file.

    Raises:
        StateFileError: If it lacks something, or something is of another type.
    """
    try:
        state = json.loads(text)
        address = str(state["address"])
        host, _, port = address.partition(":")
        if host != "127.0.0.1":
            raise ValueError(address)  # noqa: TRY301 - as a key that is missing
        info = ServerInfo(
            address=f"{host}:{_port(int(port))}",
            ui_port=_port(state["ui_port"]),
            public_path=_typed(state["public_path"], str),
            pid=_typed(state["pid"], int),
            keeper_pid=_typed(state["keeper_pid"], int),
            log=Path(_typed(state["log"], str)),
            binary=Binary(Path(_typed(state["binary"], str)), _typed(state["binary_source"], str)),
            db_filename=Path(_typed(state["db_filename"], str)) if state["db_filename"] else None,
            started=float(state["started"]),
        )
        _port(state["keeper_port"])
        _typed(state["token"], str)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)[:_SHOWN]
        raise StateFileError(
            f"a server runs, but {file}, which says where, is damaged ({what})",
            "remove that file: the server ends by itself, and the next `open_lab` starts another",
        ) from error
    return state, info


_Typed = TypeVar("_Typed")


def _typed(value: object, kind: type[_Typed]) -> _Typed:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(f"{str(value)[:_SHOWN]!r} is not of type {kind.__name__}")
    return value


def _port(value: object) -> int:
    number = _typed(value, int)
    if not 0 < number < 1 << 16:
        raise ValueError(f"{number} is no port")
    return number


def silent(keeper: object) -> tuple[str, str]:
    """What is seen of a keeper that does not answer, and what to try."""
    return (
        f"the keeper of the dev server (pid {keeper}) does not answer: is it suspended?",
        f"`kill -CONT {keeper}` wakes it; `kill {keeper}` ends it and the server",
    )


def _said_gone(data: bytes) -> str | None:
    for line in data.splitlines():
        with contextlib.suppress(ValueError, KeyError, TypeError):
            return str(json.loads(line)["gone"])
    return None


def _reason(data: bytes) -> str:
    return _said_gone(data) or "the dev server was stopped"
