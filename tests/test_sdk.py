"""What the course relies on in temporalio beyond its public API; a new SDK that moved it is named here."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import inspect
import logging
import pathlib
import re
import sys

import pytest
import temporalio.runtime
import temporalio.worker
from packaging.requirements import Requirement
from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.runtime import Runtime
from temporalio.worker import (
    Replayer,
    UnsandboxedWorkflowRunner,
    Worker,
    WorkflowInstance,
    WorkflowRunner,
    _activity,
    _replayer,
    _worker,
    _workflow,
    _workflow_instance,
)
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, _in_sandbox, _restrictions, _runner

from tests.support import recorded
from tests.support.contracts import private_names
from tests.support.histories import DATA
from tutorial_lib import sdk, settings
from tutorial_lib.errors import HistoryError
from tutorial_lib.replay.recorder import record_replay
from tutorial_lib.replay.recording.runner import RecordingInstance, RecordingRunner

IMPL = _workflow_instance._WorkflowInstanceImpl


def test_the_installed_sdk_has_it_all() -> None:
    assert sdk.moved() == ()


def test_the_version_is_the_one_that_the_course_asks_for() -> None:
    asked = map(Requirement, importlib.metadata.requires("temporal-tutorial") or [])
    assert [need for need in asked if need.name == "temporalio"] == [Requirement(sdk.WANTED)]


@activity.defn
async def some_activity() -> None: ...


class Methods:
    @activity.defn
    async def some_method(self) -> None: ...


@workflow.defn
class SomeWorkflow:
    @workflow.run
    async def run(self) -> None: ...


def test_decorators_leave_the_marks() -> None:
    assert sdk.is_activity(some_activity)
    assert sdk.is_activity(Methods)
    assert not sdk.is_activity(SomeWorkflow)
    assert sdk.is_workflow(SomeWorkflow)
    assert not sdk.is_workflow(Methods)


def test_a_definition_can_be_given_another_class() -> None:
    definition = sdk.definition(SomeWorkflow, sdk.WORKFLOW_MARK)
    other = type("SomeWorkflow", (), {"__module__": "elsewhere"})
    assert dataclasses.replace(definition, cls=other).cls.__module__ == "elsewhere"


def test_the_sandbox_is_a_dataclass_with_these_fields() -> None:
    fields = {field.name for field in dataclasses.fields(SandboxedWorkflowRunner)}
    assert {"restrictions", "runner_class"} <= fields
    assert callable(SandboxedWorkflowRunner.prepare_workflow)
    assert callable(SandboxedWorkflowRunner.create_instance)


def test_workers_take_their_runner_by_keyword_and_clients_their_address_first() -> None:
    for made in (Worker, Replayer):
        runner = inspect.signature(made.__init__).parameters["workflow_runner"]
        assert runner.kind is inspect.Parameter.KEYWORD_ONLY
        assert type(runner.default) is SandboxedWorkflowRunner
    assert next(iter(inspect.signature(Client.connect).parameters)) == "target_host"


def test_the_default_runtime_can_be_seen() -> None:
    runtime = Runtime.default()
    assert sdk.current_default_runtime() is runtime
    assert temporalio.runtime.Runtime is Runtime


def test_the_default_build_id_is_computed_once_and_remembered() -> None:
    sdk.load_build_id()
    assert _worker.load_default_build_id() is _worker.load_default_build_id() is _worker._default_build_id


def test_a_method_that_moved_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(IMPL, "_add_command")
    monkeypatch.setattr(IMPL, "_register_task", lambda _self, _task: None)
    assert sdk.moved() == (
        "_WorkflowInstanceImpl._add_command",
        "_WorkflowInstanceImpl._register_task",
    )


def test_an_attribute_that_is_not_set_any_more_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def init(self: object) -> None: ...

    monkeypatch.setattr(IMPL, "__init__", init)
    monkeypatch.setattr(_in_sandbox.InSandbox, "__init__", init)
    monkeypatch.setattr(_runner._Instance, "__init__", init)
    assert set(sdk.moved()) == {
        "_WorkflowInstanceImpl._defn",
        "_WorkflowInstanceImpl._object",
        "_WorkflowInstanceImpl._tasks",
        "_WorkflowInstanceImpl._conditions",
        "_WorkflowInstanceImpl._info",
        "workflow_sandbox._runner._Instance.globals_and_locals",
        "workflow_sandbox._in_sandbox.InSandbox.instance",
    }


def test_a_class_that_is_gone_takes_its_names_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(_runner, "_Instance")
    assert len(sdk.moved()) == 2


async def test_a_recording_says_which_version_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(IMPL, "_add_command")
    with pytest.raises(HistoryError, match=rf"\._add_command\n.*{re.escape(sdk.WANTED)}"):
        await record_replay(DATA / "saga.json", recorded.ALL)


def test_our_instance_hands_on_all_that_the_sdk_asks_of_one() -> None:
    for ours, theirs in ((RecordingInstance, WorkflowInstance), (RecordingRunner, WorkflowRunner)):
        asked = {name for name, _ in inspect.getmembers(theirs, callable) if not name.startswith("_")}
        assert asked <= set(vars(ours)), theirs
    assert isinstance(RecordingRunner(UnsandboxedWorkflowRunner(), None), WorkflowRunner)


def nothing(*_args: object, **_options: object) -> None: ...


class Elsewhere(logging.Logger):
    """A logger of another name."""

    def __init__(self) -> None:
        super().__init__("temporalio.elsewhere")


def test_each_thing_that_moved_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    cases: list[tuple[object, str, object, set[str]]] = [
        # Whose attribute, which one, what it is now (None: it has gone), what is named then.
        (activity._Definition, "_apply_to_callable", nothing, {sdk.ACTIVITY_MARK}),
        (activity._Definition, "from_callable", None, {"temporalio.activity._Definition.from_callable"}),
        (workflow._Definition, "from_class", None, {"temporalio.workflow._Definition.from_class"}),
        (WorkflowHandle, "__init__", nothing, {"temporalio.client.WorkflowHandle._client"}),
        (temporalio.runtime, "_runtime_ref", None, {"temporalio.runtime._runtime_ref._default_runtime"}),
        (
            _worker.Worker,
            "_init_from_config",
            nothing,
            {
                f"{sdk._WORKER}.Worker._init_from_config: _workflow_worker",
                f"{sdk._WORKER}.Worker._init_from_config: _activity_worker",
            },
        ),
        (
            _activity,
            "_RunningActivity",
            None,
            {"temporalio.worker._activity._RunningActivity"},
        ),
        (_worker, "load_default_build_id", None, {"temporalio.worker._worker.load_default_build_id"}),
        (activity.logger, "logger", Elsewhere(), {sdk.ACTIVITY_LOG}),
        (workflow.logger, "logger", Elsewhere(), {sdk.WORKFLOW_LOG}),
        (_workflow_instance, "logger", Elsewhere(), {f"{sdk.ACTIVATION_LOG}.logger"}),
        (_workflow, "logger", Elsewhere(), {f"{sdk.WORKFLOW_WORKER_LOG}.logger"}),
        (_restrictions, "logger", None, {f"{sdk.SANDBOX_LOG}.logger"}),
        (_replayer, "logger", None, {f"{sdk.REPLAYER_LOG}.logger"}),
        (_workflow, "_DeadlockError", None, {"temporalio.worker._workflow._DeadlockError"}),
    ]
    for holder, name, instead, told in cases:
        with monkeypatch.context() as patch:
            if instead is None:
                patch.delattr(holder, name)
            else:
                patch.setattr(holder, name, instead)
            assert told <= set(sdk.moved()), (holder, name)
        assert sdk.moved() == ()


def test_a_line_of_the_log_that_reads_otherwise_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(IMPL, "activate", nothing)
    assert sdk.moved() == (
        "temporalio.worker._workflow_instance: '__temporal_error_identifier'",
        "temporalio.worker._workflow_instance: 'WorkflowTaskFailure'",
    )
    monkeypatch.undo()
    for name, value in list(vars(_activity._ActivityWorker).items()):
        if callable(value):
            monkeypatch.setattr(_activity._ActivityWorker, name, nothing)
    assert set(sdk.moved()) == {
        "temporalio.worker._activity._ActivityWorker._execute_activity: start",
        "temporalio.worker._activity._ActivityWorker._running_activities",
        "temporalio.worker._activity._ActivityWorker._worker_shutdown_event",
        "temporalio.worker._activity: '__temporal_error_identifier'",
        "temporalio.worker._activity: 'ActivityFailure'",
        "temporalio.worker._activity: 'NotFoundError'",
        "temporalio.worker._activity: 'is not registered on this worker'",
    }
    monkeypatch.undo()
    for name, value in list(vars(_workflow._WorkflowWorker).items()):
        if callable(value):
            monkeypatch.setattr(_workflow._WorkflowWorker, name, nothing)
    assert set(sdk.moved()) == {
        "temporalio.worker._workflow._WorkflowWorker._running_workflows",
        "temporalio.worker._workflow: 'Failed handling activation on workflow with run ID %s'",
        "temporalio.worker._workflow: 'Failed running eviction job'",
        "temporalio.worker._workflow: 'Timed out running eviction job'",
        "temporalio.worker._workflow: 'NotFoundError'",
        "temporalio.worker._workflow: 'is not registered on this worker'",
    }


def test_a_module_that_is_gone_is_named_and_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "temporalio.worker._workflow_instance", None)
    told = sdk.moved()
    assert "_WorkflowInstanceImpl._tasks" in told
    assert f"{sdk.ACTIVATION_LOG}.logger" in told
    assert sdk.WORKFLOW_MARK not in told


async def test_what_cells_alone_need_keeps_no_recording_from_working(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(_worker, "load_default_build_id")
    assert sdk.moved()
    sdk.require()


def words_of_the_module() -> set[str]:
    """The private names of the SDK, and its texts, that sdk.py itself holds as constants."""
    constants = {name: value for name, value in vars(sdk).items() if name.lstrip("_").isupper()}
    del constants["WANTED"]
    found: set[str] = set()
    for value in constants.values():
        found.update(value if isinstance(value, tuple) else [value])
    return found


def test_every_name_that_the_module_knows_is_looked_for() -> None:
    """A constant that nobody looks for would move without a word."""
    looked_for = "\n".join(
        name
        for group in (sdk._definitions, sdk._clients_and_runtimes, sdk._log_lines, sdk._recordings)
        for name, _ in group()
    )
    assert [word for word in sorted(words_of_the_module()) if word not in looked_for] == []
    source = pathlib.Path(sdk.__file__).read_text(encoding="utf-8").split("# ---- what an installed SDK")[0]
    for _, name in private_names(source):
        assert name.rpartition(".")[2] in looked_for, name


def test_private_names_stand_in_one_module_only() -> None:
    """As text, too: the import contract sees imports, attributes of what was imported, and marks."""
    words = [word for word in words_of_the_module() if word.startswith("_")] + [sdk.SANDBOX_LOG]
    words = [word for word in words if word not in {"_object", "_tasks"}]  # others choose such names, too
    for path in settings.PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path != pathlib.Path(sdk.__file__):
            assert not [word for word in words if f".{word}" in text or f'"{word}"' in text], path
