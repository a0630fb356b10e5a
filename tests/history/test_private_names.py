"""Every private name of the SDK that recordings lean on; a new SDK that moved one is named here."""

from __future__ import annotations

import inspect
import pathlib

import pytest
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowRunner, _workflow_instance
from temporalio.worker.workflow_sandbox import _in_sandbox, _runner

import tutorial_lib.history
from tests.history import recorded
from tests.history.test_recorder import DATA
from tutorial_lib import sdk
from tutorial_lib.errors import HistoryError
from tutorial_lib.replay.recorder import record_replay
from tutorial_lib.replay.recording.runner import RecordingInstance, RecordingRunner

IMPL = _workflow_instance._WorkflowInstanceImpl


def test_the_installed_sdk_has_them_all() -> None:
    assert sdk.moved() == ()


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
        "_WorkflowInstanceImpl._object",
        "_WorkflowInstanceImpl._tasks",
        "_WorkflowInstanceImpl._conditions",
        "workflow_sandbox._runner._Instance.globals_and_locals",
        "workflow_sandbox._in_sandbox.InSandbox.instance",
    }


def test_a_class_that_is_gone_takes_its_names_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(_runner, "_Instance")
    assert len(sdk.moved()) == 2


async def test_a_recording_says_which_version_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(IMPL, "_add_command")
    with pytest.raises(
        HistoryError, match=r"_WorkflowInstanceImpl\._add_command\n.*temporalio>=1\.35,<1\.36"
    ):
        await record_replay(DATA / "saga.json", recorded.ALL)


def test_our_instance_hands_on_all_that_the_sdk_asks_of_one() -> None:
    for ours, theirs in ((RecordingInstance, WorkflowInstance), (RecordingRunner, WorkflowRunner)):
        asked = {name for name, _ in inspect.getmembers(theirs, callable) if not name.startswith("_")}
        assert asked <= set(vars(ours)), theirs
    assert isinstance(RecordingRunner(UnsandboxedWorkflowRunner(), None), WorkflowRunner)


def test_private_names_of_the_sdk_stand_in_one_module_only() -> None:
    names = [
        *("_object", "_tasks", "_conditions", "_add_command", "_register_task"),
        *("globals_and_locals", "__temporal_in_sandbox"),
    ]
    for path in pathlib.Path(tutorial_lib.history.__file__).parent.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.name != "private.py":
            assert not [name for name in names if f".{name}" in text or f'"{name}"' in text], path.name
