"""What a workflow ran under, so that its replay does: data converter, sandbox, interceptors, plugins.

A replay with another data converter cannot decode what the run was given, and shows a completed run as one
whose workflow task fails; the same holds for what a worker's options add.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from temporalio.client import Client, WorkflowHistory
from temporalio.worker import (
    Interceptor,
    Plugin,
    Replayer,
    ReplayerConfig,
    UnsandboxedWorkflowRunner,
    Worker,
    WorkerConfig,
    WorkflowReplayResult,
    WorkflowRunner,
)

from tutorial_lib import sdk
from tutorial_lib.cells.made_workers import MadeWorker
from tutorial_lib.cells.sandbox.runner import NotebookWorkflowRunner, default_runner
from tutorial_lib.history.events import History
from tutorial_lib.replay.classes import workflow_name
from tutorial_lib.replay.recording.runner import RecordingRunner

# Options that a replayer and a worker have in common, and that change what a workflow does.
_SHARED: Final = (
    "workflow_runner",
    "unsandboxed_workflow_runner",
    "workflow_failure_exception_types",
    "disable_safe_workflow_eviction",
)


def worker_of(history: History, workers: Iterable[MadeWorker], client: Client | None) -> MadeWorker | None:
    """The worker that ran an execution, as far as is known; None if it is not among these.

    Args:
        history: The execution's.
        workers: The workers that are known, the latest first.
        client: A client of the execution's namespace; None if the history is from a file.
    """
    identities = {event.worker for event in history if event.type.startswith("WorkflowTask")}
    fitting = [
        worker
        for worker in workers
        if worker.task_queue == history.task_queue
        and (client is None or _place(worker.client) == _place(client))
        and any(workflow_name(each) in {history.workflow_type, None} for each in worker.workflows)
    ]
    return next((worker for worker in fitting if worker.identity in identities), next(iter(fitting), None))


def replay_options(client: Client, worker: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The options of a `Replayer` that replays as a worker of this client ran it.

    Args:
        client: The worker's client; what it adds to a worker, it adds here.
        worker: The worker's own options; none if it is not known.
    """
    config, own = client.config(active_config=True), worker or {}
    plugins = [plugin for plugin in config["plugins"] if isinstance(plugin, Plugin)]
    interceptors = [each for each in config["interceptors"] if isinstance(each, Interceptor)]
    return {
        "data_converter": client.data_converter,
        "namespace": client.namespace,
        "header_codec_behavior": config["header_codec_behavior"],
        "plugins": [*plugins, *own.get("plugins", ())],
        "interceptors": [*interceptors, *own.get("interceptors", ())],
        **{name: own[name] for name in _SHARED if name in own},
    }


def configured(
    workflows: Sequence[type], options: Mapping[str, Any], *, sandboxed: bool = True
) -> tuple[dict[str, Any], tuple[WorkflowRunner, WorkflowRunner]]:
    """What plugins make of a replayer's options, and the runners, which a recording wraps.

    Args:
        workflows: The classes to replay with.
        options: Options of `temporalio.worker.Replayer`.
        sandboxed: Whether a workflow runs in the sandbox if nobody chose a runner.

    Returns:
        The remaining options, classes included, and the runners for workflows in and without a sandbox.
    """
    plugins: Sequence[Plugin] = options.get("plugins", ())
    config: Any = {**options, "workflows": list(workflows)}
    config.pop("plugins", None)
    config["workflow_runner"] = _fresh(options.get("workflow_runner"), sandboxed=sandboxed)
    for plugin in plugins:
        config = plugin.configure_replayer(config)
    runner = default_runner(config.pop("workflow_runner"))
    unsandboxed = config.pop("unsandboxed_workflow_runner", None) or UnsandboxedWorkflowRunner()
    return {**config, "plugins": [_Around(each) for each in plugins]}, (runner, _fresh(unsandboxed))


def _fresh(runner: WorkflowRunner | None, *, sandboxed: bool = True) -> WorkflowRunner:
    """A runner like a worker's: not that one itself, whose snapshots the worker still uses."""
    if runner is None:
        return default_runner() if sandboxed else UnsandboxedWorkflowRunner()
    if isinstance(runner, RecordingRunner):
        return _fresh(runner.inner)
    if type(runner) is NotebookWorkflowRunner:
        return NotebookWorkflowRunner(restrictions=runner.restrictions, runner_class=runner.runner_class)
    return default_runner(runner)


def _place(client: Client) -> tuple[str, str]:
    return sdk.address_of(client), client.namespace


class _Around(Plugin):
    """A plugin that has configured a replay already: what is left is what it does around it."""

    def __init__(self, plugin: Plugin) -> None:
        self._plugin = plugin

    def name(self) -> str:
        """Its own name."""
        return self._plugin.name()

    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        """Changes nothing."""
        return config

    def configure_replayer(self, config: ReplayerConfig) -> ReplayerConfig:
        """Changes nothing."""
        return config

    async def run_worker(self, worker: Worker, next: Any) -> None:  # noqa: A002 - the SDK's name
        """Runs no worker."""
        raise NotImplementedError

    def run_replayer(
        self,
        replayer: Replayer,
        histories: AsyncIterator[WorkflowHistory],
        next: Callable[  # noqa: A002 - the SDK's name
            [Replayer, AsyncIterator[WorkflowHistory]],
            AbstractAsyncContextManager[AsyncIterator[WorkflowReplayResult]],
        ],
    ) -> AbstractAsyncContextManager[AsyncIterator[WorkflowReplayResult]]:
        """Does what the plugin does around a replay."""
        return self._plugin.run_replayer(replayer, histories, next)
