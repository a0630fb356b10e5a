"""What the cells know of temporalio beyond its public API, in one place.

Markers that the SDK's decorators leave on definitions, names of its loggers, and the slot of its
default runtime. `tests/cells/test_sdk_contract.py` fails loudly when a new SDK has moved one of them.
"""

from __future__ import annotations

import contextlib
import inspect
from typing import Any

import temporalio.runtime
import temporalio.worker

ACTIVITY_MARK = "__temporal_activity_definition"
WORKFLOW_MARK = "__temporal_workflow_definition"

ACTIVITY_LOG = "temporalio.activity"
WORKFLOW_LOG = "temporalio.workflow"
ACTIVATION_LOG = "temporalio.worker._workflow_instance"  # a workflow task failed in the workflow's code
WORKFLOW_WORKER_LOG = "temporalio.worker._workflow"  # deadlocks, unknown types, evictions (at DEBUG)
SANDBOX_LOG = "temporalio.worker.workflow_sandbox._restrictions"  # "__call__ on random.random restricted"

ERROR_IDENTIFIER = "__temporal_error_identifier"  # on log records, tells failures from other lines
ACTIVITY_FAILURE = "ActivityFailure"
TASK_FAILURE = "WorkflowTaskFailure"
ACTIVATION_FAILED = "Failed handling activation on workflow with run ID %s"  # its argument is the run id


def definition(obj: Any, mark: str) -> Any:
    """The SDK's definition object on a decorated class or function, or None."""
    return inspect.getattr_static(obj, mark, None)


def is_activity(obj: Any) -> bool:
    """Whether this is an activity function, or a class with activity methods."""
    if definition(obj, ACTIVITY_MARK) is not None:
        return True
    return isinstance(obj, type) and any(hasattr(member, ACTIVITY_MARK) for member in vars(obj).values())


def is_workflow(obj: Any) -> bool:
    """Whether this class carries `@workflow.defn` itself (a base class's does not count)."""
    return isinstance(obj, type) and WORKFLOW_MARK in vars(obj)


def current_default_runtime() -> temporalio.runtime.Runtime | None:
    """The default runtime if one was made already; `Runtime.default()` would make one to answer."""
    slot = getattr(temporalio.runtime, "_runtime_ref", None)
    runtime = getattr(slot, "_default_runtime", None)
    return runtime if isinstance(runtime, temporalio.runtime.Runtime) else None


def load_build_id() -> None:
    """Have the SDK compute its default build id now: a hash of all loaded modules' code, then remembered.

    The first worker of a process waits for it otherwise, some 0.2 s in a kernel.
    """
    load = getattr(getattr(temporalio.worker, "_worker", None), "load_default_build_id", None)
    if load is not None:
        with contextlib.suppress(Exception):  # the first worker says what is wrong
            load()
