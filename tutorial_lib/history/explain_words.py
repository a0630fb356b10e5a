"""The parts that sentences about events are made of: who, what, with which values, why.

Each part is "" where the event has nothing of it, so that a sentence can name it in any case.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tutorial_lib.history.events import Event, Failure, History
from tutorial_lib.history.kinds import CLOSED_TASKS, LOCAL_ACTIVITY

LONGEST_VALUE = 60  # characters of a value in a sentence
LONGEST_REASON = 160  # characters of a failure's message
_MOST_COMMANDS = 4  # that a sentence lists
RECKONED = 1e-4  # of a length: what it may have lost where code reckoned it
_NOISE = 0.05  # seconds that it may have gained
_DAY = 86400
_ALONE = ((_DAY, "d", math.inf), (3600, "h", 3 * _DAY), (60, "min", _DAY))  # a unit, up to which length

# Identities of the server's own (`consts` and `service/worker` of temporalio/temporal).
_SERVICES = frozenset({"history-service", "history-resetter", "worker-service"})
_SYSTEM = "temporal-sys"  # temporal-system@host, temporal-sys-parent-close-policy-workflow
_SCHEDULER = "temporal-scheduler-"  # and namespace and id of a schedule

WHY_NO_RETRY = {  # what a retry state means
    "MaximumAttemptsReached": "no attempt is left",
    "NonRetryableFailure": "it is not to be retried",
    "RetryPolicyNotSet": "it has no retry policy",
    "Timeout": "no time is left for another attempt",
    "CancelRequested": "its cancellation was asked for",
    "InternalServerError": "the server had an error",
}


@dataclass(frozen=True, slots=True)
class Words:
    """The parts of a sentence about one event.

    Args:
        event: The event.
        history: Its history, if at hand.
        names: Whether to name what differs from run to run: identities, workflow ids, points in time.
    """

    event: Event
    history: History | None
    names: bool

    @property
    def name(self) -> str:
        """The activity type, signal name ..."""
        return f"`{self.event.name}`" if self.event.name else "(without a name)"

    @property
    def label(self) -> str:
        """The local activity or patch behind a marker."""
        return f"`{self.event.label}`"

    @property
    def worker(self) -> str:
        """Either "worker 4242@host" or "a worker"."""
        return f"worker {self.event.worker}" if self.names and self.event.worker else "a worker"

    @property
    def client(self) -> str:
        """Who is behind it: another workflow, the server, a schedule, "client 4242@host" or "a client"."""
        if self.event.attributes.get("external_workflow_id"):
            return self._workflow("external_workflow_id")
        if self.by_server:
            return "the server"
        if self.event.worker.startswith(_SCHEDULER):
            return self._schedule
        return f"client {self.event.worker}" if self.names and self.event.worker else "a client"

    @property
    def by_server(self) -> bool:
        """Whether the server itself did it: one of its services, or a system workflow."""
        return self.event.worker in _SERVICES or self.event.worker.startswith(_SYSTEM)

    @property
    def _schedule(self) -> str:
        first = self.history.events[0] if self.history else self.event
        found = next(iter(first.payloads.get("search_attributes", ())), None)
        named = found.get("TemporalScheduledById") if isinstance(found, dict) else None
        if not self.names:
            return "a schedule"
        return f"schedule `{named}`" if named else f"a schedule ({self.event.worker})"

    @property
    def has_later_task(self) -> bool:
        """Whether the run has another workflow task after this event, as far as is known."""
        later = self.history.events[self.event.id :] if self.history else ()
        return any(event.type == "WorkflowTaskScheduled" for event in later)

    @property
    def target(self) -> str:
        """The workflow execution that is acted on."""
        return self._workflow("workflow_id")

    @property
    def child_id(self) -> str:
        """As in " as `order-1`", the workflow id of a child."""
        found = self.event.attributes.get("workflow_id")
        return f" as `{found}`" if self.names and found else ""

    @property
    def note(self) -> str:
        """What a marker is about: "patch `v2`"."""
        kinds = {**dict.fromkeys(LOCAL_ACTIVITY, "local activity"), "core_patch": "patch"}
        return f"{kinds.get(self.event.name, 'marker')} {self.label}"

    def _workflow(self, attribute: str) -> str:
        found = self.event.attributes.get(attribute)
        return f"workflow `{found}`" if self.names and found else "another workflow"

    @property
    def queue(self) -> str:
        """The task queue."""
        return f"task queue `{self.event.attributes.get('task_queue', '')}`"

    @property
    def attempt(self) -> str:
        """As in ", attempt 3"."""
        return f", attempt {self.event.attempt}" if self.event.attempt else ""

    @property
    def again(self) -> str:
        """As in ", attempt 3", from the second one on."""
        return self.attempt if (self.event.attempt or 0) > 1 else ""

    @property
    def given(self) -> str:
        """As in " with 'Ada', 3"."""
        values = self.event.payloads.get("input", ())
        return f" with {shown(values)}" if values else ""

    @property
    def returned(self) -> str:
        """As in "returned 3"."""
        return f"returned {shown(self.event.payloads.get('result', ())) or 'nothing'}"

    @property
    def why(self) -> str:
        """As in ": ValueError: boom"."""
        return f": {reason(self.event.failure)}" if self.event.failure else ""

    @property
    def before(self) -> str:
        """As in "; the attempt before failed: boom"."""
        failed = self.event.attributes.get("last_failure")
        if not isinstance(failed, dict):
            return ""
        told = reason(Failure(str(failed.get("message", "")), type=str(failed.get("type", ""))))
        return f"; the attempt before failed: {told}"

    @property
    def no_retry(self) -> str:
        """As in " (no attempt is left)"."""
        state = str(self.event.attributes.get("retry_state", ""))
        return f" ({WHY_NO_RETRY[state]})" if state in WHY_NO_RETRY else ""

    @property
    def timeout(self) -> str:
        """As in " (StartToClose)"."""
        kind = self.event.attributes.get("timeout_type")
        failure = self.event.failure
        while not kind and failure is not None:
            kind, failure = failure.timeout_type, failure.cause
        return f" ({kind})" if kind else ""

    @property
    def cause(self) -> str:
        """As in " (NamespaceNotFound)"."""
        found = self.event.attributes.get("cause")
        return f" ({found})" if found else ""

    @property
    def reason(self) -> str:
        """As in ": the reason that somebody gave"."""
        told = str(self.event.attributes.get("reason") or self.event.attributes.get("cause") or "")
        return f": {one_line(told)}" if told else ""

    @property
    def length(self) -> str:
        """As in "30 s", the length of a timer."""
        return f"{duration(self.event.attributes.get('start_to_fire_seconds', 0))}"

    @property
    def following(self) -> str:
        """As in "; the next run follows"."""
        return "; the next run follows" if self.event.attributes.get("new_execution_run_id") else ""

    @property
    def set_values(self) -> str:
        """As in "A=1, B='x'", of search attributes or a memo."""
        values = (
            self.event.payloads.get("search_attributes") or self.event.payloads.get("upserted_memo") or ()
        )
        found = values[0] if values and isinstance(values[0], dict) else {}
        return (
            cut(", ".join(f"{name}={written(value)}" for name, value in found.items()), LONGEST_VALUE)
            or "nothing"
        )

    @property
    def operation(self) -> str:
        """A Nexus operation: "`charge` of service `billing`"."""
        service = self.event.attributes.get("service")
        return f"{self.name} of service `{service}`" if service else self.name

    @property
    def commands(self) -> str:
        """What a finished workflow task asks for: " with 2 commands: activity `charge`, a timer of 5 s"."""
        if self.history is None:
            return ""
        made = self.history.commands(self.event.id)
        if not made:
            return " without a command"
        listed = ", ".join(_command(event) for event in made[:_MOST_COMMANDS])
        more = f" and {len(made) - _MOST_COMMANDS} more" if len(made) > _MOST_COMMANDS else ""
        return f" with {len(made)} command{'s' if len(made) > 1 else ''}: {listed}{more}"


_COMMANDS = {
    "ActivityTaskScheduled": "activity {0.name}",
    "ActivityTaskCancelRequested": "cancel activity {0.name}",
    "TimerStarted": "a timer of {0.length}",
    "TimerCanceled": "cancel timer {0.name}",
    "StartChildWorkflowExecutionInitiated": "child workflow {0.name}",
    "SignalExternalWorkflowExecutionInitiated": "signal {0.name} to another workflow",
    "RequestCancelExternalWorkflowExecutionInitiated": "cancel another workflow",
    "MarkerRecorded": "{0.note}",
    "WorkflowExecutionUpdateAccepted": "accept update {0.name}",
    "WorkflowExecutionUpdateRejected": "reject update {0.name}",
    "WorkflowExecutionUpdateCompleted": "complete update {0.name}",
    "UpsertWorkflowSearchAttributes": "search attributes",
    "WorkflowPropertiesModified": "memo",
    "NexusOperationScheduled": "Nexus operation {0.name}",
    "NexusOperationCancelRequested": "cancel Nexus operation {0.name}",
    "WorkflowExecutionCompleted": "complete the workflow",
    "WorkflowExecutionFailed": "fail the workflow",
    "WorkflowExecutionCanceled": "end the workflow as canceled",
    "WorkflowExecutionContinuedAsNew": "continue as new",
}


def _command(event: Event) -> str:
    if event.type not in _COMMANDS:  # a newer server's, whose name may be anything
        return event.type
    return _COMMANDS[event.type].format(Words(event, None, names=False))


def is_closed_task(event: Event) -> bool:
    """Whether a WorkflowTaskFailed reports that the task was closed, and nothing that failed."""
    return event.type == "WorkflowTaskFailed" and event.attributes.get("cause") in CLOSED_TASKS


def shown(values: tuple[object, ...]) -> str:
    """Values as code has them, cut to a length that fits a sentence."""
    return cut(", ".join(map(written, values)), LONGEST_VALUE)


def written(value: object) -> str:
    """A value as code has it; its type where Python refuses to write it, as an integer of 4,301 digits."""
    try:
        return repr(value)
    except Exception:  # noqa: BLE001 - a learner's own __repr__ may raise anything
        return f"<{type(value).__name__}>"


def reason(failure: Failure) -> str:
    """What failed, on one line."""
    told = failure.reason
    return one_line(str(told)) or told.kind


def one_line(text: str) -> str:
    """The first line of a text, cut, without its final full stop."""
    return cut((text.strip().splitlines() or [""])[0], LONGEST_REASON).rstrip(".")


def cut(text: str, longest: int) -> str:
    """A text of at most `longest` characters."""
    return text if len(text) <= longest else text[: longest - 3] + "..."


def duration(seconds: object) -> str:
    """A length of time: "0.05 s", "30 s", "5 min", "2 h", "37 days", "1 d 5 s", "about 14 d 7 h".

    One that was reckoned is as it is meant.
    """
    value = float(seconds) if isinstance(seconds, (int, float)) else 0.0
    about, parts = in_units(value, least=2)  # "60 s" rather than "1 min"
    if len(parts) == 1:
        [(many, unit)] = parts
        if unit == "d" and many > 1:
            return f"{about}{many:,.15g} days"
        return f"{about}{round(many, 3):,}".removesuffix(".0") + f" {unit}"
    return about + " ".join(f"{many:,.15g} {unit}" for many, unit in parts)


def in_units(seconds: float, least: int = 1) -> tuple[str, list[tuple[float, str]]]:
    """A length of time that somebody asked for, in one unit or two: ("", [(1, "d"), (5, "s")]).

    Args:
        seconds: The length.
        least: How many of a unit there must be for it to be the only one.

    Returns:
        "", or "about " where it would take more than two units and is rounded to the hour; and the parts.
    """
    value = _meant(seconds)
    for size, unit, most in _ALONE:
        if value % size == 0 and least * size <= value < most:
            return "", [(value / size, unit)]
    if value < _DAY:
        return "", [(value, "s")]
    parts = _parts(value)
    if value.is_integer() and len(parts) <= 2:  # noqa: PLR2004
        return "", parts
    if value < 2 * _DAY and value % 60 == 0:  # as in "25 h 30 min"
        return "", [(value // 3600, "h"), (value % 3600 / 60, "min")]
    return "about ", _parts(math.floor(value / 3600 + 0.5) * 3600.0)


def _parts(value: float) -> list[tuple[float, str]]:
    found = []
    for size, unit in ((_DAY, "d"), (3600, "h"), (60, "min"), (1, "s")):
        many, value = divmod(value, size)
        found.append((many, unit))
    return [(many, unit) for many, unit in found if many]


def _meant(seconds: float) -> float:
    """A length without what it lost on the way: code reckons "ten days from the start, less what is gone"."""
    if seconds.is_integer():
        return seconds
    for size, _, _ in _ALONE:
        whole = round(seconds / size) * size
        if whole and -_NOISE <= whole - seconds <= seconds * RECKONED:
            return float(whole)
    return seconds
