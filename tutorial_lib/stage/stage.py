"""The stage: one server, one namespace, one real client, its workers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from temporalio.client import Client, WorkflowHandle

from tutorial_lib import sdk
from tutorial_lib.disk import folders
from tutorial_lib.disk.names import check_name
from tutorial_lib.disk.state import state_folder
from tutorial_lib.errors import LocalServerNeededError, TutorialError, shown_as
from tutorial_lib.stage.cli import CliResult, run_cli
from tutorial_lib.stage.clock import clock_of
from tutorial_lib.stage.server.binary import find_binary
from tutorial_lib.stage.server.registration import ServerInfo, ServerRegistration
from tutorial_lib.stage.target import Target
from tutorial_lib.stage.wait_for_learner import wait_for_start
from tutorial_lib.stage.wait_for_result import check_answers_now, result_with_care, waits_for_now
from tutorial_lib.stage.web_ui import Link, WebUI
from tutorial_lib.stage.workers.embedded import EmbeddedWorker
from tutorial_lib.stage.workers.process import WorkerProcess
from tutorial_lib.stage.workers.spec import WorkerSpec
from tutorial_lib.stage.workers.workers import Workers

_Result = TypeVar("_Result")


class Stage:
    """A lesson's place on a Temporal service. Made by `open_stage`.

    Attributes:
        name: The lesson's name.
        namespace: The lesson's own namespace.
        client: A real `temporalio.client.Client` of it.
        workers: The workers made here; a table in a notebook.
        folder: A scratch directory of this lesson, for files its activities write.
    """

    def __init__(
        self, name: str, client: Client, target: Target, hold: ServerRegistration | None, others: int
    ) -> None:
        self.name = name
        self.client = client
        self.namespace = client.namespace
        self.workers = Workers()
        # A leased namespace is the lab's name, or that with "-2"; a profile's is any.
        self.folder = _folder(name if hold is None else self.namespace, empty=not others)
        self._others = others
        self._target = target
        self._hold = hold
        self._ui = None if hold is None else WebUI(hold.info.ui_url, self.namespace)

    # ---- what there is ---------------------------------------------------------------------------

    @property
    def address(self) -> str:
        """Host and port of the server's gRPC endpoint."""
        return self._target.address

    @property
    def server(self) -> ServerInfo:
        """The course's own dev server.

        Raises:
            LocalServerNeededError: If a profile points the course at another service.
        """
        if self._hold is None:
            raise LocalServerNeededError(
                f"this cell needs the course's own dev server, not {self._target.name!r} ({self.address})",
                "skip the cell, or unset TEMPORAL_PROFILE and TEMPORAL_ADDRESS and restart Jupyter",
            )
        self._hold.check()
        return self._hold.info

    def ui(self, handle: WorkflowHandle[Any, Any] | None = None) -> Link:
        """A link to an execution in the Web UI, or to the namespace's list of workflows.

        Args:
            handle: The execution, in whatever namespace of the lab's server.

        Raises:
            LocalServerNeededError: If a profile points the course at another service, or the execution is on
                another server.
        """
        pages = self.web_ui
        if handle is not None and not self.hosts(handle):
            raise LocalServerNeededError(
                f"{handle.id!r} is on the server {sdk.address_of(sdk.client_of(handle))}; "
                f"the lab's Web UI shows {self.address} alone",
                "look at it in that server's own Web UI; `lab.timeline(handle)` shows it here",
            )
        return pages.link(handle)

    def hosts(self, handle: WorkflowHandle[Any, Any]) -> bool:
        """Whether an execution is on the lab's server, in whatever namespace."""
        return sdk.address_of(sdk.client_of(handle)) == sdk.address_of(self.client)

    @property
    def web_ui(self) -> WebUI:
        """Addresses in the Web UI of this namespace."""
        if self._ui is None:
            _ = self.server  # says why there is none
            raise AssertionError
        return self._ui

    def server_time(self) -> datetime:
        """What time it is on the server, in UTC: what its events are compared with. Ours may be another."""
        return clock_of(self.client).date()

    def cli(self, command: str | Sequence[str], *, check: bool = False, timeout: float = 60.0) -> CliResult:
        """Run `temporal COMMAND` on this lab's server and namespace; shows what a terminal would.

        Args:
            command: What follows `temporal`.
            check: Whether its failure is an error, as of `subprocess.run`.
            timeout: Seconds to wait for its end.

        Raises:
            TutorialError: If the command does not end in time, or has failed and `check` is true.
        """
        program = self._hold.info.binary if self._hold else find_binary()
        with self._server_first():
            return run_cli(
                program.path,
                command,
                address=self.address,
                namespace=self.namespace,
                check=check,
                timeout=timeout,
            )

    # ---- workers ---------------------------------------------------------------------------------

    def start_worker(
        self,
        *,
        task_queue: str,
        workflows: Sequence[type] = (),
        activities: Sequence[Callable[..., Any]] = (),
        **options: Any,
    ) -> EmbeddedWorker:
        """Run a `Worker` on a thread of this kernel until it is stopped; cells may block meanwhile.

        A worker that this lab already runs here on the same task queue is stopped first. The Stop button ends
        the wait for that, and no worker is started then.

        Args:
            task_queue: Task queue to poll.
            workflows: Workflow classes.
            activities: Activities; sync ones get a thread pool unless `activity_executor` is given.
            options: Further arguments of `temporalio.worker.Worker`.

        Raises:
            WorkerStartError: With the SDK's reason.
            NotebookSourceError: If a workflow's cell cannot be found.
            ServerGoneError: If the server has gone.
        """
        worker = EmbeddedWorker(self.client, WorkerSpec(task_queue, workflows, activities, options))
        try:
            self._check_server()
            self.workers.replace(EmbeddedWorker.kind, task_queue)
            with self._server_first():
                worker.start()
        except KeyboardInterrupt as error:
            shown_as(error, self._not_started(task_queue))
            if worker.state == "stopping":
                self.workers.add(worker)
            raise
        self.workers.add(worker)
        return worker

    def _not_started(self, task_queue: str) -> str:
        """What the Stop button has left of a worker's start in this kernel."""
        line = f"Stopped, and no new worker on {task_queue!r} was started."
        for each in self.workers:
            if isinstance(each, EmbeddedWorker) and each.spec.task_queue == task_queue:
                line += f" The one before {'goes on' if each.alive else each.left}."
        return line

    def spawn_worker(
        self,
        *,
        task_queue: str,
        workflows: Sequence[type] = (),
        activities: Sequence[Callable[..., Any]] = (),
        name: str = "",
        **options: Any,
    ) -> WorkerProcess:
        """Run the same definitions in an operating-system process of its own, which can really be killed.

        A process that this lab runs on the same task queue under the same name is killed first; several
        workers of one queue have names of their own.

        Args:
            task_queue: Task queue to poll.
            workflows: Workflow classes, also from cells.
            activities: Activities, also from cells.
            name: What to call it, e.g. "worker-1".
            options: Further arguments of `temporalio.worker.Worker`.

        Raises:
            ExportError: If a definition cannot be taken to another process.
            WorkerStartError: With the process' own message.
            ServerGoneError: If the server has gone.
        """
        self._check_server()
        self.workers.replace(WorkerProcess.kind, task_queue, name)
        spec = WorkerSpec(task_queue, workflows, activities, options, name)
        worker = WorkerProcess(self.address, self.namespace, spec, self.folder)
        try:
            with self._server_first():
                worker.start()
        except KeyboardInterrupt as error:
            shown_as(error, f"Stopped, and no new worker process on {task_queue!r} was started.")
            worker.close()
            raise
        except Exception:
            worker.close()
            raise
        self.workers.add(worker)
        return worker

    async def result(self, handle: WorkflowHandle[Any, _Result], *, timeout: float = 30.0) -> _Result:
        """`await handle.result()`, except that a wait which cannot end raises with the reason.

        Args:
            handle: The execution.
            timeout: Seconds to wait at most.

        Raises:
            WorkflowStuckError: When no worker polls its queue, its task fails over and over, ...
            ServerGoneError: When the server ends meanwhile.
            temporalio.client.WorkflowFailureError: As `handle.result()` does.
        """
        return await result_with_care(
            handle,
            timeout=timeout,
            check_server=self._check_server if self.hosts(handle) else _no_check,
            manned=self._manned(handle),
            gone=self.workers.gone(),
        )

    async def wait_for_start(
        self, query: str, *, what: str, stand_in: str, patience: float | None = None
    ) -> WorkflowHandle[Any, Any]:
        """Wait until you start a workflow, in the Web UI or in a terminal.

        When nobody does in time (CI), or its button is pressed, a stand-in runs a CLI command and prints it.

        Args:
            query: Visibility query that the execution is to match.
            what: What you are to do.
            stand_in: The CLI command, without `temporal`, that does it in your place.
            patience: Seconds to wait for you; `TUTORIAL_PATIENCE`, else 600, if None.

        Returns:
            A handle of the execution.
        """
        handle, said = await wait_for_start(
            self.client,
            query,
            what=what,
            stand_in=lambda: self.cli(stand_in),
            check_server=self._check_server,
            patience=patience,
        )
        if said is not None:
            print(f"The stand-in started one:\n$ {said.command}")  # noqa: T201 - the cell is the place
        return handle

    def close(self) -> None:
        """Stop the lab's workers. The server and what ran on it stay."""
        self.workers.close()

    # ---- how it looks ----------------------------------------------------------------------------

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__} {self.name!r}: Temporal at {self.address}, namespace {self.namespace!r}"
        )

    def _company(self) -> str:
        """Who else works here, or why this is not the namespace that was asked for; mostly nobody, and ""."""
        if self._hold is not None and self.namespace != self.name:
            return f" (another kernel works in {self.name})"
        if not self._others:
            return ""
        who = "another kernel" if self._others == 1 else f"{self._others} other kernels"
        return f", shared with {who}: what runs there was left alone"

    @contextlib.contextmanager
    def _server_first(self) -> Iterator[None]:
        """What fails or takes too long because the server is not there is raised as that.

        Raises:
            ServerGoneError: If it is not there.
        """
        try:
            yield
        except TutorialError:
            check_answers_now(self.client, self._check_server)
            raise

    def _manned(self, handle: WorkflowHandle[Any, Any]) -> dict[str, float]:
        """The task queues of the lab's workers that an execution could have, with when each was started."""
        # What polls in the lab's namespace is no likely typo for a queue of another one.
        own = self.hosts(handle) and sdk.client_of(handle).namespace == self.namespace
        # Oldest first: of several on a queue, the latest stays.
        return {each.spec.task_queue: each.started for each in self.workers if own and each.alive}

    def _waits_for(self, handle: WorkflowHandle[Any, Any]) -> str:
        """What an execution waits for, and what to try; "" if nobody can be asked."""
        return waits_for_now(handle, manned=self._manned(handle), gone=self.workers.gone())

    def _check_server(self) -> None:
        if self._hold is not None:
            self._hold.check()


def _no_check() -> None:
    """Checks nothing: what became of the lab's server is no news of another."""


def _folder(name: str, *, empty: bool) -> Path:
    """A directory for a lab's files.

    Args:
        name: The lab's namespace.
        empty: Whether what an earlier run left in it is removed.
    """
    labs = folders.within(state_folder(), "labs")
    folder = labs / check_name(name, "a lab")
    if empty and folders.marked(folder):
        folders.remove(folder)
    return folders.within(state_folder(), "labs", name)
