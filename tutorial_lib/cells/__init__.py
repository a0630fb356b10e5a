"""Notebook cells as deployable code.

The SDK's sandbox imports a workflow anew for every run; a notebook has nothing to import. This package takes
a slice of all that ran in the notebook when a worker is made: `program` keeps what ran and finds the slice,
`sandbox` serves it to the standard sandbox as a module and compares what came out, `export` writes the same
slice out as files, and `failures` points at the cell where something failed. Names are imported on first use:
a worker process that only loads a stored value does not pay for the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutorial_lib.lazy import lazy_names

if TYPE_CHECKING:
    from tutorial_lib.cells.connecting import set_address_resolver
    from tutorial_lib.cells.export.project import export_project
    from tutorial_lib.cells.export.worker_module import WorkerModule, write_worker_module
    from tutorial_lib.cells.extension import load_ipython_extension, unload_ipython_extension
    from tutorial_lib.cells.failures.log import FailureLog, core_runtime
    from tutorial_lib.cells.plugin import NotebookPlugin
    from tutorial_lib.cells.sandbox.report import Entry, Report
    from tutorial_lib.cells.sandbox.runner import NotebookWorkflowRunner, default_runner
    from tutorial_lib.cells.sandbox.snapshot import Snapshot

__all__ = [
    "Entry",
    "FailureLog",
    "NotebookPlugin",
    "NotebookWorkflowRunner",
    "Report",
    "Snapshot",
    "WorkerModule",
    "core_runtime",
    "default_runner",
    "export_project",
    "load_ipython_extension",
    "set_address_resolver",
    "unload_ipython_extension",
    "write_worker_module",
]

__getattr__ = lazy_names(
    __name__,
    {
        "Entry": "sandbox.report",
        "FailureLog": "failures.log",
        "NotebookPlugin": "plugin",
        "NotebookWorkflowRunner": "sandbox.runner",
        "Report": "sandbox.report",
        "Snapshot": "sandbox.snapshot",
        "WorkerModule": "export.worker_module",
        "core_runtime": "failures.log",
        "default_runner": "sandbox.runner",
        "export_project": "export.project",
        "load_ipython_extension": "extension",
        "set_address_resolver": "connecting",
        "unload_ipython_extension": "extension",
        "write_worker_module": "export.worker_module",
    },
)
