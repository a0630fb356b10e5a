"""Everything the course knows of temporalio beyond its public API, in one place.

Marks that the SDK's decorators leave on definitions, names of its loggers, the slot of its default runtime,
words of its messages, and the few private names that recordings look into a running workflow with. No other
module names one: the import contract and a test see to that. `moved()` returns those that an installed SDK
does not have any more; the contract test (`tests/test_sdk.py`) and `tutorial doctor` ask it. CONTRIBUTING.md
has the steps for a new minor version.

Private modules of the SDK are imported where they are looked at, so that one that moved is named as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import importlib
import inspect
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from types import CodeType, ModuleType
from typing import Any

import temporalio.activity
import temporalio.runtime
import temporalio.worker
import temporalio.workflow
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.client import Client, WithStartWorkflowOperation, WorkflowHandle
from temporalio.converter import DataConverter
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from tutorial_lib.errors import HistoryError

WANTED = "temporalio>=1.35,<1.36"
"""The version whose private names these are, as pyproject.toml asks for it."""

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
WORKFLOW_INFO = "temporal_workflow"  # on log records: ids and types, by name
ACTIVITY_INFO = "temporal_activity"
ACTIVATION_FAILED = "Failed handling activation on workflow with run ID %s"  # its argument is the run id
EVICTION_FAILED = ("Failed running eviction job", "Timed out running eviction job")  # how such a line begins
OWN_COROUTINE = "_WorkflowInstanceImpl."  # how the qualified names of coroutines that the SDK makes begin
DEADLOCK = "_DeadlockError"  # class of the error of a workflow task that took too long

_UNREGISTERED = "NotFoundError"
_IS_UNREGISTERED = "is not registered on this worker"


def is_unregistered(error_type: str, message: str) -> bool:
    """Whether a failure means that the worker does not know a workflow or activity type.

    Args:
        error_type: Type of the failure. A learner's own error may have the same.
        message: Its message.
    """
    return error_type == _UNREGISTERED and _IS_UNREGISTERED in message


def registered_in(message: str) -> list[str]:
    """Types that a worker does know, as the message of `is_unregistered` lists them.

    Args:
        message: The failure's message.
    """
    listed = message.partition(_IS_UNREGISTERED)[2].partition(": ")[2]  # "..., available workflows: A, B"
    return [name for name in listed.split(", ") if name]


@dataclasses.dataclass(frozen=True)
class UnregisteredActivity:
    """An activity task that reached a worker which does not know the type.

    Attributes:
        name: Activity type and workflow id.
        attempt: From 1.
    """

    name: tuple[str, str]
    attempt: int


_EXECUTE_ACTIVITY = "_execute_activity"
_ACTIVITY_TASK = "start"  # its parameter: type, workflow and attempt


def unregistered_activity(error: BaseException) -> UnregisteredActivity | None:
    """What an activity's failure was about, if that is that the worker does not know it.

    The log line of such a failure has no info: the task is read off the error's own frames.
    """
    if not is_unregistered(str(getattr(error, "type", "")), str(error)):
        return None
    frame = error.__traceback__
    while frame is not None:
        task = frame.tb_frame.f_locals.get(_ACTIVITY_TASK)
        if frame.tb_frame.f_code.co_name == _EXECUTE_ACTIVITY and task is not None:
            name = (str(task.activity_type), str(task.workflow_execution.workflow_id))
            return UnregisteredActivity(name, int(task.attempt))
        frame = frame.tb_next
    return None


_MAKE_INPUT = "_make_workflow_input"
_CALLS_RUN = ("execute_workflow", "_instantiate_workflow_object")


def refuses_input(failure: Failure) -> bool:
    """Whether a workflow task failed because the workflow was started with what its `run` does not take.

    Read off the stack traces: nothing of the workflow's own code has run.

    Args:
        failure: As WorkflowTaskFailed has it.
    """
    while True:
        frames = re.findall(r'File "[^"\n]*?(\w+)\.py", line \d+, in (\w+)', failure.stack_trace)
        own = [name for module, name in frames if module == "_workflow_instance"]
        last_is_own = bool(frames) and frames[-1][0] == "_workflow_instance"
        misfits = (
            failure.application_failure_info.type == "TypeError" and last_is_own and own[-1] in _CALLS_RUN
        )
        if misfits or _MAKE_INPUT in own:
            return True
        if not failure.HasField("cause"):
            return False
        failure = failure.cause


_DECODE_HANDLER = "_process_handler_args"
_DEFINITION = "_defn"


def decoding_for(error: BaseException) -> Callable[..., Any] | None:
    """The function whose arguments could not be decoded: a run method, or the handler of a message.

    Read off the error's own frames; None for any other error.
    """
    frame = error.__traceback__
    handler = None
    while frame is not None:
        names, where = frame.tb_frame.f_locals, frame.tb_frame.f_code.co_name
        handler = getattr(names.get("defn"), "fn", handler)
        if where == _MAKE_INPUT:
            found: Callable[..., Any] | None = getattr(names["self"], _DEFINITION).run_fn
            return found
        if where == _DECODE_HANDLER:
            return handler
        frame = frame.tb_next
    return None


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


def workflow_definition(made: type) -> Any:
    """The SDK's definition of a workflow class, as a worker gives it to its runner."""
    return temporalio.workflow._Definition.must_from_class(made)  # noqa: SLF001 - see the module's docstring


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


def workflow_handle_of(operation: WithStartWorkflowOperation[Any, Any]) -> asyncio.Future[Any]:
    """The handle of an operation's workflow, or the error of its start."""
    return operation._workflow_handle  # noqa: SLF001 - as above


_INBOUND = (  # of a data converter, in this order: what a worker does with payloads before it converts them
    "_decode_reference_payload_sequence",
    "_external_retrieve_payload_sequence",
    "_decode_payload_sequence",
)


async def received(converter: DataConverter, payloads: Sequence[Payload]) -> list[Payload]:
    """Payloads as a worker gets them: fetched from external storage, and decoded by the codec.

    Args:
        converter: The worker's data converter.
        payloads: As the server keeps them.
    """
    found = list(payloads)
    for step in _INBOUND:
        found = await getattr(converter, step)(found)
    return found


def run_of(handle: WorkflowHandle[Any, Any]) -> str | None:
    """The run that a handle is about: the one it names, else the one that it started; None for the latest."""
    return handle.run_id or handle.first_execution_run_id or handle.result_run_id


def address_of(client: Client) -> str:
    """Host and port of a client's server, in one form whatever the client was given."""
    host, _, port = client.service_client.config.target_host.rpartition("//")[2].rpartition(":")
    return f"{'127.0.0.1' if host in {'localhost', '[::1]'} else host}:{port}"


def current_default_runtime() -> temporalio.runtime.Runtime | None:
    """The default runtime if one was made already; `Runtime.default()` would make one to answer."""
    slot = getattr(temporalio.runtime, "_runtime_ref", None)
    runtime = getattr(slot, "_default_runtime", None)
    return runtime if isinstance(runtime, temporalio.runtime.Runtime) else None


_build_id = threading.Lock()


def load_build_id() -> None:
    """Have the SDK compute its default build id now: a hash of all loaded modules' code, then remembered.

    The first worker or replay of a process waits for it otherwise: 0.2 s in a kernel, 14 s were seen on a
    machine that was busy. A deadline that is meant for a learner's code begins after it. Returns when it is
    known; a second caller waits for the first, instead of computing the same again.
    """
    load = getattr(getattr(temporalio.worker, "_worker", None), "load_default_build_id", None)
    if load is not None:
        with _build_id, contextlib.suppress(Exception):  # the first worker says what is wrong
            load()


def let_core_settle() -> None:
    """Wait until the core's threads have left the interpreter, before a process ends.

    They can crash a process that is ending (sdk-python #300): of 20 plain exits 5 did, with this none.
    """
    time.sleep(0.02)  # s


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


_WORKFLOW_WORKER = "_workflow_worker"
_SETTING_UP = "_init_from_config"  # where a worker sets the one before
_RUNNING = "_running_workflows"
_INFO = "_info"


def cached_runs(worker: temporalio.worker.Worker) -> list[tuple[str, str]]:
    """Workflow id and run id of each run that a worker remembers: its sticky queue gets their next tasks."""
    workflows = getattr(worker, _WORKFLOW_WORKER, None)
    running: dict[str, Any] = getattr(workflows, _RUNNING, {})
    return [
        (str(getattr(real_instance(run.instance), _INFO).workflow_id), run_id)
        for run_id, run in list(running.items())
    ]


_ACTIVITIES = "_activity_worker"
_RUNNING_ACTIVITIES = "_running_activities"
_SHUTDOWN = "_worker_shutdown_event"


def running_activities(worker: temporalio.worker.Worker | None) -> list[str]:
    """Types of the activities that a worker runs now, in order."""
    running: dict[bytes, Any] = getattr(getattr(worker, _ACTIVITIES, None), _RUNNING_ACTIVITIES, {})
    infos = (each.info for each in list(running.values()) if not each.done)
    return sorted(str(info.activity_type) for info in infos if info is not None)


def ends_activities(worker: temporalio.worker.Worker) -> bool:
    """Whether a worker shuts down and has cancelled its activities; False if it has had none."""
    event = getattr(getattr(worker, _ACTIVITIES, None), _SHUTDOWN, None)
    return event is not None and bool(event.is_set())


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


# ---- what an installed SDK still has -----------------------------------------------------------------

_INSTANCE = "temporalio.worker._workflow_instance"
_WORKER = "temporalio.worker._worker"
_ACTIVITY_WORKER = "temporalio.worker._activity"
_SANDBOX = "temporalio.worker.workflow_sandbox"


def moved() -> tuple[str, ...]:
    """Returns what this module relies on and the installed SDK does not have any more.

    Each name is as long as it takes to find it in the SDK's source: `_WorkflowInstanceImpl._tasks`.
    """
    return _missing(*_definitions(), *_clients_and_runtimes(), *_log_lines(), *_recordings())


def require() -> None:
    """Checks that the SDK still has what recordings need.

    Raises:
        HistoryError: It names what has moved.
    """
    gone = _missing(*_recordings())
    if gone:
        raise HistoryError(
            f"this version of temporalio has moved what recordings look at: {', '.join(gone)}",
            f"install the version that this course asks for ({WANTED})",
        )


_Wanted = tuple[str, Callable[[], object]]  # a name, and what is true as long as the SDK has it


def _missing(*wanted: _Wanted) -> tuple[str, ...]:
    return tuple(name for name, is_there in wanted if not _holds(is_there))


def _holds(is_there: Callable[[], object]) -> bool:
    try:
        return bool(is_there())
    except Exception:  # noqa: BLE001 - whatever an SDK that moved things raises says that they moved
        return False


def _definitions() -> Iterator[_Wanted]:
    """Marks, and the definitions behind them."""
    yield ACTIVITY_MARK, lambda: is_activity(_activity())
    yield WORKFLOW_MARK, lambda: is_workflow(_workflow())
    # What a worker in a notebook gives another class, so that it is found in a snapshot.
    yield (
        "temporalio.workflow._Definition.cls",
        lambda: "cls" in {field.name for field in dataclasses.fields(definition(_workflow(), WORKFLOW_MARK))},
    )
    yield "temporalio.workflow._Definition.from_class", lambda: registered_name(_workflow()) == "probe"
    yield "temporalio.activity._Definition.from_callable", lambda: registered_name(_activity()) == "probe"


def _clients_and_runtimes() -> Iterator[_Wanted]:
    yield "temporalio.client.WorkflowHandle._client", lambda: _sets(WorkflowHandle, "_client")
    yield (
        "temporalio.client.WithStartWorkflowOperation._workflow_handle",
        lambda: _sets(WithStartWorkflowOperation, "_workflow_handle"),
    )
    yield (
        "temporalio.runtime._runtime_ref._default_runtime",
        lambda: hasattr(getattr(temporalio.runtime, "_runtime_ref"), "_default_runtime"),  # noqa: B009 - private
    )
    for step in _INBOUND:
        yield (
            f"temporalio.converter.DataConverter.{step}",
            lambda step=step: callable(  # type: ignore[misc]
                getattr(DataConverter, step)
            ),
        )
    yield f"{_WORKER}.load_default_build_id", lambda: callable(_of(_WORKER, "load_default_build_id"))
    yield (
        f"{_WORKER}.Worker.{_SETTING_UP}: {_WORKFLOW_WORKER}",
        lambda: _WORKFLOW_WORKER in getattr(_of(_WORKER, "Worker"), _SETTING_UP).__code__.co_names,
    )
    yield (
        f"{_WORKER}.Worker.{_SETTING_UP}: {_ACTIVITIES}",
        lambda: _ACTIVITIES in getattr(_of(_WORKER, "Worker"), _SETTING_UP).__code__.co_names,
    )
    for name in (_RUNNING_ACTIVITIES, _SHUTDOWN):
        yield (
            f"{_ACTIVITY_WORKER}._ActivityWorker.{name}",
            lambda name=name: _sets(_of(_ACTIVITY_WORKER, "_ActivityWorker"), name),  # type: ignore[misc]
        )
    yield (
        f"{_ACTIVITY_WORKER}._RunningActivity",
        lambda: {"info", "done"} <= set(_of(_ACTIVITY_WORKER, "_RunningActivity").__dataclass_fields__),
    )
    yield (
        f"{WORKFLOW_WORKER_LOG}._WorkflowWorker.{_RUNNING}",
        lambda: _sets(_of(WORKFLOW_WORKER_LOG, "_WorkflowWorker"), _RUNNING),
    )
    yield (
        "_WorkflowInstanceImpl._info",
        lambda: _sets(_of(_INSTANCE, "_WorkflowInstanceImpl"), _INFO),
    )


def _log_lines() -> Iterator[_Wanted]:
    """Loggers, and what is on the lines that they log."""
    yield ACTIVITY_LOG, lambda: temporalio.activity.logger.base_logger.name == ACTIVITY_LOG
    yield WORKFLOW_LOG, lambda: temporalio.workflow.logger.base_logger.name == WORKFLOW_LOG
    yield (
        f"temporalio.worker._activity._ActivityWorker._execute_activity: {_ACTIVITY_TASK}",
        lambda: _ACTIVITY_TASK in _parameters(_of(_ACTIVITY_WORKER, "_ActivityWorker"), _EXECUTE_ACTIVITY),
    )
    # A module's own logger has the module's name.
    for name in (ACTIVATION_LOG, WORKFLOW_WORKER_LOG, SANDBOX_LOG, REPLAYER_LOG):
        yield f"{name}.logger", lambda name=name: _of(name, "logger").name == name  # type: ignore[misc]
    for module, text in (
        (_ACTIVITY_WORKER, ERROR_IDENTIFIER),
        (_ACTIVITY_WORKER, ACTIVITY_FAILURE),
        (_ACTIVITY_WORKER, _UNREGISTERED),
        (_ACTIVITY_WORKER, _IS_UNREGISTERED),
        ("temporalio.activity", ACTIVITY_INFO),
        (_INSTANCE, ERROR_IDENTIFIER),
        (_INSTANCE, TASK_FAILURE),
        (_INSTANCE, WORKFLOW_INFO),
        (WORKFLOW_WORKER_LOG, ACTIVATION_FAILED),
        *((WORKFLOW_WORKER_LOG, text) for text in EVICTION_FAILED),
        (WORKFLOW_WORKER_LOG, _UNREGISTERED),
        (WORKFLOW_WORKER_LOG, _IS_UNREGISTERED),
    ):
        yield f"{module}: {text!r}", lambda module=module, text=text: _says(_module(module), text)  # type: ignore[misc]
    yield f"{WORKFLOW_WORKER_LOG}.{DEADLOCK}", lambda: isinstance(_of(WORKFLOW_WORKER_LOG, DEADLOCK), type)


def _recordings() -> Iterator[_Wanted]:
    """What recordings look into a running workflow with."""

    def real() -> Any:
        return _of(_INSTANCE, "_WorkflowInstanceImpl")

    def outer() -> Any:
        return _of(f"{_SANDBOX}._runner", "_Instance")

    yield "_WorkflowInstanceImpl._defn", lambda: _sets(real(), _DEFINITION)
    for method in (_MAKE_INPUT, _DECODE_HANDLER, _CALLS_RUN[1]):
        yield f"_WorkflowInstanceImpl.{method}", lambda method=method: callable(getattr(real(), method))  # type: ignore[misc]
    yield (
        f"_WorkflowInboundImpl.{_CALLS_RUN[0]}",
        lambda: callable(getattr(_of(_INSTANCE, "_WorkflowInboundImpl"), _CALLS_RUN[0])),
    )
    yield "_WorkflowInstanceImpl._object", lambda: _sets(real(), _OBJECT)
    yield "_WorkflowInstanceImpl._tasks", lambda: _sets(real(), _TASKS)
    yield "_WorkflowInstanceImpl._conditions", lambda: _sets(real(), _CONDITIONS)
    yield "_WorkflowInstanceImpl._add_command", lambda: _parameters(real(), _ADD_COMMAND) == ["self"]
    yield (
        "_WorkflowInstanceImpl._register_task",
        lambda: _parameters(real(), _REGISTER_TASK) == ["self", "task", "name"],
    )
    yield "workflow_sandbox._runner._Instance.globals_and_locals", lambda: _sets(outer(), _SANDBOX_GLOBALS)
    # The sandbox runs its code from text.
    yield (
        f"workflow_sandbox._runner._Instance: {_IN_SANDBOX}",
        lambda: _mentions(outer()._create_instance.__code__, _IN_SANDBOX),  # noqa: SLF001 - as above
    )
    yield (
        "workflow_sandbox._in_sandbox.InSandbox.instance",
        lambda: _sets(_of(f"{_SANDBOX}._in_sandbox", "InSandbox"), _INNER),
    )
    for runner in (UnsandboxedWorkflowRunner, SandboxedWorkflowRunner):
        yield f"{runner.__name__}.create_instance", lambda runner=runner: callable(runner.create_instance)  # type: ignore[misc]


def _activity() -> Callable[..., Any]:
    """An activity."""

    @temporalio.activity.defn(name="probe")
    async def probe() -> None: ...

    return probe


def _workflow() -> type:
    """A workflow class."""

    async def run(self: object) -> None: ...

    run.__qualname__ = "Probe.run"  # the SDK refuses the methods of a function's own classes
    made = type("Probe", (), {"__module__": __name__, "run": temporalio.workflow.run(run)})
    return temporalio.workflow.defn(name="probe")(made)


def _module(name: str) -> ModuleType:
    return importlib.import_module(name)


def _of(module: str, name: str) -> Any:
    """What a module holds under a name."""
    return getattr(_module(module), name)


def _sets(made: type, attribute: str) -> bool:
    """Whether a class's `__init__` sets an attribute."""
    return attribute in made.__init__.__code__.co_names  # type: ignore[misc]


def _parameters(made: type, method: str) -> list[str]:
    return list(inspect.signature(getattr(made, method)).parameters)


def _says(module: ModuleType, text: str) -> bool:
    """Whether the code of a module holds a text: in its functions, or in methods of its classes."""
    own = [value for value in vars(module).values() if getattr(value, "__module__", None) == module.__name__]
    inner = [value for made in own if isinstance(made, type) for value in vars(made).values()]
    codes = (getattr(value, "__code__", None) for value in (*own, *inner))
    return any(_mentions(code, text) for code in codes if code is not None)


def _mentions(constant: object, text: str) -> bool:
    """Whether a constant is or holds a text: code with all that it nests, tuples, strings."""
    if isinstance(constant, CodeType):
        return any(_mentions(inner, text) for inner in constant.co_consts)
    if isinstance(constant, tuple):
        return any(_mentions(inner, text) for inner in constant)
    return isinstance(constant, str) and text in constant
