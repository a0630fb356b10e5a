"""Records what a workflow's code does in each workflow task: replayed from any history, or live in a worker.

    recording = await record_replay(handle, [Order])            # or a history, JSON text, a path ...

    recorder = Recorder()                                       # live
    async with Worker(client, workflow_runner=recorder.runner(), ...): ...
    recording = recorder.recording(await fetch_history(handle))

Both give the same steps for the same run, but for what only a live run has: tasks that failed, and updates
that were rejected. By default the workflow runs in the SDK's standard sandbox, cells included.
"""

from __future__ import annotations

import collections
import dataclasses
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from temporalio.client import WorkflowHandle
from temporalio.converter import DataConverter
from temporalio.worker import WorkflowRunner
from temporalio.workflow import NondeterminismError

from tutorial_lib.cells.sandbox.runner import default_runner
from tutorial_lib.errors import HistoryError, TutorialError
from tutorial_lib.history.events import History
from tutorial_lib.history.reading import Source, fetch_history, read_history
from tutorial_lib.replay.classes import workflows_for
from tutorial_lib.replay.conditions import configured
from tutorial_lib.replay.core_messages import core_message
from tutorial_lib.replay.linking.divergence import find_divergence
from tutorial_lib.replay.linking.event_index import EventIndex
from tutorial_lib.replay.linking.linker import Mismatch, StepLinker
from tutorial_lib.replay.recording.guard import Guard
from tutorial_lib.replay.recording.runner import RecordingRunner
from tutorial_lib.replay.recording.sources import sources_of
from tutorial_lib.replay.recording.step_log import StepLog
from tutorial_lib.replay.replayable import check_replayable
from tutorial_lib.replay.replaying import replay
from tutorial_lib.replay.steps import Recording, Step

Recordable = History | WorkflowHandle[Any, Any] | Source

_MOST_RUNS = 200  # runs that a live recorder remembers
_INVALID = "Failed validating workflow"


@dataclasses.dataclass(frozen=True)
class Detail:
    """How much a recording keeps.

    Attributes:
        max_lines: Lines of one step.
        max_detailed: Steps that keep their lines, tasks and state; of a longer run the first and last ones.
        values: Also note which locals and attributes changed before each line. For small pieces of code: it
            takes several times as long.
    """

    max_lines: int = 2000
    max_detailed: int = 2000
    values: bool = False


class Recorder:
    """Records the workflows of live workers.

    Args:
        detail: How much to keep.
        on_step: Called with the run id and each step, not yet linked to events, on the worker's thread.
    """

    def __init__(
        self, *, detail: Detail | None = None, on_step: Callable[[str, Step], None] | None = None
    ) -> None:
        self._detail = detail or Detail()
        self._on_step = on_step
        self._runs: collections.OrderedDict[str, StepLog] = collections.OrderedDict()
        self._lock = threading.Lock()
        self.max_lines = self._detail.max_lines
        self.values = self._detail.values

    def runner(self, inner: WorkflowRunner | None = None) -> WorkflowRunner:
        """For `Worker(workflow_runner=...)`; a new one for each worker.

        Args:
            inner: What really runs the workflows; the standard sandbox if None.
        """
        return RecordingRunner(inner or default_runner(), self)

    def run(self, run_id: str) -> StepLog:
        """The log of a run, made when it is first asked for. Instances write to it."""
        with self._lock:
            if run_id not in self._runs:
                on_step = self._on_step
                told = None if on_step is None else lambda step: on_step(run_id, step)
                self._runs[run_id] = StepLog(self._detail.max_detailed, told)
                while len(self._runs) > _MOST_RUNS:
                    self._runs.popitem(last=False)
            return self._runs[run_id]

    @property
    def run_ids(self) -> tuple[str, ...]:
        """The runs that were recorded, oldest first."""
        return tuple(self._runs)

    def steps(self, run_id: str) -> tuple[Step, ...]:
        """The steps of a run so far, not linked to events; `()` for a run that was not recorded."""
        found = self._runs.get(run_id)
        return tuple(found.steps) if found else ()

    def recording(self, history: History | Source) -> Recording:
        """The steps of a run, joined with its history.

        Args:
            history: Of a run that was recorded.

        Raises:
            HistoryError: That run was not recorded here.
        """
        history = history if isinstance(history, History) else read_history(history)
        log = self._runs.get(history.run_id)
        if log is None or not log.steps:
            raise HistoryError(
                f"no step of run {history.run_id} was recorded",
                "give the worker this recorder's runner: Worker(..., workflow_runner=recorder.runner())",
            )
        error = NondeterminismError(log.nondeterminism) if log.nondeterminism is not None else None
        return make_recording(history, log.steps, error, 0.0)


async def record_replay(
    history: Recordable,
    workflows: Sequence[type] | None = None,
    *,
    runner: WorkflowRunner | None = None,
    sandboxed: bool = True,
    detail: Detail | None = None,
    deadline: float = 5.0,
    **replayer_options: Any,
) -> Recording:
    """Replays a history and records each step.

    A replay that fails is a recording too: with `error`, and the `divergence` if that is why.

    Args:
        history: A history in any form, or a handle whose run is fetched.
        workflows: Classes to choose from by workflow type; the notebook's own if None.
        runner: What runs the workflow; the standard sandbox if None.
        sandboxed: False runs it without a sandbox.
        detail: How much to keep.
        deadline: Seconds that the code may take for one workflow task.
        replayer_options: More options of `temporalio.worker.Replayer`: `data_converter`, `interceptors`,
            `plugins` ...; `conditions.replay_options` has those of a worker.

    Raises:
        HistoryError: It is not a whole history, or of another workflow type, or Core refuses it altogether.
        RuntimeError: The SDK refuses the workflow class ("Failed validating workflow ...").
    """
    history = await fetched(history, replayer_options.get("data_converter"))
    check_replayable(history)
    classes = workflows_for(history.workflow_type, workflows)
    log, guard = _Log(detail or Detail()), Guard()
    if runner is not None:
        replayer_options["workflow_runner"] = runner
    options, (inner, other) = configured(classes, replayer_options, sandboxed=sandboxed)
    runners = (RecordingRunner(inner, log, guard), RecordingRunner(other, log, guard))
    began = time.perf_counter()
    error = await replay(history.source, runners, guard, deadline=deadline, options=options)
    seconds = time.perf_counter() - began
    if isinstance(error, RuntimeError) and str(error).startswith(_INVALID):
        raise error.__cause__ if isinstance(error.__cause__, TutorialError) else error
    if isinstance(error, TimeoutError) and log.only.nondeterminism is not None:
        error = NondeterminismError(log.only.nondeterminism)  # only its way out took for ever
    if error is not None and not log.only.steps:
        hint = "give it as the server wrote it, e.g. `temporal workflow show -o json -w ID > history.json`"
        raise HistoryError(
            f"this history cannot be replayed: {_sentence(error)}", "" if guard.stopped else hint
        )
    return make_recording(history, log.only.steps, error, seconds)


class _Log:
    """The log of a replay, which has one run, whatever id Core makes up for it."""

    def __init__(self, detail: Detail) -> None:
        self.only = StepLog(detail.max_detailed)
        self.max_lines = detail.max_lines
        self.values = detail.values

    def run(self, run_id: str) -> StepLog:
        """The one log."""
        del run_id
        return self.only


async def fetched(history: Recordable, data_converter: DataConverter | None = None) -> History:
    """A history in any form as a `History`; that of a handle is fetched.

    Raises:
        HistoryError: It is not a whole history.
    """
    if isinstance(history, History):
        return history
    if isinstance(history, WorkflowHandle):
        return await fetch_history(history, data_converter=data_converter)
    return read_history(history, data_converter=data_converter)


def make_recording(
    history: History, steps: Sequence[Step], error: BaseException | None, seconds: float
) -> Recording:
    """Links steps to a history and finds the divergence, if `error` is one.

    Args:
        history: The run's.
        steps: All its steps, of one or more lives.
        error: What ended the replay or the newest life.
        seconds: How long the replay took.
    """
    answers = EventIndex(history.source.events)
    linked: list[Step] = []
    mismatches: list[Mismatch] = []
    for life in sorted({step.life for step in steps}):
        found, mismatches = StepLinker(answers).link([step for step in steps if step.life == life])
        linked += found
    recording = Recording(history, tuple(linked), None, None, seconds, sources_of(linked))
    if error is None:
        return recording
    told = _sentence(error)
    divergence = None
    if isinstance(error, NondeterminismError):
        newest = [step for step in linked if step.life == linked[-1].life]
        divergence = find_divergence(history, newest, mismatches, told, recording.call_from)
    elif linked and linked[-1].failure:
        told = f"workflow task failed: {linked[-1].failure}"
    return dataclasses.replace(recording, divergence=divergence, error=told)


def _sentence(error: BaseException) -> str:
    return core_message(str(error)) or type(error).__name__
