"""Holding a dev server: a user's side of the connection to its keeper (see `keeper.py`)."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tutorial_lib.errors import ServerGoneError
from tutorial_lib.stage.binary import Binary

_ANSWER_DEADLINE = 5.0  # seconds for the keeper to answer a question


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


class ServerHold:
    """A user's registration with a server's keeper; the server stays at least until `close`.

    Args:
        connection: Open connection to the keeper.
        info: What the keeper published.
    """

    def __init__(self, connection: socket.socket, info: ServerInfo) -> None:
        self.info = info
        self._connection = connection
        self._lines = connection.makefile("r", encoding="utf-8")
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
                except OSError:
                    data = b""
                finally:
                    with contextlib.suppress(OSError):  # closed by `close`
                        self._connection.settimeout(_ANSWER_DEADLINE)
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
        """Give up this hold for good: the server goes at once if nobody else holds it."""
        with contextlib.suppress(ServerGoneError):
            self._ask({"leave": True})
        self.close()

    def close(self) -> None:
        """Give up this hold; the server stays some seconds more, for a kernel that restarts."""
        with contextlib.suppress(OSError):
            self._lines.close()
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
                line = self._lines.readline()
            except OSError:
                line = ""
            answer: dict[str, Any] = json.loads(line) if line else {"gone": _reason(b"")}
            if "gone" in answer:
                self._gone = str(answer["gone"])
        if "gone" in answer:
            self.check()
        return answer


def connect_hold(folder: Path, who: str | None = None) -> ServerHold | None:
    """A hold on the server that the state file names, if it is there; a mere visit without `who`."""
    try:
        state = json.loads((folder / "server.json").read_text(encoding="utf-8"))
        connection = socket.create_connection(("127.0.0.1", state["keeper_port"]), timeout=_ANSWER_DEADLINE)
    except (OSError, ValueError):
        return None  # no file, or a stale one whose keeper was killed: the next keeper overwrites it
    try:
        hello = {"token": state["token"], "who": who, "pid": os.getpid()}
        connection.sendall(json.dumps(hello).encode() + b"\n")
        if b'"ok"' not in connection.recv(4096):
            raise OSError  # noqa: TRY301 - somebody else's port by now
    except OSError:
        connection.close()
        return None
    info = ServerInfo(
        address=state["address"],
        ui_port=state["ui_port"],
        public_path=state["public_path"],
        pid=state["pid"],
        keeper_pid=state["keeper_pid"],
        log=Path(state["log"]),
        binary=Binary(Path(state["binary"]), state["binary_source"]),
        db_filename=Path(state["db_filename"]) if state["db_filename"] else None,
        started=state["started"],
    )
    return ServerHold(connection, info)


def _reason(data: bytes) -> str:
    for line in data.splitlines():
        with contextlib.suppress(ValueError, KeyError):
            return str(json.loads(line)["gone"])
    return "the dev server was stopped"
