"""A workflow runner around another one, whose instances are watched at each activation.

Core gives a workflow instance its news as an *activation* and takes commands back; what lies between is one
step of the recording. Replays and live workers go the same way, so their steps can be compared.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import operator
import re
import weakref
from collections.abc import Sequence
from typing import Any, Protocol

from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner

from tutorial_lib import sdk
from tutorial_lib.cells.source_files import is_own
from tutorial_lib.interrupted import Interrupted
from tutorial_lib.replay.recording.attributes import state_of
from tutorial_lib.replay.recording.changes import LineChanges
from tutorial_lib.replay.recording.guard import Guard
from tutorial_lib.replay.recording.jobs import OpenBook
from tutorial_lib.replay.recording.state import conditions, task_of
from tutorial_lib.replay.recording.step_log import StepLog
from tutorial_lib.replay.recording.tracing import Tracer, nearest_own_frame
from tutorial_lib.replay.steps import Place, Step, Task, Texts, Waiting

_FRAME = re.compile(r'File "(.+?)", line (\d+), in (\S+)')
_LONGEST = 300  # characters of a failure's message


class Log(Protocol):
    """Where instances leave their steps."""

    max_lines: int
    values: bool

    def run(self, run_id: str) -> StepLog:
        """The log of one run."""


class RecordingRunner(WorkflowRunner):
    """Has another runner make the instances, and records what they do.

    Args:
        inner: The runner that really runs workflows: a sandbox, as a rule.
        log: Where steps go.
        guard: Watches a replay for code that does not return; None in a live worker, where the SDK's own
            deadlock detector does.
    """

    def __init__(self, inner: WorkflowRunner, log: Log, guard: Guard | None = None) -> None:
        sdk.require()
        self._inner = inner
        self._log = log
        self._guard = guard

    @property
    def inner(self) -> WorkflowRunner:
        """The runner that really runs workflows."""
        return self._inner

    def prepare_workflow(self, defn: Any) -> None:
        """Lets the inner runner validate a workflow."""
        self._inner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Makes the instance of one run, to be recorded."""
        return RecordingInstance(self._inner.create_instance(det), self._log, self._guard)

    def set_worker_level_failure_exception_types(self, types: Sequence[type[BaseException]]) -> None:
        """Hands the worker's choice on to the inner runner."""
        self._inner.set_worker_level_failure_exception_types(types)


class RecordingInstance(WorkflowInstance):
    """One life of one run."""

    def __init__(self, inner: WorkflowInstance, log: Log, guard: Guard | None) -> None:
        self._inner = inner
        self._log = log
        self._guard = guard
        self._real = sdk.real_instance(inner)
        self._book = OpenBook()
        self._numbers = itertools.count()
        self._names: weakref.WeakKeyDictionary[asyncio.Task[Any], tuple[int, str]] = (
            weakref.WeakKeyDictionary()
        )
        self._places: list[Place | None] = []
        self._tracer = Tracer(0)
        self._is_traced = False
        self._held: Texts = {}  # the attributes of the workflow's object after the last activation
        self._start = 0  # of the run, in nanoseconds since 1970
        # Traced from here on: the sandbox's own work around it is some hundred calls more.
        self._work = self._real.activate
        self._real.activate = self._traced
        sdk.listen(self._real, on_command=self._on_command, on_task=self._on_task)

    def get_info(self) -> Any:
        """Hands on what the SDK asks of an instance."""
        return self._inner.get_info()

    def get_thread_id(self) -> int | None:
        """Hands on where the code runs, for the SDK's deadlock detector."""
        return self._inner.get_thread_id()

    def get_serialization_context(self, command_info: Any) -> Any:
        """Hands on what the SDK asks of an instance."""
        return self._inner.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> Any:
        """Hands on what the SDK asks of an instance."""
        return self._inner.get_external_store_context(command_info)

    def activate(self, act: Any) -> WorkflowActivationCompletion:
        """Has the inner instance work on an activation, and records it."""
        if self._guard is None:
            return self._watched(act)
        try:
            completion = self._watched(act)
        except Interrupted:
            completion = WorkflowActivationCompletion()
        except Exception:
            # An eviction that fails is tried again for ever; nobody waits for the workflow of a replay.
            if not _evicts(act):
                raise
            completion = WorkflowActivationCompletion()
            completion.successful.SetInParent()
        if self._guard.stopped is not None and not _evicts(act):
            completion = WorkflowActivationCompletion()
            completion.failed.failure.message = self._guard.stopped
            self._log.run(act.run_id).fail(self._guard.stopped, self._guard.place)
        return completion

    def _watched(self, act: Any) -> WorkflowActivationCompletion:
        run = self._log.run(act.run_id)
        if _evicts(act):
            run.evict(act.jobs[0].remove_from_cache)
            return self._activated(act)
        if act.jobs and all(job.HasField("query_workflow") for job in act.jobs):
            return self._activated(act)
        for job in act.jobs:
            if job.HasField("initialize_workflow"):
                run.begin_life()
                self._start = job.initialize_workflow.start_time.ToNanoseconds()
        self._places.clear()
        changes = LineChanges(self._held, self._learners) if self._log.values else None
        self._tracer = Tracer(self._log.max_lines, changes)
        self._is_traced = True
        completion = None
        try:
            completion = self._activated(act)
        finally:
            self._is_traced = False
            # Watched for itself: what ends the code is not to end the record of it.
            with self._watching():
                run.append(self._step(act, run, completion))
        return completion

    def _activated(self, act: Any) -> WorkflowActivationCompletion:
        with self._watching():
            return self._inner.activate(act)

    def _watching(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext() if self._guard is None else self._guard.watching()

    def _traced(self, act: Any) -> Any:
        if not self._is_traced:
            return self._work(act)
        self._tracer.start()
        try:
            return self._work(act)
        finally:
            self._tracer.stop()

    def _step(self, act: Any, run: StepLog, completion: WorkflowActivationCompletion | None) -> Step:
        jobs = tuple(map(self._book.job, act.jobs))
        commands = completion.successful.commands if completion is not None else ()
        asked = self._book.commands(commands, self._places)
        failed = completion is not None and completion.HasField("failed")
        failure = completion.failed.failure if completion is not None and failed else None
        last = self._tracer.last()
        self._held = state_of(self._learners())
        return Step(
            number=0,  # the log counts
            started_id=act.history_length,
            completed_id=None,
            replaying=act.is_replaying,
            life=0,
            time=(act.timestamp.ToNanoseconds() - self._start) / 1e9,
            jobs=jobs,
            lines=run.shared(self._tracer.lines()),
            writes=self._tracer.writes(),
            state=self._held,
            tasks=self._suspended(),
            commands=asked,
            waiting=(*self._book.waiting(), *self._awaited()),
            failure=_told(failure) if failure is not None else None,
            failed_at=_raised_at(failure.stack_trace) or last if failure is not None else None,
            last=last,
            truncated=self._tracer.truncated,
        )

    def _learners(self) -> object | None:
        return sdk.learners_object(self._real)

    def _suspended(self) -> tuple[Task, ...]:
        known = [(*self._names[task], task) for task in sdk.open_tasks(self._real) if task in self._names]
        known.sort(key=operator.itemgetter(0))
        found = [task_of(task, name) for _number, name, task in known]
        return tuple(task for task in found if task.frames)

    def _awaited(self) -> tuple[Waiting, ...]:
        return conditions(sdk.open_conditions(self._real))

    def _on_command(self) -> None:
        place = nearest_own_frame(RecordingInstance._watched.__code__)
        # A workflow's end, an update's answer and a cancellation come from the SDK's own frames, right after
        # the line that caused them.
        self._places.append(place or self._tracer.last())

    def _on_task(self, task: asyncio.Task[Any], name: str | None) -> None:
        # The SDK keeps its tasks in a set; they are numbered here, in order of creation.
        name = name or getattr(task.get_coro(), "__qualname__", None) or ""
        self._names[task] = (next(self._numbers), name)


def _evicts(act: Any) -> bool:
    return bool(act.jobs) and act.jobs[0].HasField("remove_from_cache")


def _told(failure: Any) -> str:
    """A failure as Python would print it, cut to what a step shows."""
    kind, message = failure.application_failure_info.type, failure.message
    message = message if len(message) <= _LONGEST else f"{message[:_LONGEST]} ..."
    return f"{kind}: {message}" if kind else message


def _raised_at(stack: str) -> Place | None:
    """The innermost of the learner's own lines in a stack trace."""
    own = [found for found in _FRAME.findall(stack) if is_own(found[0])]
    return Place(own[-1][0], own[-1][2], int(own[-1][1]), int(own[-1][1])) if own else None
