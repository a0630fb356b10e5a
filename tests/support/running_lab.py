"""`tutorial lab` in a process of its own, with everything that it starts in sight."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.blocking.client import BlockingKernelClient

from tests.support.waiting import BACKSTOP, looks
from tutorial_lib.jupyter import WORKSPACE

OWN = "my-course"
"""The learner's folder in a checkout: where JupyterLab starts."""

# Gives a command a terminal: what arrives on stdin is typed there, Ctrl-C included.
TERMINAL = [sys.executable, "-c", "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)"]

_POINTERS = ("JUPYTER", "IPYTHON", "TEMPORAL_", "PYTEST_", "XDG_")
# What `make test PYTHON=...` hands down to a make that a test starts.
_MAKE = ("MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS", "PYTHON", "VIRTUAL_ENV")

_WORKSPACE = f"/lab/api/workspaces/{WORKSPACE}"
_URL = re.compile(r"JupyterLab +(http://\S+)\s+(?:Web UI +(http://\S+)\s+)?gRPC +([^\s:]+:\d+)")


@dataclass
class RunningLab:
    """A `tutorial lab` and where it said it is.

    Attributes:
        process: The command.
        log: File with all it printed.
        url: JupyterLab's address with its token, as printed.
        ui_url: The Web UI's own address.
        address: The server's gRPC endpoint.
        workspace: The tabs and side bars with which it opens.
    """

    process: subprocess.Popen[bytes]
    log: Path
    state_dir: Path
    url: str = ""
    ui_url: str = ""
    address: str = ""
    workspace: object = field(default=None, repr=False)

    @property
    def base(self) -> str:
        """JupyterLab's address without path and token."""
        return "/".join(self.url.split("/")[:3])

    def at(self, path: str) -> str:
        """A page of this JupyterLab, with the token."""
        return f"{self.base}{path}?{self.url.partition('?')[2]}"

    def wait_ready(self) -> None:
        """Wait for the three URLs."""
        found = self.wait_for(_URL)
        self.url, self.ui_url, self.address = found[1], found[2] or "", found[3]
        self.workspace = self.api(_WORKSPACE)

    def wait_for(self, wanted: str | re.Pattern[str]) -> re.Match[str]:
        """Wait until it has printed something.

        Args:
            wanted: A regular expression.
        """
        for _ in looks(told=lambda: f"no {wanted!r} in:\n{self.log.read_text()}"):
            if found := re.search(wanted, self.log.read_text()):
                return found
            assert self.process.poll() is None, f"`tutorial lab` ended:\n{self.log.read_text()}"
        raise AssertionError

    def api(self, path: str, body: object = None, method: str | None = None) -> Any:
        """Ask JupyterLab's REST API.

        Args:
            path: E.g. "/api/sessions".
            body: What to send, as JSON; None sends nothing.
            method: HTTP method; GET or, with a body, POST if None.
        """
        answer = fetch(self.at(path), None if body is None else json.dumps(body).encode(), method)
        return json.loads(answer) if answer else None

    @contextmanager
    def kernel(self, notebook: str) -> Iterator[BlockingKernelClient]:
        """Start a notebook's kernel as JupyterLab does when it opens one; gives a client of it."""
        session = {"path": notebook, "name": "", "type": "notebook", "kernel": {"name": "python3"}}
        name = f"kernel-{self.api('/api/sessions', session)['kernel']['id']}.json"
        client = BlockingKernelClient(connection_file=str(next(self.log.parent.rglob(name))))
        client.load_connection_file()
        client.start_channels()
        try:
            yield client
        finally:
            client.stop_channels()

    def restore_workspace(self) -> None:
        """Have it open as it did at first, whatever other pages have left of its tabs and side bars."""
        self.api(_WORKSPACE, self.workspace, "PUT")

    def end_kernels(self) -> None:
        """Shut all kernels down, as "Shut Down All" does."""
        for session in self.api("/api/sessions"):
            self.api(f"/api/sessions/{session['id']}", method="DELETE")

    def processes(self) -> set[psutil.Process]:
        """Everything that belongs to it now: JupyterLab, kernels with their workers, keeper and server."""
        own = psutil.Process(self.process.pid)
        found = {own, *own.children(recursive=True)}
        state = json.loads((self.state_dir / "server.json").read_text())
        for pid in (state["keeper_pid"], state["pid"]):
            found.add(psutil.Process(pid))
        return found


def fetch(url: str, body: bytes | None = None, method: str | None = None) -> str:
    """What a URL of this machine answers."""
    request = urllib.request.Request(url, body, method=method)  # noqa: S310 - the URL is the lab's own
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
        request, timeout=BACKSTOP
    ) as answer:
        return str(answer.read().decode())


@contextmanager
def stranger_on(port: int) -> Iterator[bool]:
    """Listens on a port while the block runs; yields whether it does: another run's server may have it.

    That one may go at any moment, so what the block saw counts for sure only if this is true.
    """
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", port))
        except OSError:
            yield False
        else:
            other.listen()
            yield True


def clean_environment(state_dir: Path, home: Path, **variables: str) -> dict[str, str]:
    """This process's environment without what points Jupyter, Temporal or make anywhere, and its own home."""
    names = [name for name in os.environ if not name.startswith(_POINTERS) and name not in _MAKE]
    own = {name: os.environ[name] for name in names}
    return own | {"HOME": str(home), "TUTORIAL_STATE_DIR": str(state_dir), "NO_COLOR": "1", **variables}


@contextmanager
def running_lab(
    course: Path,
    scratch: Path,
    *options: str,
    command: Sequence[str] = (sys.executable, "-m", "tutorial_lib.cli", "lab", "--no-browser"),
    through: Sequence[str] = (),
    **variables: str,
) -> Iterator[RunningLab]:
    """A `tutorial lab` on free ports, with a home and a server of its own; stopped whatever happens.

    Args:
        course: Folder with `notebooks/`; in it, the lab makes the folder with the copies, `OWN`.
        scratch: Folder for its state, home and log.
        options: Options of the command.
        command: What starts it.
        through: A program that starts it, e.g. one that gives it a terminal.
        variables: Environment variables on top of a clean environment.
    """
    state_dir = Path(variables.get("TUTORIAL_STATE_DIR", scratch / "state"))
    home = scratch / "home"
    home.mkdir(parents=True, exist_ok=True)
    log = scratch / "lab.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*through, *command, *options],
            cwd=course,
            env=clean_environment(state_dir, home) | variables,
            stdin=subprocess.PIPE if through else subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    lab = RunningLab(process, log, state_dir)
    try:
        lab.wait_ready()
        yield lab
    finally:
        # Where it runs through a terminal, this closes the terminal; what does not end with it is ended here.
        own = []
        with suppress(psutil.NoSuchProcess):
            own = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        try:
            process.wait(BACKSTOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin:
            process.stdin.close()
        for left in psutil.wait_procs(own, timeout=BACKSTOP)[1]:
            with suppress(psutil.NoSuchProcess):
                left.kill()
