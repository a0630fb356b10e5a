"""A failure in a worker, reported in two or three lines that point at the cell.

The SDK logs a failed workflow task with some sixty lines of traceback, again at each retry, and Core
logs it once more in its own words. Here it reads, once per run and message:

    WORKFLOW TASK FAILED Greeting 'greet-ada'
      RestrictedWorkflowAccessError: Cannot access random.random.__call__ from inside a workflow
      Cell In[3], line 9: return random.random()

and a failed activity attempt:

    ACTIVITY FAILED charge attempt 1: RuntimeError: card declined
      Cell In[2], line 4: raise RuntimeError("card declined")

and one that ended as cancelled without its workflow's asking, which the SDK logs as failed, too:

    ACTIVITY CANCELLED charge attempt 1: the server waits for it no more
      Cell In[2], line 3: await asyncio.sleep(1)

The lines go to the standard error of the *latest* cell, whichever cell made the worker: that is where
the learner looks, and a notebook's saved output stays the same from run to run. They hold no ids or
times of the server's making. All other log records pass unchanged.
"""

from __future__ import annotations

import collections
import contextvars
import linecache
import logging
import re
import sys
import traceback
from asyncio import CancelledError
from collections.abc import Callable
from typing import Any, Final

from temporalio import activity, exceptions, workflow
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from tutorial_lib import sdk
from tutorial_lib.cells import ipython
from tutorial_lib.cells.failures.advice import advice
from tutorial_lib.cells.failures.causes import causes_of
from tutorial_lib.cells.failures.muted import listener
from tutorial_lib.cells.failures.records import FailureKind, FailureRecord
from tutorial_lib.cells.failures.runs import run_names
from tutorial_lib.cells.source_files import is_own

CORE_LOG = "temporalio.core"

_LONGEST = 300  # characters of an error message
_KEPT = 5000  # failures remembered, to say each once
_CORE_NONDETERMINISM = re.compile(r'message: "(\[TMPRL1100\](?:[^"\\]|\\.)*)"')
# The name of a snapshot's module, before the name of something in it.
_SNAPSHOT = re.compile(r"\bnotebook_\w+_\d+\.")
# Why an activity was cancelled that its workflow did not cancel, by the SDK's `ActivityCancellationDetails`.
_CANCELLED: Final = {
    "not_found": "the server waits for it no more",  # the workflow is over, or the attempt's time
    "timed_out": "it took longer than its timeout",
    "worker_shutdown": "its worker is stopped",
}
_SECOND_WORKER = "Registration of multiple workers with overlapping worker task types"


class FailureLog(logging.Filter):
    """A filter on the SDK's own loggers that reports failures in short and lets everything else pass.

    Args:
        out: Takes each text; by default the standard error of the latest cell, or of the process.
    """

    LOGGERS = (
        sdk.ACTIVITY_LOG,
        sdk.ACTIVATION_LOG,
        sdk.WORKFLOW_WORKER_LOG,
        sdk.SANDBOX_LOG,
        CORE_LOG,
    )

    def __init__(self, out: Callable[[str], None] | None = None) -> None:
        super().__init__()
        self._out = out or to_latest_cell
        self._told: collections.OrderedDict[tuple[Any, ...], None] = collections.OrderedDict()

    def install(self) -> None:
        """Starts telling. Also drops the dictionary of ids that the SDK appends to each log line.

        `record.temporal_workflow` and `record.temporal_activity` still carry it.
        """
        for name in self.LOGGERS:
            logging.getLogger(name).addFilter(self)
        workflow.logger.workflow_info_on_message = False
        activity.logger.activity_info_on_message = False

    def uninstall(self) -> None:
        """Gives the SDK's log lines back."""
        for name in self.LOGGERS:
            logging.getLogger(name).removeFilter(self)
        workflow.logger.workflow_info_on_message = True
        activity.logger.activity_info_on_message = True

    def filter(self, record: logging.LogRecord) -> bool:
        """Reports a failure and holds its record back; lets any other record pass."""
        # This runs inside the workflow's sandbox, where even `linecache` could not open a file.
        with workflow.unsafe.sandbox_unrestricted(), workflow.unsafe.imports_passed_through():
            return not self._tell(record)

    def _tell(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        identifier = getattr(record, sdk.ERROR_IDENTIFIER, None)
        if record.name == sdk.SANDBOX_LOG:
            return True  # told as the workflow task's failure
        if record.name.startswith(CORE_LOG):
            return self._tell_core(record)
        # A stuck run of a check: it was told as the workflow task's failure, and its worker goes anyway.
        if str(record.msg).startswith(sdk.EVICTION_FAILED) and isinstance(record.args, tuple):
            return listener(run_names.of(str(record.args[0]))[1]) is not None
        if error is None:
            return False
        if identifier == sdk.TASK_FAILURE:
            info = getattr(record, sdk.WORKFLOW_INFO, {})
            name = info.get("workflow_type", ""), info.get("workflow_id", "")
            self._task_failed(info.get("run_id"), name, error)
        elif record.msg == sdk.ACTIVATION_FAILED and record.args:
            run_id = str(record.args[0]) if isinstance(record.args, tuple) else None
            workflow_type, workflow_id = run_names.of(run_id)
            self._task_failed(run_id, (workflow_type or _unregistered(error), workflow_id), error)
        elif identifier == sdk.ACTIVITY_FAILURE:
            self._activity_failed(getattr(record, sdk.ACTIVITY_INFO, {}), error)
        else:
            return False
        return True

    def _tell_core(self, record: logging.LogRecord) -> bool:
        """Core's own log: only non-determinism is news, the SDK reports all else itself."""
        fields = getattr(getattr(record, "temporal_log", None), "fields", {})
        found = _CORE_NONDETERMINISM.search(str(fields.get("failure", "")))
        if found:
            run_id = str(fields.get("run_id", ""))
            message = found[1].replace('\\"', '"')
            if self._first((run_id, message)):
                self._say(FailureRecord(FailureKind.TASK, *run_names.of(run_id), "", message))
            return True
        return record.levelno < logging.ERROR

    def _task_failed(self, run_id: str | None, name: tuple[str, str], error: BaseException) -> None:
        kind, message = type_and_message(error)
        if self._first((run_id, kind, message)):
            causes = tuple((message_of(each), place_of(each)) for each in causes_of(error))
            self._say(
                FailureRecord(
                    FailureKind.TASK,
                    *name,
                    kind,
                    message,
                    place_of(error) or _place_of_function(sdk.decoding_for(error)),
                    causes=causes,
                    advice=advice(error),
                )
            )

    def _activity_failed(self, info: dict[str, Any], error: BaseException) -> None:
        unknown = sdk.unregistered_activity(error)
        if unknown is not None:
            self._say(
                FailureRecord(FailureKind.ACTIVITY, *unknown.name, "", str(error), attempt=unknown.attempt)
            )
            return
        place = place_of(error)
        new = self._first((info.get("workflow_run_id"), info.get("activity_id"), place))
        self._say(
            FailureRecord(
                FailureKind.ACTIVITY,
                str(info.get("activity_type", "")),
                str(info.get("workflow_id", "")),
                *type_and_message(error),
                place=place,
                attempt=int(info.get("attempt", 1)),
                again=not new,
                causes=tuple((message_of(each), place_of(each)) for each in causes_of(error)),
                cancelled=_cancelled(error),
            )
        )

    def _say(self, failure: FailureRecord) -> None:
        """Reports it in the cell, unless a check takes it."""
        records = listener(failure.workflow_id)
        if records is None:
            self._out(failure.text)
        else:
            records.append(failure)

    def _first(self, key: tuple[Any, ...]) -> bool:
        """Whether this is reported for the first time; the server retries a failed task for ever."""
        if key in self._told:
            return False
        self._told[key] = None
        while len(self._told) > _KEPT:
            self._told.popitem(last=False)
        return True


def _cancelled(error: BaseException) -> str:
    """Why the activity that is logged right now was cancelled from outside; "" if it was not."""
    if not isinstance(error, CancelledError | exceptions.CancelledError) or not activity.in_activity():
        return ""
    details = activity.cancellation_details()
    return next((why for name, why in _CANCELLED.items() if getattr(details, name, False)), "")


def _unregistered(error: BaseException) -> str:
    """The workflow type that a worker does not know; there is no run of it to be named."""
    found = re.match(r"(?:NotFoundError: )?Workflow class (\S+) is not registered", str(error))
    return found[1] if found else ""


def message_of(error: BaseException) -> str:
    """The error in one line, without the SDK's advice to the authors of modules."""
    return ": ".join(filter(None, type_and_message(error)))


def type_and_message(error: BaseException) -> tuple[str, str]:
    """The type and the message of an error, each in one line; the type is "" where the message is enough."""
    first = str(error).split(". If this is code", 1)[0].split("\n", 1)[0]
    first = _SNAPSHOT.sub("", first)
    kind = type(error).__name__.lstrip("_")
    if kind == sdk.DEADLOCK.lstrip("_"):  # its text says all
        return "", first
    return kind, first[: max(0, _LONGEST - len(kind) - 2)]


def place_of(error: BaseException) -> str:
    """Where in the learner's own code an error originates: `Cell In[3], line 9: <code>`; or empty."""
    frames = [each for each in traceback.extract_tb(error.__traceback__) if is_own(each.filename)]
    if not frames:
        return ""
    # The SDK fills a deadlock's traceback from the stuck thread, innermost frame first.
    frame = frames[0] if type(error).__name__ == sdk.DEADLOCK else frames[-1]
    code = linecache.getline(frame.filename, frame.lineno or 0).strip()
    return f"{ipython.place(frame.filename, frame.lineno or 0)}: {code}"


def _place_of_function(function: Callable[..., Any] | None) -> str:
    """Where a function's `def` is: the line that has its parameters."""
    code = getattr(function, "__code__", None)
    if code is None or not is_own(code.co_filename):
        return ""
    lines = linecache.getlines(code.co_filename)
    line = code.co_firstlineno  # of its first decorator
    while line < len(lines) and "def " not in lines[line - 1]:
        line += 1
    return f"{ipython.place(code.co_filename, line)}: {linecache.getline(code.co_filename, line).strip()}"


def short_traceback(error: BaseException) -> list[str]:
    """An error and its causes, a line each, ending at the cell: what IPython shows for an SDK error."""
    chain: list[BaseException] = [error]
    while chain[-1].__cause__ is not None and chain[-1].__cause__ not in chain:
        chain.append(chain[-1].__cause__)
    lines = [message_of(error), *(f"  {message_of(cause)}" for cause in chain[1:])]
    if _SECOND_WORKER in str(error):
        lines = ["RuntimeError: A worker for this task queue exists already on this client.",
                 "  → Stop that one first; lab.start_worker(...) replaces it by itself."]  # fmt: skip
    place = next((place_of(cause) for cause in reversed(chain) if place_of(cause)), "")
    told = next(filter(None, (advice(cause, loading=True) for cause in reversed(chain))), "")
    return [_lines(*lines, f"  {place}" if place else "", f"  → {told}" if told else "")]


def core_runtime() -> Runtime:
    """A runtime whose Rust log goes to Python logging (`temporalio.core`), never raw to a cell."""
    forwarding = LogForwardingConfig(logger=logging.getLogger(CORE_LOG), append_target_to_name=False)
    log = LoggingConfig(TelemetryFilter(core_level="WARN", other_level="ERROR"), forwarding)
    return Runtime(telemetry=TelemetryConfig(logging=log))


def _lines(*lines: str) -> str:
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _write(text: str) -> None:
    # A kernel gathers what is printed for a fifth of a second, each stream for itself: what was printed
    # before this would come after it, and what is printed next before.
    sys.stdout.flush()
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def to_latest_cell(text: str) -> None:
    """Writes to the standard error of the latest cell, or of the process."""
    # A kernel keeps the cell that a task or thread came from in a context variable; in an empty
    # context it falls back on the cell that runs now, or ran last.
    contextvars.Context().run(_write, text)
