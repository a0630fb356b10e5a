"""Everything the course knows of temporalio beyond its public API, in one place.

Marks that the SDK's decorators leave on definitions, names of its loggers, the slot of its default runtime,
and the few private names that recordings look into a running workflow with. No other module names one:
the import contract and a test see to that. `moved()` returns those that an installed SDK does not have any
more; a contract test (`tests/history/test_private_names.py`) asks it. CONTRIBUTING.md has the steps for a
new minor version.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import temporalio.activity
import temporalio.runtime
import temporalio.worker
import temporalio.workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, _workflow_instance
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, _in_sandbox, _runner

from tutorial_lib.errors import HistoryError

# ---- definitions -------------------------------------------------------------------------------------

ACTIVITY_MARK = "__temporal_activity_definition"
WORKFLOW_MARK = "__temporal_workflow_definition"

ACTIVITY_LOG = "temporalio.activity"
WORKFLOW_LOG = "temporalio.workflow"
ACTIVATION_LOG = "temporalio.worker._workflow_instance"  # a workflow task failed in the workflow's code
WORKFLOW_WORKER_LOG = "temporalio.worker._workflow"  # deadlocks, unknown types, evictions (at DEBUG)
SANDBOX_LOG = "temporalio.worker.workflow_sandbox._restrictions"  # "__call__ on random.random restricted"
REPLAYER_LOG = "temporalio.worker._replayer"

ERROR_IDENTIFIER = "__temporal_error_identifier"  # on log records, tells failures from other lines
ACTIVITY_FAILURE = "ActivityFailure"
TASK_FAILURE = "WorkflowTaskFailure"
ACTIVATION_FAILED = "Failed handling activation on workflow with run ID %s"  # its argument is the run id


def is_unregistered(error_type: str, message: str) -> bool:
    """Whether a failure says that the worker does not know a workflow or activity type.

    Args:
        error_type: Type of the failure. A learner's own error may have the same.
        message: Its message.
    """
    return error_type == "NotFoundError" and "is not registered on this worker" in message


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


def registered_name(made: type | Callable[..., Any]) -> str:
    """The workflow or activity type that a class or function is registered as."""
    if isinstance(made, type):
        workflow = temporalio.workflow._Definition.from_class(made)  # noqa: SLF001 - see the module's docstring
        return (workflow.name if workflow else None) or made.__name__
    activity = temporalio.activity._Definition.from_callable(made)  # noqa: SLF001 - as above
    return (activity.name if activity else None) or str(getattr(made, "__name__", made))


# ---- clients and runtimes ----------------------------------------------------------------------------


def client_of(handle: WorkflowHandle[Any, Any]) -> Client:
    """The client that a handle was made with: its namespace, its data converter."""
    return handle._client  # noqa: SLF001 - as above


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


# ---- inside a running workflow -----------------------------------------------------------------------

_SANDBOX_GLOBALS = "globals_and_locals"
_IN_SANDBOX = "__temporal_in_sandbox"
_INNER = "instance"
_OBJECT = "_object"
_TASKS = "_tasks"
_CONDITIONS = "_conditions"
_ADD_COMMAND = "_add_command"
_REGISTER_TASK = "_register_task"


def real_instance(instance: WorkflowInstance) -> Any:
    """The instance that runs the learner's code: itself, or the one inside its sandbox."""
    variables = getattr(instance, _SANDBOX_GLOBALS, None)
    return instance if variables is None else getattr(variables[_IN_SANDBOX], _INNER)


def learners_object(real: Any) -> object | None:
    """The object of the learner's class; None before the first activation."""
    found: object | None = getattr(real, _OBJECT)
    return found


def open_tasks(real: Any) -> Sequence[asyncio.Task[Any]]:
    """The asyncio tasks that have not ended, in no order."""
    return tuple(getattr(real, _TASKS))


def open_conditions(real: Any) -> Sequence[Callable[[], bool]]:
    """The functions that `workflow.wait_condition` waits for."""
    return [function for function, _future in getattr(real, _CONDITIONS)]


def listen(
    real: Any, *, on_command: Callable[[], None], on_task: Callable[[asyncio.Task[Any], str | None], None]
) -> None:
    """Puts listeners into one instance.

    Args:
        real: What `real_instance` gave.
        on_command: Called for each command that the code makes, before the SDK fills it in.
        on_task: Called for each task that is made, with the name that its maker gave it.
    """
    add, register = getattr(real, _ADD_COMMAND), getattr(real, _REGISTER_TASK)

    def add_command() -> Any:
        command = add()  # first: it refuses in queries, validators and evictions
        on_command()
        return command

    def register_task(task: asyncio.Task[Any], *, name: str | None) -> None:
        on_task(task, name)
        register(task, name=name)

    setattr(real, _ADD_COMMAND, add_command)
    setattr(real, _REGISTER_TASK, register_task)


def moved() -> tuple[str, ...]:
    """The private names above that the installed SDK does not have any more, as `Class.name`."""
    impl = getattr(_workflow_instance, "_WorkflowInstanceImpl", None)
    outer = getattr(_runner, "_Instance", None)
    inner = getattr(_in_sandbox, "InSandbox", None)
    wanted = [
        ("_WorkflowInstanceImpl._object", _sets(impl, _OBJECT)),
        ("_WorkflowInstanceImpl._tasks", _sets(impl, _TASKS)),
        ("_WorkflowInstanceImpl._conditions", _sets(impl, _CONDITIONS)),
        ("_WorkflowInstanceImpl._add_command", _parameters(impl, _ADD_COMMAND) == ["self"]),
        (
            "_WorkflowInstanceImpl._register_task",
            _parameters(impl, _REGISTER_TASK) == ["self", "task", "name"],
        ),
        ("workflow_sandbox._runner._Instance.globals_and_locals", _sets(outer, _SANDBOX_GLOBALS)),
        (
            "workflow_sandbox._runner._Instance: __temporal_in_sandbox",
            _mentions(outer, "_create_instance", _IN_SANDBOX),
        ),
        ("workflow_sandbox._in_sandbox.InSandbox.instance", _sets(inner, _INNER)),
        ("UnsandboxedWorkflowRunner.create_instance", callable(_method(UnsandboxedWorkflowRunner))),
        ("SandboxedWorkflowRunner.create_instance", callable(_method(SandboxedWorkflowRunner))),
    ]
    return tuple(name for name, found in wanted if not found)


def require() -> None:
    """Checks that the SDK still has what recordings need.

    Raises:
        HistoryError: It names what has moved.
    """
    gone = moved()
    if gone:
        raise HistoryError(
            f"this version of temporalio has moved what recordings look at: {', '.join(gone)}",
            "install the version that this course asks for (temporalio>=1.35,<1.36)",
        )


def _method(runner: type) -> Any:
    return getattr(runner, "create_instance", None)


def _sets(made: Any, attribute: str) -> bool:
    """Whether a class's `__init__` sets an attribute."""
    code = getattr(getattr(made, "__init__", None), "__code__", None)
    return code is not None and attribute in code.co_names


def _parameters(made: Any, method: str) -> list[str] | None:
    function = getattr(made, method, None)
    return list(inspect.signature(function).parameters) if callable(function) else None


def _mentions(made: Any, method: str, word: str) -> bool:
    """Whether a method's string constants hold a word: the sandbox runs its code from text."""
    code = getattr(getattr(made, method, None), "__code__", None)
    return code is not None and any(isinstance(text, str) and word in text for text in code.co_consts)
