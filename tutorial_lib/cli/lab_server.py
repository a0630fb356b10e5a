"""JupyterLab inside the process of `tutorial lab`, beside a hold on the Temporal server.

Inside, so that nothing of the lab is left however the process ends: kernels notice the end of their
parent, and the Temporal server's keeper the end of its last user.
"""

from __future__ import annotations

import os
import re
import secrets
import signal
import sys
import sysconfig
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from rich.markup import escape

from tutorial_lib import jupyter
from tutorial_lib.cli.course import console, errors
from tutorial_lib.cli.lab_port import keep_port
from tutorial_lib.disk.names import NAME
from tutorial_lib.errors import ServerGoneError, TutorialError

if TYPE_CHECKING:
    from tutorial_lib.stage.server.shared import ServerRegistration

_USUAL_PORT = 8888
_PORT_RETRIES = 50
_WATCH_SECONDS = 1.0
_PREPARE_SECONDS = 10.0
_SERVER_ENDS = 8.0  # seconds: the keeper's grace, and the server's own end


class LabStartError(TutorialError):
    """JupyterLab did not start."""


class LabServer:
    """JupyterLab in this process, beside a hold on the Temporal server.

    Args:
        root: The folder that JupyterLab shows.
        notebook: Path of the notebook to open, from there.
        hold: The Temporal server, or None if the course runs against one elsewhere.
        port: Port of JupyterLab, free a moment ago; None takes the usual one or another.
        browser: Whether to open a browser tab.
        presenting: Whether the page opens as a deck.

    Attributes:
        root: The folder that JupyterLab shows.
        elsewhere: What to call the server elsewhere.
        app: Jupyter's own server.
        presenter: Address of the presenter's window; empty where nothing is presented.
    """

    def __init__(
        self,
        root: Path,
        notebook: str,
        hold: ServerRegistration | None,
        *,
        port: int | None,
        browser: bool,
        presenting: bool = False,
    ) -> None:
        from tutorial_lib.disk.state import state_folder

        self.root = root
        self.hold = hold
        self.elsewhere: str | None = None
        self._gone = False
        state_dir = state_folder()
        scripts = sysconfig.get_path("scripts")  # terminals find `temporal` and `tutorial` there
        os.environ.update(
            jupyter.course_environment(state_dir, ui_port=hold.info.ui_port if hold else None),
            PATH=os.pathsep.join([scripts, os.environ.get("PATH", os.defpath)]),
            # Through the environment, as other users can read a command line.
            JUPYTER_TOKEN=os.environ.get("JUPYTER_TOKEN") or secrets.token_hex(24),
        )
        namespace = _namespace_of(root / notebook)
        jupyter.save_workspace(state_dir, notebook, namespace=namespace if hold else None)
        # While JupyterLab is imported. The Web UI, open from the start, says "not found" to an unknown name.
        self._preparing = threading.Thread(target=_make_namespace, args=(hold, namespace), daemon=True)
        self._preparing.start()
        self.log = state_dir / "jupyterlab.log"
        _keep_terminal_for_us(self.log)
        start = f"/lab/workspaces/{jupyter.WORKSPACE}{'?present' if presenting else ''}"
        from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]  # reads the environment

        arguments = [
            f"--ServerApp.root_dir={root}",
            f"--ServerApp.port={port or _USUAL_PORT}",
            # Jupyter looks for the next free one by itself: two labs may start at once.
            f"--ServerApp.port_retries={0 if port else _PORT_RETRIES}",
            f"--ServerApp.open_browser={browser}",
            f"--LabApp.default_url={start}",
        ]
        try:
            self.app: Any = LabApp.initialize_server(arguments)
        except SystemExit as error:
            raise self._not_started() from error
        if not keep_port(self.app, 0 if port else _PORT_RETRIES):
            raise self._not_started(f"port {self.app.port} was taken a moment ago")
        token = quote(os.environ["JUPYTER_TOKEN"])
        here = f"http://127.0.0.1:{self.app.port}"
        self.url = f"{here}{start}{'&' if presenting else '?'}token={token}"
        self.presenter = f"{here}/course/presenter/{quote(notebook)}?token={token}" if presenting else ""

    def run(self) -> None:
        """Serve until a signal arrives; kernels and terminals have ended on return."""
        from tornado.ioloop import PeriodicCallback

        def stop(*_: Any) -> None:
            self.app.io_loop.add_callback_from_signal(self.app.stop)

        # JupyterLab's own handlers ask "are you sure?" on a terminal; a lesson's file is saved as one works.
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), stop)
        self._preparing.join(_PREPARE_SECONDS)
        self.app.io_loop.add_callback(self._greet)
        watch = PeriodicCallback(self._watch, _WATCH_SECONDS * 1000)
        watch.start()
        try:
            self.app.start()
        except SystemExit as error:  # Jupyter has ended by itself, and says why in its log alone
            if error.code:
                raise self._not_started() from error
        finally:
            watch.stop()

    def _not_started(self, why: str = "") -> LabStartError:
        tail = "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-8:])
        why = why or f"its log {self.log} ends with:\n{tail}"
        return LabStartError(f"JupyterLab did not start; {why}", "`tutorial doctor` checks the rest")

    def farewell(self) -> None:
        """Wait for the Temporal server to end, and return what ended."""
        import psutil

        console.print("JupyterLab and its kernels have stopped.")
        if self.hold is None:
            return
        others = self._others()
        self.hold.leave()
        deadline = time.monotonic() + (0 if others else _SERVER_ENDS)
        while psutil.pid_exists(self.hold.info.pid):
            if time.monotonic() > deadline:
                console.print(f"The Temporal server goes on{escape(others)}; `tutorial server stop` ends it.")
                return
            time.sleep(0.05)
        console.print("The Temporal server has stopped.")

    def _others(self) -> str:
        """Who else uses the Temporal server, in words; empty if nobody does."""
        if self.hold is None or not self.hold.alive:
            return ""
        names = [user["who"] for user in self.hold.users() if user["pid"] != os.getpid()]
        return f", used by {', '.join(names)}" if names else ""

    def _greet(self) -> None:
        console.print("\n[bold]The course runs.[/] Ctrl-C stops everything.\n")
        console.print(f"  your work    {escape(str(self.root))}")
        console.print(f"  JupyterLab   {escape(self.url)}")
        if self.hold is not None:
            console.print(f"  Web UI       {escape(self.hold.info.ui_url)}")
            console.print(f"  gRPC         {self.hold.info.address}\n")
        else:
            console.print(f"  gRPC         {escape(self.elsewhere or '')}: nothing was started here\n")
        if self.presenter:
            console.print(f"  Your notes   {escape(self.presenter)}\n")

    def _watch(self) -> None:
        """Report that the Temporal server has ended, and hold the next one that a notebook starts."""
        from tutorial_lib.stage.server.shared import find_server, hold_server

        if self.hold is None:
            return
        if not self._gone and not self.hold.alive:
            self._gone = True
            try:
                self.hold.check()
            except ServerGoneError as error:
                errors.print(f"[bold red]✗[/] {escape(error.seen)}\n  [bold]→[/] {escape(error.hint)}")
        elif self._gone and find_server() is not None:
            port = self.hold.info.ui_port
            self.hold = hold_server(who="tutorial lab")
            self._gone = False
            where = escape(f"gRPC {self.hold.info.address}, Web UI {self.hold.info.ui_url}")
            console.print(f"A new server runs: {where}")
            if self.hold.info.ui_port != port:
                console.print("  [bold]→[/] to have its Web UI inside JupyterLab, start `tutorial lab` anew")


def _namespace_of(notebook: Path) -> str:
    """The namespace that a lesson works in, from its `open_lab` line; "default" for other notebooks."""
    text = notebook.read_text(encoding="utf-8", errors="replace")
    found = re.search(rf"""open_lab\(\\?["']({NAME})\\?["']""", text)
    return found[1] if found else "default"


def _make_namespace(hold: ServerRegistration | None, namespace: str) -> None:
    if hold is None or namespace == "default":
        return
    import asyncio

    from temporalio.client import Client

    from tutorial_lib.stage.namespaces import make_namespace

    async def make() -> None:
        await make_namespace(await Client.connect(hold.info.address), namespace)

    try:
        asyncio.run(make())
    except (TutorialError, RuntimeError) as error:  # the lesson's first cell tries again, and says more
        errors.print(f"[yellow]•[/] the Web UI may not show {namespace} yet: {escape(str(error))}")


def _keep_terminal_for_us(log: Path) -> None:
    """Send what JupyterLab and its kernels print to a file; only this command's own lines reach the terminal.

    Kernels inherit file descriptors, so Python's `sys.stderr` is not the place to do it.
    """
    for stream, file in ((console, sys.stdout), (errors, sys.stderr)):
        copy, encoding = os.dup(file.fileno()), file.encoding or "utf-8"
        stream.file = os.fdopen(copy, "w", buffering=1, encoding=encoding, errors=file.errors)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    for file in (sys.stdout, sys.stderr):
        file.flush()
        os.dup2(descriptor, file.fileno())
    os.close(descriptor)
