"""Workers in operating-system processes of their own, running definitions from the notebook's cells.

    kernel: cells ──export──> folder/notebook_worker.py ──import──> child: Worker(...).run()
            stdin pipe, held open ───────────────────────────────> child ends when it breaks
            stdout pipe <──────── one line: ready, or why not ──── child

Such a worker can be killed for real. It ends with the kernel however that ends: its stdin breaks, and where
an activity keeps it from seeing that, it is killed (see `leash.py`).
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tutorial_lib.cells import connecting
from tutorial_lib.disk import folders
from tutorial_lib.errors import FolderError, WorkerStartError, WorkerStopError
from tutorial_lib.stage.clock import clock_at
from tutorial_lib.stage.leash import start_leashed
from tutorial_lib.stage.server.shared import python
from tutorial_lib.stage.workers.spec import WorkerSpec

START_DEADLINE = 30.0  # seconds until the child must be polling
STOP_DEADLINE = 15.0  # seconds for a worker to stop when asked


class WorkerProcess:
    """A worker in its own process. Made by `lab.spawn_worker`.

    Args:
        address: Host and port of the server.
        namespace: Namespace of the worker.
        spec: What it runs: definitions from cells or modules; its options travel by pickle.
        folder: Where it may make a scratch directory of its own.

    Attributes:
        spec: What it runs.
        started: When it was started last by the server's clock, in seconds since the epoch; 0 before.
        former: Identities of its earlier starts.
    """

    kind = "process"

    def __init__(self, address: str, namespace: str, spec: WorkerSpec, folder: Path) -> None:
        self.spec = spec
        self.started = 0.0
        self.former: set[str] = set()
        self._connection = {"address": address, "namespace": namespace}
        self._specification: dict[str, Any] = {}
        self._folder = folders.scratch("worker-", folder)
        self._process: subprocess.Popen[bytes] | None = None

    def __repr__(self) -> str:
        label = f"{self.spec.name!r}, " if self.spec.name else ""
        return f"WorkerProcess({label}{self.spec.task_queue!r}, pid <pid>, {self.state})"

    @property
    def pid(self) -> int:
        """Its process id; 0 before the start."""
        return self._process.pid if self._process else 0

    @property
    def identity(self) -> str:
        """The name by which the server knows it as a poller."""
        return str(self.spec.options.get("identity") or f"{self.pid}@{socket.gethostname()}")

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def state(self) -> str:
        """One of "not started", "alive", "stopped", "killed (SIGKILL)"."""
        if self._process is None or (code := self._process.poll()) is None:
            return "alive" if self._process else "not started"
        return f"killed ({signal.Signals(-code).name})" if code < 0 else "stopped"

    @property
    def log(self) -> str:
        """What the process printed and logged, activities' prints included."""
        return self._log_file.read_text(encoding="utf-8", errors="replace") if self._log_file.exists() else ""

    @property
    def _log_file(self) -> Path:
        return self._folder / "worker.log"

    def start(self) -> None:
        """Start the process and wait until it polls; again, if it was stopped or killed.

        The definitions are written out at the first start: another start runs the same code, as a container
        of the same image does. Nothing happens when it runs already.

        Raises:
            ExportError: If a definition cannot be written to a module.
            NotebookSourceError: If a definition's cell cannot be found.
            WorkerStartError: With the process' own message.
        """
        if self.alive:
            return
        if not (self._specification and self._folder.exists()):
            self._write_out()
        if self._process is not None:
            self.former.add(self.identity)
            self._close_pipes()
        self.started = clock_at(self._connection["address"]).now()
        with self._log_file.open("ab") as log:
            self._process = start_leashed(
                [*python("tutorial_lib.stage.workers.main"), json.dumps(self._specification)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={
                    **os.environ,
                    "PYTHONUNBUFFERED": "1",
                    # Of another lab, if one was opened since.
                    "TEMPORAL_NAMESPACE": self._connection["namespace"],
                },
                # Ctrl-C in the notebook's terminal is for the cell, not for this worker.
                start_new_session=True,
            )
        answer = self._first_line()
        if answer != "ready":
            self.kill()
            reason = answer or f"it said nothing for {START_DEADLINE:.0f} s"
            raise WorkerStartError(
                f"the worker process on {self.spec.task_queue!r} did not start: {reason}", self._tail()
            )

    def stop(self) -> None:
        """Stop it as Kubernetes would, with SIGTERM: it finishes what it does and takes nothing new.

        Raises:
            WorkerStopError: If it is still there after the deadline.
        """
        if self._process is None or not self.alive:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_DEADLINE)
        except subprocess.TimeoutExpired as error:
            raise WorkerStopError(
                f"the worker process on {self.spec.task_queue!r} did not stop in {STOP_DEADLINE:.0f} s",
                "`.kill()` does not ask; `.log` tells what it is doing",
            ) from error

    def kill(self) -> None:
        """SIGKILL: it gets no chance to end in order. Returns when the process has ended."""
        if self._process is not None and self.alive:
            self._process.kill()
            self._process.wait(STOP_DEADLINE)

    def close(self) -> None:
        """Kill it if it runs, and remove its scratch directory."""
        self.kill()
        self._close_pipes()
        with contextlib.suppress(FolderError):  # something in it is in use: it goes with the lab's folder
            folders.remove(self._folder)

    def _write_out(self) -> None:
        """The definitions as a module, and what the child needs to know."""
        from tutorial_lib.cells.export.worker_module import write_worker_module

        definitions = [*self.spec.workflows, *self.spec.activities]
        module = write_worker_module(definitions, self._folder, options=self.spec.options)
        self._specification = {
            **self._connection,
            "led": connecting.is_installed(),
            "parent": os.getpid(),
            "task_queue": self.spec.task_queue,
            "workflows": [module.reference(workflow) for workflow in self.spec.workflows],
            "activities": [module.reference(activity) for activity in self.spec.activities],
            "module": module.module,
            "options": module.options.hex(),
            "path": [str(self._folder), *_search_path()],
        }

    def _close_pipes(self) -> None:
        if self._process is not None:
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()

    def _first_line(self) -> str:
        """The child's one line, or what arrived until the deadline."""
        assert self._process is not None  # noqa: S101
        assert self._process.stdout is not None  # noqa: S101
        if sys.platform == "win32":  # selectors take sockets only
            return self._process.stdout.readline().decode(errors="replace").strip()
        said = b""
        deadline = time.monotonic() + START_DEADLINE
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while not said.endswith(b"\n") and (left := deadline - time.monotonic()) > 0:
                if selector.select(left):
                    data = os.read(self._process.stdout.fileno(), 4096)
                    if not data:
                        break
                    said += data
        return said.decode(errors="replace").strip()

    def _tail(self) -> str:
        lines = self.log.strip().splitlines()
        return "its log ends with: " + "\n    ".join(lines[-6:]) if lines else ""


def _search_path() -> list[str]:
    """Where this process looks for modules, with the notebook's own folder last.

    A notebook looks there first, but has long imported what a new process only begins to: a `queue.py` beside
    the notebook would be taken for Python's.
    """
    try:
        here = str(Path.cwd())
    except OSError:  # removed meanwhile
        here = ""
    others = [each for each in sys.path if each not in {"", ".", here}]
    return [*others, here] if here and len(others) < len(sys.path) else others
