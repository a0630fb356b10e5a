"""The keeper: a small process that owns one dev server for as long as somebody uses it.

    user (kernel, `tutorial lab`, pytest) ──TCP, held open──> keeper ──child──> temporal server start-dev

A user registers by holding a connection; the operating system closes it however the user ends, SIGKILL
included. Some seconds after the last one is gone the keeper stops the server and ends. It imports
the standard library alone, so it is up in 30 ms: a lesson's first cell waits for it.

Protocol, one JSON object a line. First `{"token": ..., "who": ..., "pid": ...}` makes a user (a visitor, who
keeps nothing alive, when `who` is null); after that
`{"lease": name}` answers with a namespace nobody else holds, `{"lease": name, "shared": true}` with that very
namespace and how many others hold it, `{"pin": bool}` keeps the server without
users, `{"stop": true}` ends it, `{"users": true}` lists them, `{"leave": true}` means this user leaves for
good: if it is the last, nobody returns, and the server ends at once.

Every process of this machine can connect. One that has not sent the token, or sends what is no message, loses
its connection, and that is all: the server is in use.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import selectors
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

from tutorial_lib.stage.server.process import ServerProcess

GRACE = 6.0  # seconds without users before the server goes: a kernel's restart fits in
FIRST_USER = 20.0  # seconds that a new server waits for its first user
HELLO = 5.0  # seconds for a new connection to say who it is
MOST_STRANGERS = 64  # connections that have not: beyond that, the one that waits longest goes
LONGEST_LINE = 65536  # bytes of a message
EXIT_LOCKED = 75  # another keeper has this state directory (EX_TEMPFAIL)
EXIT_FAILED = 70  # the server did not start (EX_SOFTWARE)


class Keeper:
    """One dev server, its users and its state file.

    Args:
        settings: `state_dir`, `command` (program and arguments without ports), `ports` (preferred gRPC and
            UI port), `public_path`, `binary_source`, `db_filename`, `pinned`, `grace`.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.folder = Path(settings["state_dir"])
        self.state_file = self.folder / "server.json"
        self.token = secrets.token_hex(16)
        self.selector = selectors.DefaultSelector()
        self.users: dict[socket.socket, dict[str, Any]] = {}
        self.said: dict[socket.socket, bytes] = {}  # connections and what they have sent of a line so far
        self.strangers: dict[
            socket.socket, float
        ] = {}  # those without a token yet, and since when; oldest first
        self.pinned = bool(settings.get("pinned"))
        self.usual_grace = float(settings.get("grace", GRACE))
        self.grace = self.usual_grace
        self.idle_since = time.monotonic() + FIRST_USER - self.grace
        self.stopping = False
        self.server = ServerProcess(settings["command"], self.folder / "server.log", tuple(settings["ports"]))

    # ---- life ------------------------------------------------------------------------------------

    def run(self) -> int:
        """Start the server, serve users, stop it. Returns the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: setattr(self, "stopping", True))
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setblocking(False)
        self.selector.register(listener, selectors.EVENT_READ)
        if not self.server.start():
            return EXIT_FAILED
        self.write_state(listener.getsockname()[1])
        try:
            while not self.stopping and self.alive() and self.wanted():
                for key, _ in self.selector.select(timeout=0.2):
                    if key.fileobj is listener:
                        self.accept(listener)
                    elif isinstance(key.fileobj, socket.socket):
                        self.read(key.fileobj)
                self.dismiss()
        finally:
            self.server.stop()
            with contextlib.suppress(OSError):
                self.state_file.unlink()
        return 0

    def alive(self) -> bool:
        """Whether the server process runs; informs the users when it does not."""
        if (how := self.server.ended) is None:
            return True
        for user in list(self.users):
            self.send(user, {"gone": f"the dev server (pid {self.server.pid}) {how}"})
        return False

    def wanted(self) -> bool:
        """Whether somebody uses the server, or did so a moment ago."""
        if not self.state_file.exists():  # its directory was removed: nobody can find this server any more
            return False
        if self.pinned or self.used():
            self.idle_since = time.monotonic()
            return True
        return time.monotonic() - self.idle_since < self.grace

    def used(self) -> bool:
        """Whether it has a user who is no visitor."""
        return any(user["who"] for user in self.users.values())

    def write_state(self, keeper_port: int) -> None:
        """Publish how to reach keeper and server; only the owner may read the token."""
        public = {
            "keeper_port": keeper_port,
            "keeper_pid": os.getpid(),
            "token": self.token,
            "address": f"127.0.0.1:{self.server.grpc_port}",
            "ui_port": self.server.ui_port,
            "public_path": self.settings["public_path"],
            "pid": self.server.pid,
            "log": str(self.server.log),
            "binary": self.settings["command"][0],
            "binary_source": self.settings["binary_source"],
            "db_filename": self.settings["db_filename"],
            "started": time.time(),
        }
        partial = self.state_file.with_suffix(".partial")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(public, file, indent=1)
        partial.replace(self.state_file)

    # ---- users -----------------------------------------------------------------------------------

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection in; its first message identifies it."""
        try:
            connection, _ = listener.accept()
        except OSError:
            return  # it has gone already
        connection.setblocking(False)
        self.said[connection] = b""
        self.strangers[connection] = time.monotonic()
        self.selector.register(connection, selectors.EVENT_READ)

    def dismiss(self) -> None:
        """Drop connections that do not identify themselves."""
        late = time.monotonic() - HELLO
        for number, (connection, since) in enumerate(reversed(list(self.strangers.items()))):
            if number >= MOST_STRANGERS or since < late:
                self.forget(connection)

    def read(self, connection: socket.socket) -> None:
        """Take what a connection sent; an empty read means that it has gone."""
        try:
            data = connection.recv(65536)
        except OSError:
            data = b""
        if not data:
            self.forget(connection)
            return
        *lines, rest = (self.said.get(connection, b"") + data).split(b"\n")
        self.said[connection] = rest
        for line in lines:
            message = _message(line)
            if message is None:
                self.forget(connection)
            else:
                self.handle(connection, message)
            if connection not in self.said:
                return  # it was dropped: what else it sent is nobody's
        if len(rest) > LONGEST_LINE:
            self.forget(connection)

    def handle(self, connection: socket.socket, message: dict[str, Any]) -> None:
        """Answer one message."""
        if connection not in self.users:
            token = str(message.get("token")).encode(errors="replace")
            if not secrets.compare_digest(token, self.token.encode()):
                self.forget(connection)
                return
            self.strangers.pop(connection, None)
            self.users[connection] = {"who": message.get("who"), "pid": message.get("pid"), "leases": []}
            self.grace = self.usual_grace
            self.send(connection, {"ok": True})
        elif "lease" in message:
            self.send(connection, self.lease(connection, str(message["lease"]), bool(message.get("shared"))))
        elif "pin" in message:
            self.pinned = bool(message["pin"])
            self.send(connection, {"ok": True})
        elif "users" in message:
            self.send(
                connection,
                {"users": [{"who": u["who"], "pid": u["pid"]} for u in self.users.values() if u["who"]]},
            )
        elif "leave" in message:
            self.send(connection, {"ok": True})
            self.forget(connection)
            if not self.used():
                self.grace = 0.0
        elif "stop" in message:
            self.stopping = True
            self.send(connection, {"ok": True})

    def lease(self, connection: socket.socket, name: str, shared: bool) -> dict[str, Any]:
        """`name`, or `name-2`, `name-3` ... if another user works in it and it is not to be shared."""
        mine: list[str] = self.users[connection]["leases"]
        taken = [
            lease for user, held in self.users.items() if user is not connection for lease in held["leases"]
        ]
        number = 1
        while (leased := name if number == 1 else f"{name}-{number}") in taken and not shared:
            number += 1
        if leased not in mine:
            mine.append(leased)
        return {"lease": leased, "others": taken.count(leased)}

    def send(self, connection: socket.socket, message: dict[str, Any]) -> None:
        """Send one message; a user that does not read is forgotten."""
        try:
            connection.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            self.forget(connection)

    def forget(self, connection: socket.socket) -> None:
        """Drop a connection and all that its user held."""
        self.users.pop(connection, None)
        self.strangers.pop(connection, None)
        if self.said.pop(connection, None) is not None:
            self.selector.unregister(connection)
        connection.close()


def _message(line: bytes) -> dict[str, Any] | None:
    """The message in a line; None if it is none."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None


def lock(path: Path) -> Any:
    """Take the lock that a living keeper holds; the operating system frees it when the keeper ends.

    Returns:
        The open file, to be kept open, or None if another keeper has it.
    """
    file = path.open("a")
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def main() -> NoReturn:
    """Run a keeper with the settings given as JSON in the only argument."""
    settings = json.loads(sys.argv[1])
    folder = Path(settings["state_dir"])
    held = lock(folder / "keeper.lock")
    if held is not None:  # what a killed keeper wrote names a port that is anybody's by now
        with contextlib.suppress(OSError):
            (folder / "server.json").unlink()
    sys.exit(EXIT_LOCKED if held is None else Keeper(settings).run())


if __name__ == "__main__":
    main()
