"""What the cells rely on in temporalio beyond its public API; a new SDK that moved it fails here."""

from __future__ import annotations

import dataclasses
import inspect
import logging
import pathlib

import temporalio.runtime
import temporalio.worker
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.runtime import Runtime
from temporalio.worker import Replayer, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from tutorial_lib import sdk

SDK = pathlib.Path(temporalio.worker.__file__).parent


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


def test_the_sdk_logs_failures_where_and_as_we_look_for_them() -> None:
    for logger in (sdk.ACTIVATION_LOG, sdk.WORKFLOW_WORKER_LOG, sdk.SANDBOX_LOG):
        assert logger in logging.Logger.manager.loggerDict
    assert activity.logger.base_logger.name == sdk.ACTIVITY_LOG
    assert workflow.logger.base_logger.name == sdk.WORKFLOW_LOG
    text = "".join(path.read_text() for path in SDK.glob("_*.py"))
    for spoken in (sdk.ACTIVATION_FAILED, sdk.TASK_FAILURE, sdk.ACTIVITY_FAILURE, sdk.ERROR_IDENTIFIER):
        assert f'"{spoken}"' in text
    assert "class _DeadlockError" in text


def test_the_default_runtime_can_be_seen() -> None:
    runtime = Runtime.default()
    assert sdk.current_default_runtime() is runtime
    assert temporalio.runtime.Runtime is Runtime


def test_the_default_build_id_is_computed_once_and_remembered() -> None:
    from temporalio.worker import _worker

    sdk.load_build_id()
    assert _worker.load_default_build_id() is _worker.load_default_build_id() is _worker._default_build_id
