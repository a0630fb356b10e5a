"""The fleet of a lab, live: what each worker does and has cached, and buttons that really start, stop, kill.

watch (own thread): workers' state, four times a second ──┐
                    census of the namespace, when due ────┴─> layout ──> traits ──> static/view.js
button ──> message ──> own thread: worker.start() / .stop() / .kill() ──> look at once
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final, Self

import traitlets
from temporalio.client import Client

from tutorial_lib.errors import TutorialError
from tutorial_lib.stage.workers.process import WorkerProcess
from tutorial_lib.stage.workers.workers import AnyWorker, Workers, worker_name
from tutorial_lib.views.fleet.layout import fleet_layout, key_of
from tutorial_lib.views.fleet.picture import fleet_picture
from tutorial_lib.views.kit.census import Census
from tutorial_lib.views.kit.census_reader import CensusReader
from tutorial_lib.views.kit.following import LiveView
from tutorial_lib.views.kit.svg import Picture

FAST, SLOW = 0.5, 2.0  # seconds between two censuses: while things change, and when nothing does
FIRST_LOOK = 2.0  # seconds that making the view may wait for what the server says
_STATES: Final = {"start": "starting", "stop": "stopping", "kill": "being killed"}


class Fleet(LiveView):
    """The workers of a lab as a table with buttons. Made by `lab.fleet()`.

    Attributes:
        rows: A dict for each worker, as `fleet_layout` makes it.
        homeless: Open executions that are in no cache of these workers.
        complete: Whether all open executions of the namespace were looked at.
    """

    script = "fleet"
    rows: Any = traitlets.List().tag(sync=True)
    homeless: Any = traitlets.List().tag(sync=True)
    complete = traitlets.Bool(True).tag(sync=True)

    _lost_note = "The server does not answer: load and caches are as they were last seen."

    @classmethod
    def follow(
        cls, workers: Workers, client: Client, check_server: Callable[[], None] = lambda: None
    ) -> Self:
        """A view of a lab's workers that follows them until `close`.

        Args:
            workers: The workers.
            client: Client of their namespace.
            check_server: Raises when the server has gone; asked before a worker is started.
        """
        view = cls()
        view._begin(workers, client, check_server)
        return view

    def picture(self) -> Picture:
        """The table as it is now; without pids, so that it is the same at each run."""
        return fleet_picture({"rows": self.rows, "homeless": self.homeless})

    def before_display(self) -> None:
        """Show workers that were made or ended a moment ago as well."""
        super().before_display()
        if self.live:
            self._show()

    def act(self, action: str, key: str, identity: str | None = None) -> threading.Thread | None:
        """Start, stop or kill a worker, as the buttons do: on a thread, so that the kernel stays free.

        Args:
            action: "start", "stop" or "kill".
            key: The worker's "key" in `rows`.
            identity: The worker's identity that was seen with the button: if another has its place by
                now, nothing is done.

        Returns:
            The thread; None if the action is refused, with the reason in `note`.
        """
        row = next((each for each in self._layout()["rows"] if each["key"] == key), None)
        worker = next((each for each in self._workers if key_of(each) == key), None)
        if row is None or worker is None or action not in _STATES or not self.live:
            self.note = "That worker is not in the lab any more: nothing was done."
        elif identity is not None and identity != worker.identity:
            self.note = f"{row['name']} was started anew since: nothing was done."
        elif row["refusals"][action]:
            self.note = f"{row['name']}: {row['refusals'][action]}"
        else:
            self._busy[key] = _STATES[action]
            self.note = f"{row['name']} is {_STATES[action]}."
            self._show()
            thread = threading.Thread(target=self._act, args=(action, key, worker), daemon=True)
            thread.start()
            return thread
        return None

    def _begin(self, workers: Workers, client: Client, check_server: Callable[[], None]) -> None:
        self._workers = workers
        self._check_server = check_server
        self._taker = CensusReader(client)
        self._census: Census | None = None
        self._due, self._pause = 0.0, FAST
        self._busy: dict[str, str] = {}
        self._lock = threading.Lock()
        self._looked = threading.Event()
        self.on_msg(self._on_message)
        _free_of_cells(self.comm)
        self._follow(self._look, fast=FAST / 2, slow=FAST / 2)
        self._looked.wait(FIRST_LOOK)
        self._show()

    def _layout(self) -> dict[str, Any]:
        return fleet_layout(list(self._workers), self._census, self._busy, self._workers.gone())

    def _show(self) -> bool:
        """Bring the traits up to date. Returns whether there was news."""
        with self._lock:
            layout = self._layout()
            news = {name: value for name, value in layout.items() if getattr(self, name) != value}
            for name, value in news.items():
                setattr(self, name, value)
            return bool(news)

    async def _look(self) -> bool:
        news = self._show()
        begun = time.monotonic()
        if news or begun >= self._due:
            self._census = await self._taker.take()
            took = time.monotonic() - begun
            news = self._show()
            self._pause = FAST if news else min(SLOW, self._pause * 1.5)
            # A census of many executions may not take all of a small machine.
            self._due = time.monotonic() + max(self._pause, 5 * took)
        self._looked.set()
        return news

    def _on_lost(self, reason: str) -> None:
        self._looked.set()
        self._due = time.monotonic() + SLOW
        self._show()
        super()._on_lost(reason)

    def _on_message(self, _: Any, content: Any, __: Any) -> None:
        if isinstance(content, dict) and content.get("type") == "do":
            self.act(str(content.get("action")), str(content.get("key")), str(content.get("identity")))

    def _act(self, action: str, key: str, worker: AnyWorker) -> None:
        name = worker_name(worker)
        try:
            self.note = f"{name}: {_do(action, worker, self._check_server)}"
        except TutorialError as error:
            self.note = f"{name}: {error.seen}" + (f" ({error.hint})" if error.hint else "")
        except Exception as error:  # noqa: BLE001 - whatever it is, the learner pressed a button and is told
            self.note = f"{name}: {type(error).__name__}: {error}"
        finally:
            self._busy.pop(key, None)
            self._due = 0.0
            self._show()
            if self._watch is not None:
                self._watch.soon()


def _free_of_cells(comm: Any) -> None:
    """Let buttons work while a cell blocks the kernel.

    JupyterLab sends a widget's messages to a subshell of the kernel, a thread of its own. ipykernel sends
    them on to where the widget spoke last, which is the thread of the cells: there they would wait for the
    cell's end. With another ipykernel, or another front end, they do.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = lambda _, addressed: addressed  # noqa: SLF001 - ipykernel has no public switch


def _do(action: str, worker: AnyWorker, check_server: Callable[[], None]) -> str:
    """Do what a button asks for. Returns the result in words."""
    if action == "start":
        check_server()
        worker.start()
        made = "as a new process, " if isinstance(worker, WorkerProcess) else ""
        return f"it runs again, {made}with an empty cache."
    if action == "stop":
        worker.stop()
        return "it finished what it had to and takes nothing new: stopped."
    if isinstance(worker, WorkerProcess):
        worker.kill()
        return "killed with SIGKILL. It said goodbye to nobody: the server finds out by timeouts."
    raise TutorialError("only a process can be killed")
