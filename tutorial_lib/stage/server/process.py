"""The `temporal` process that a keeper owns: started on free ports, awaited, stopped.

Standard library only: a keeper needs nothing else (see `keeper.py`).
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tutorial_lib.stage.leash import BY_SYSTEM, take_leash, watch

START_DEADLINE = 30.0  # seconds for the server to answer
STOP_DEADLINE = 5.0  # seconds for it to end when asked to
_OWN_PORTS = 15_000  # the lowest of ours: above the well-known ones, Temporal's 7233 and Jupyter's 8888 too
_PROBES = 200


def how_ended(code: int) -> str:
    """How a process ended, in words: "was ended by SIGKILL", "ended with exit code 3".

    Args:
        code: Its return code, as `subprocess.Popen` has it: below 0 for a signal.
    """
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


class ServerProcess:
    """One `temporal server start-dev`.

    Args:
        command: The program and its arguments, without ports.
        log: File that takes what the server prints.
        preferred: gRPC and Web UI port to take when they are free; 0 takes any.
    """

    def __init__(self, command: Sequence[str], log: Path, preferred: tuple[int, int]) -> None:
        self.command = list(command)
        self.log = log
        self.preferred = preferred
        self.grpc_port = self.ui_port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id; 0 before the start."""
        return self._process.pid if self._process else 0

    @property
    def ended(self) -> str | None:
        """How the process ended, in words, or None while it runs."""
        if self._process is None or (code := self._process.poll()) is None:
            return None
        return how_ended(code)

    def start(self) -> bool:
        """Start it and wait until it answers. Returns whether it does."""
        for _ in range(3):  # a port can be lost to somebody between finding it free and using it
            grpc, ui = self.preferred
            self.grpc_port = grpc if grpc and is_free(grpc) else free_port()
            self.ui_port = ui if ui and is_free(ui) else free_port()
            http_port = free_port()
            ports = ["--port", self.grpc_port, "--ui-port", self.ui_port, "--http-port", http_port]
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    [*self.command, *map(str, ports)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, **lacking(self.log.parent)},
                    **leashed(),
                )
            watch(self.pid)
            if self._answers(http_port):
                return True
            self.stop()
        return False

    def stop(self) -> None:
        """Ask it to end; when it does not, kill it."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_DEADLINE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _answers(self, http_port: int) -> bool:
        """Wait until the frontend answers a real request (its HTTP API is the gRPC service, over HTTP).

        The three ports open in no fixed order: an answer over HTTP does not mean that gRPC listens yet.
        """
        deadline = time.monotonic() + START_DEADLINE
        while time.monotonic() < deadline and self.ended is None:
            try:
                with socket.create_connection(("127.0.0.1", http_port), timeout=2) as connection:
                    connection.sendall(b"GET /api/v1/system-info HTTP/1.0\r\nHost: localhost\r\n\r\n")
                    answered = b" 200 " in connection.recv(64)
                for port in (self.grpc_port, self.ui_port):
                    socket.create_connection(("127.0.0.1", port), timeout=2).close()
            except OSError:
                answered = False
            if answered and self.ended is None:
                return True
            time.sleep(0.005)
        return False


def is_free(port: int) -> bool:
    """Whether the port can be bound on the loopback address."""
    with socket.socket() as probe:
        if os.name == "posix":  # as servers do: a port whose last connections are fading out is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port that is free now, and that no connection gets by chance.

    What the system gives who asks for any port, it also gives the near end of every connection that a program
    opens: a server that is to come back on such a port can find it in use. These ports are below those.
    """
    ports = range(_OWN_PORTS, lowest_given())
    for _ in range(_PROBES if ports else 0):
        if is_free(port := secrets.choice(ports)):  # `random` is the learner's
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lowest_given(setting: Path = Path("/proc/sys/net/ipv4/ip_local_port_range")) -> int:
    """The lowest port that the system gives connections.

    Args:
        setting: Where Linux has it. Elsewhere it is IANA's, 49152 (RFC 6335), as macOS and Windows have it.
    """
    try:
        return int(setting.read_bytes().split()[0])
    except (OSError, ValueError, IndexError):
        return 49152


def lacking(home: Path) -> dict[str, str]:
    """Variables that `temporal` does not start without and that this process has not.

    A container's user without a name often has no HOME and no USER. Then the program gets a home of its own.

    Args:
        home: A folder that is there.
    """
    if os.name != "posix":
        return {}
    found = {}
    if not os.access(os.environ.get("HOME") or "-", os.X_OK):
        found["HOME"] = str(home)
    if not os.environ.get("USER"):
        found["USER"] = "learner"
    return found


def leashed() -> dict[str, Any]:
    """Arguments of `Popen`: before a child becomes `temporal`, it asks for SIGTERM when the keeper ends.

    A keeper has one thread, so that code may run between fork and exec.
    """
    return {"preexec_fn": partial(take_leash, os.getpid(), signal.SIGTERM)} if BY_SYSTEM else {}
