"""`tutorial lab` in a process of its own, with everything that it starts in sight."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

START_SECONDS = 40  # for `tutorial lab` to print its URLs, on a busy machine
STOP_SECONDS = 20  # for everything to end after Ctrl-C: kernels, JupyterLab, the keeper's grace

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
    """

    process: subprocess.Popen[bytes]
    log: Path
    state_dir: Path
    url: str = ""
    ui_url: str = ""
    address: str = ""

    @property
    def base(self) -> str:
        """JupyterLab's address without path and token."""
        return "/".join(self.url.split("/")[:3])

    def at(self, path: str) -> str:
        """A page of this JupyterLab, with the token."""
        return f"{self.base}{path}?{self.url.partition('?')[2]}"

    def wait_ready(self) -> None:
        """Wait for the three URLs."""
        found = self.wait_for(_URL, START_SECONDS)
        self.url, self.ui_url, self.address = found[1], found[2] or "", found[3]

    def wait_for(self, wanted: str | re.Pattern[str], timeout: float = 10) -> re.Match[str]:
        """Wait until it has printed something.

        Args:
            wanted: A regular expression.
            timeout: Seconds.
        """
        deadline = time.monotonic() + timeout
        while (found := re.search(wanted, self.log.read_text())) is None:
            assert self.process.poll() is None, f"`tutorial lab` ended:\n{self.log.read_text()}"
            assert time.monotonic() < deadline, f"no {wanted!r} in:\n{self.log.read_text()}"
            time.sleep(0.05)
        return found

    def processes(self) -> set[psutil.Process]:
        """Everything that belongs to it now: JupyterLab, kernels with their workers, keeper and server."""
        own = psutil.Process(self.process.pid)
        found = {own, *own.children(recursive=True)}
        state = json.loads((self.state_dir / "server.json").read_text())
        for pid in (state["keeper_pid"], state["pid"]):
            found.add(psutil.Process(pid))
        return found

    def interrupt(self) -> set[psutil.Process]:
        """Press Ctrl-C and wait. Returns what is still there at the deadline; nothing, if all is well."""
        before = self.processes()
        self.process.send_signal(signal.SIGINT)
        _, left = psutil.wait_procs(before, timeout=STOP_SECONDS)
        return set(left)


def clean_environment(state_dir: Path, home: Path, **variables: str) -> dict[str, str]:
    """This process's environment without what points Jupyter or Temporal anywhere, and a home of its own."""
    own = {
        k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "IPYTHON", "TEMPORAL_", "XDG_"))
    }
    return own | {"HOME": str(home), "TUTORIAL_STATE_DIR": str(state_dir), "NO_COLOR": "1", **variables}


@contextmanager
def running_lab(
    course: Path, scratch: Path, *options: str, through: Sequence[str] = (), **variables: str
) -> Iterator[RunningLab]:
    """A `tutorial lab` on free ports, with a home and a server of its own; stopped whatever happens.

    Args:
        course: Folder with `notebooks/`.
        scratch: Folder for its state, home and log.
        options: Options of the command.
        through: A program that starts it, e.g. one that gives it a terminal.
        variables: Environment variables on top of a clean environment.
    """
    state_dir, home = scratch / "state", scratch / "home"
    home.mkdir(parents=True, exist_ok=True)
    log = scratch / "lab.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*through, sys.executable, "-m", "tutorial_lib.cli", "lab", "--no-browser", *options],
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
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin:
            process.stdin.close()
