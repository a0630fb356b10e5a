"""A dev server of one's own, for lessons that kill it: the course's shared one keeps running beside it."""

from __future__ import annotations

import asyncio
import atexit
import os
import signal
import time
import weakref
from pathlib import Path
from typing import Any, Self

from temporalio.client import Client

from tutorial_lib.disk import folders
from tutorial_lib.disk.state import absolute
from tutorial_lib.errors import ServerError
from tutorial_lib.stage.server.database import refuse_if_in_use, remove_database
from tutorial_lib.stage.server.registration import ServerRegistration
from tutorial_lib.stage.server.shared import hold_server
from tutorial_lib.stage.target import Target

_ANY_PORT = 0
_made: weakref.WeakSet[DevServer] = weakref.WeakSet()


def running_dev_servers() -> list[DevServer]:
    """The servers of one's own that this process started and that run now."""
    return [server for server in _made if server.alive]


class DevServer:
    """A private `temporal server start-dev`; it ends with the kernel. Made by `start_dev_server`.

    Args:
        db_filename: File that keeps its state; in memory if None.
        extra: Further arguments of `temporal server start-dev`.
    """

    def __init__(self, db_filename: Path | None = None, extra: tuple[str, ...] = ()) -> None:
        self.db_filename = db_filename
        self._extra = extra
        self._folder = folders.scratch("temporal-dev-server-")
        self._ports = (_ANY_PORT, _ANY_PORT)
        self._hold: ServerRegistration | None = None
        _made.add(self)
        atexit.register(self.close)  # the process goes with the kernel in any case; its scratch files do not

    def __repr__(self) -> str:
        kept = "in memory" if self.db_filename is None else f"in {self.db_filename.name}"
        return f"DevServer({'running' if self.alive else 'down'}, state {kept})"

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._hold is not None and self._hold.alive

    @property
    def address(self) -> str:
        """Host and port of its gRPC endpoint; the same again after a restart."""
        return self._held.info.address

    @property
    def ui_url(self) -> str:
        """Where its Web UI is."""
        return self._held.info.ui_url

    @property
    def pid(self) -> int:
        """Process id of `temporal`."""
        return self._held.info.pid

    @property
    def log(self) -> str:
        """What it printed."""
        return self._held.info.log.read_text(encoding="utf-8", errors="replace")

    def start(self) -> Self:
        """Start it, on the same ports and database file as before; blocks until it answers.

        Raises:
            DatabaseFileError: If another server runs on its database file.
            ServerStartError: If it does not answer; the message names its log.
        """
        if not self.alive:
            if self.db_filename is not None:
                refuse_if_in_use(self.db_filename)
            if self._hold is not None:
                self._hold.close()
            self._hold = hold_server(
                who="a lesson's own server",
                state_dir=self._folder,
                db_filename=self.db_filename,
                ports=self._ports,
                extra=self._extra,
            )
            self._ports = (self._hold.info.grpc_port, self._hold.info.ui_port)
        return self

    def kill(self) -> None:
        """SIGKILL, as a power cut would: no time to save anything. Returns when it is gone."""
        if self.alive:
            os.kill(self.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
            self._await_gone()

    def stop(self) -> None:
        """Stop it in order. Returns when it is gone."""
        if self.alive and self._hold is not None:
            self._hold.stop()
            self._await_gone()

    def close(self) -> None:
        """Stop it for good and remove its scratch directory (never the database file)."""
        self.stop()
        if self._hold is not None:
            self._hold.close()
        folders.remove(self._folder)
        atexit.unregister(self.close)

    async def connect(self, namespace: str = "default", **options: Any) -> Client:
        """A real `Client` of this server.

        Args:
            namespace: Namespace of the client.
            options: Arguments of `Client.connect`.
        """
        return await Target(self.address, name="this server").connect(namespace, **options)

    @property
    def _held(self) -> ServerRegistration:
        if self._hold is None:
            raise ServerError("this server was never started", "call `server.start()` first")
        return self._hold

    def _await_gone(self) -> None:
        deadline = time.monotonic() + 10
        while self.alive or (self._folder / "server.json").exists():
            if time.monotonic() > deadline:
                raise ServerError(
                    f"the server (pid {self.pid}) is still there after 10 s", f"see {self._folder}"
                )
            time.sleep(0.01)


async def start_dev_server(
    *, db_filename: str | os.PathLike[str] | None = None, fresh: bool = True, extra: tuple[str, ...] = ()
) -> DevServer:
    """Start a dev server beside the course's own one, on free ports.

    One that this process has started on the same file is closed first: two servers would spoil its database.

    Args:
        db_filename: File that keeps its state across restarts; in memory if None.
        fresh: Remove that file first, so that a re-run of the lesson starts empty.
        extra: Further arguments of `temporal server start-dev`.

    Raises:
        DatabaseFileError: If that file is not a dev server's database, or another process has a server on it;
            nothing was touched.
        ServerStartError: If it does not answer; the message names its log.
    """
    path = None if db_filename is None else absolute(db_filename)
    return await asyncio.to_thread(_start, path, extra, fresh=fresh)


def _start(path: Path | None, extra: tuple[str, ...], *, fresh: bool) -> DevServer:
    if path is not None:
        for each in running_dev_servers():
            if each.db_filename == path:  # a cell that runs again
                each.close()
        refuse_if_in_use(path)
        if fresh:
            remove_database(path)
    return DevServer(path, extra).start()
