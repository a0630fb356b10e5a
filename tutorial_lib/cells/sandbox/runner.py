"""The SDK's standard sandbox, addressed to snapshots of notebook cells.

The sandbox imports a workflow by module and class name for every run. A notebook class has no module
that could be imported, so this runner takes a snapshot of it and hands the sandbox the snapshot's
address instead. Everything else is the SDK's: restrictions, isolation, deadlock detection.
"""

from __future__ import annotations

import dataclasses
import threading
from typing import Any

from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from tutorial_lib.cells import ipython
from tutorial_lib.cells.failures.runs import run_names
from tutorial_lib.cells.sandbox.finder import finder
from tutorial_lib.cells.sandbox.notebook import Notebook
from tutorial_lib.cells.sandbox.snapshot import Snapshot


@dataclasses.dataclass(frozen=True)
class NotebookWorkflowRunner(SandboxedWorkflowRunner):
    """Runs workflows of cells in the standard sandbox; workflows of modules as the SDK always does.

    One runner serves one worker: the snapshots are taken when the worker is made, and go with it.
    """

    snapshots: dict[type, Snapshot] = dataclasses.field(
        default_factory=dict, init=True, repr=False, compare=False
    )
    """What was taken from the notebook, by workflow class."""

    _lock: Any = dataclasses.field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    def _addressed(self, defn: Any) -> Any:
        """The definition, with the class replaced by a substitute that has the snapshot's address."""
        snapshot = self.snapshots.get(defn.cls)
        return defn if snapshot is None else dataclasses.replace(defn, cls=snapshot.address)

    def prepare_workflow(self, defn: Any) -> None:
        """Takes the snapshot of a notebook workflow, and lets the SDK validate it in the sandbox."""
        shell = ipython.current()
        if shell is not None and defn.cls.__module__ == "__main__":
            snapshot = Snapshot(defn.cls, Notebook.of_shell(shell))
            finder.serve(snapshot)
            with self._lock:
                self.snapshots[defn.cls] = snapshot
        super().prepare_workflow(self._addressed(defn))

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
