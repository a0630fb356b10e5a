"""The SDK's standard sandbox, addressed to snapshots of notebook cells.

The sandbox imports a workflow by module and class name for every run. A notebook class has no module
that could be imported, so this runner takes a snapshot of it and hands the sandbox the snapshot's
address instead. Everything else is the SDK's: restrictions, isolation, deadlock detection.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Sequence
from typing import Any

from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from tutorial_lib.cells import ipython
from tutorial_lib.cells.failures.log import to_latest_cell
from tutorial_lib.cells.failures.runs import run_names
from tutorial_lib.cells.sandbox import proof
from tutorial_lib.cells.sandbox.finder import finder
from tutorial_lib.cells.sandbox.notebook import Notebook
from tutorial_lib.cells.sandbox.ran_file import RanFile
from tutorial_lib.cells.sandbox.snapshot import Snapshot, globals_of


@dataclasses.dataclass(frozen=True)
class NotebookWorkflowRunner(SandboxedWorkflowRunner):
    """Runs workflows of cells in the standard sandbox; workflows of modules and files as the SDK always does.

    One runner serves one worker: the snapshots are taken when the worker is made, and go with it.
    """

    snapshots: dict[type, Snapshot] = dataclasses.field(
        default_factory=dict, init=True, repr=False, compare=False
    )
    """What was taken from the notebook, by workflow class."""

    files: dict[type, RanFile] = dataclasses.field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """The files that `%run` ran, by workflow class."""

    takes_files: bool = True
    """Whether a workflow of such a file gets the whole file; else what it needs of it, as one of cells."""

    _failure_types: list[type[BaseException]] = dataclasses.field(
        default_factory=list, init=False, repr=False, compare=False
    )
    _lock: Any = dataclasses.field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    def _addressed(self, defn: Any) -> Any:
        """The definition, with the class replaced by a substitute that has the snapshot's address."""
        snapshot = self.files.get(defn.cls) or self.snapshots.get(defn.cls)
        return defn if snapshot is None else dataclasses.replace(defn, cls=snapshot.address)

    def set_worker_level_failure_exception_types(self, types: Sequence[type[BaseException]]) -> None:
        """Takes the worker's `workflow_failure_exception_types`: the sandbox looks those of cells up, too."""
        super().set_worker_level_failure_exception_types(types)
        self._failure_types[:] = types

    def prepare_workflow(self, defn: Any) -> None:
        """Takes the snapshot of a notebook workflow, and lets the SDK validate it in the sandbox."""
        shell = ipython.current()
        if shell is None or defn.cls.__module__ != "__main__":
            super().prepare_workflow(defn)
            return
        more = [kind for kind in self._failure_types if kind.__module__ == "__main__"]
        file = RanFile.of(defn.cls, shell) if self.takes_files else None
        if file is not None and all(map(file.holds, more)):
            finder.serve(file)
            with self._lock:
                self.files[defn.cls] = file
            super().prepare_workflow(self._addressed(defn))
            return
        notebook = Notebook.of_shell(shell, seen_by=globals_of(defn.cls))
        snapshot = self._taken(Snapshot(defn.cls, notebook, more))
        super().prepare_workflow(self._addressed(defn))
        if snapshot.differs:  # something changed it in a way that reading did not find
            snapshot = self._taken(Snapshot(defn.cls, notebook, more, snapshot.differs))
            super().prepare_workflow(self._addressed(defn))
        for name in sorted(snapshot.differs or ()):
            seen = proof.difference(name, snapshot.expected[name], snapshot.found_there[name])
            to_latest_cell(f"{seen}: {proof.reason(name, notebook.program, notebook.label)}")

    def _taken(self, snapshot: Snapshot) -> Snapshot:
        finder.serve(snapshot)
        with self._lock:
            self.snapshots[snapshot.workflow_class] = snapshot
        return snapshot

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Makes the sandbox of one run."""
        run_names.remember(det.info.run_id, det.info.workflow_type, det.info.workflow_id)
        return super().create_instance(dataclasses.replace(det, defn=self._addressed(det.defn)))


def default_runner(existing: WorkflowRunner | None = None) -> WorkflowRunner:
    """The runner for a new worker or replayer: a new one, and so a new set of snapshots.

    Args:
        existing: What would have been used. A plain sandbox keeps its restrictions; any other runner
            was chosen on purpose and is returned as it is.
    """
    if existing is None:
        return NotebookWorkflowRunner()
    if type(existing) is SandboxedWorkflowRunner:
        return NotebookWorkflowRunner(restrictions=existing.restrictions, runner_class=existing.runner_class)
    return existing
