"""A history as plain values: what happened, when, in answer to what.

Protobuf histories hold 60 sorts of attributes; everything that looks at one (pictures, sentences, the
recorder, exercises) reads these three small classes instead.

    History ─ events ─> Event ─ failure ─> Failure ─ cause ─> Failure ...
                          └─ opened_by ─> id of the event that opened the span it belongs to
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from temporalio.client import WorkflowHistory

from tutorial_lib.errors import HistoryError
from tutorial_lib.history.kinds import CLOSING

_ENVELOPES = frozenset({"activity", "child workflow", "nexus", "nexus handler"})


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something failed, as the server recorded it.

    Attributes:
        message: The exception's message.
        type: Type of an application error ("ValueError"), or "".
        kind: "application", "timeout", "canceled", "terminated", "server", "reset", "activity",
            "child workflow", "nexus", "nexus handler", or "unknown".
        non_retryable: Whether it was raised as one that retrying cannot help.
        stack: Stack trace, or "".
        cause: The failure behind this one.
        details: Decoded details of an application or cancellation failure, or a timeout's last heartbeat.
        timeout_type: Which timeout it was ("StartToClose"), or "".
        retry_state: Why an activity or child is not retried any more ("MaximumAttemptsReached"), or "".
        name: What failed, of an activity, child workflow or Nexus operation: its type or name; or "".
        opened_by: Id of the event that scheduled or initiated what failed; None if unknown.
        benign: Whether its category is BENIGN: expected, and not worth an alarm.
    """

    message: str
    type: str = ""
    kind: str = "application"
    non_retryable: bool = False
    stack: str = ""
    cause: Failure | None = None
    details: tuple[object, ...] = ()
    timeout_type: str = ""
    retry_state: str = ""
    name: str = ""
    opened_by: int | None = None
    benign: bool = False

    def __str__(self) -> str:
        return f"{self.type}: {self.message}" if self.type else self.message

    @property
    def reason(self) -> Failure:
        """The first failure in the chain that has more than what failed (an activity, a child ...)."""
        failure = self
        while failure.kind in _ENVELOPES and failure.cause is not None:
            failure = failure.cause
        return failure

    @property
    def root(self) -> Failure:
        """The innermost cause."""
        failure = self
        while failure.cause is not None:
            failure = failure.cause
        return failure


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a history.

    Attributes:
        id: Number of the event in its run: 1, 2, 3 ...
        type: As the Web UI and the docs write it: "ActivityTaskScheduled"; "EventType 123" if the installed
            SDK does not know it.
        kind: One of `kinds.KINDS`.
        time: Seconds since the start of the first run known.
        name: Activity type, timer id, signal or update name, child workflow type, marker name, Nexus
            operation, workflow id of an external cancellation; that of the opener if it has none itself.
        opened_by: Id of the event that opened the span this one belongs to (scheduled, initiated, timer
            started, update accepted; 1 for what ends the run); None for an opener and for a single event.
        task: Id of the WorkflowTaskCompleted whose commands made this event.
        attempt: Attempt of the activity, workflow task, workflow run or local activity.
        worker: Identity of the worker, or of the client that started, signaled, canceled ...
        summary: The summary that the code gave (user metadata).
        failure: Why it failed.
        payloads: Decoded values by field, each a tuple: {"input": ("Ada", 3)}, {"result": (True,)},
            {"memo": ({"key": "value"},)}. What cannot be decoded is a short text.
        attributes: The remaining attributes, JSON-able. Durations are in seconds: `start_to_fire_timeout` is
            "start_to_fire_seconds"; enums as the docs write them.
        run: Index of the run in a chain of continued runs.
    """

    id: int
    type: str
    kind: str
    time: float
    name: str = ""
    opened_by: int | None = None
    task: int | None = None
    attempt: int | None = None
    worker: str = ""
    summary: str = ""
    failure: Failure | None = None
    payloads: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    attributes: Mapping[str, object] = field(default_factory=dict)
    run: int = 0

    def __hash__(self) -> int:
        return hash((self.run, self.id, self.type))

    @property
    def label(self) -> str:
        """What a reader calls it: the local activity or patch behind a marker, else the name."""
        return str(self.attributes.get("activity_type") or self.attributes.get("patch") or self.name)


@dataclass(frozen=True)
class History:
    """The history of one run.

    Attributes:
        workflow_id: Workflow id.
        run_id: Run id.
        workflow_type: Workflow type.
        task_queue: Task queue of its workflow tasks.
        started: Time of its first event (UTC).
        events: All events in order; event n is at index n-1.
        source: The same history as the SDK wants it for a replay.
        unreadable: How many payloads could not be decoded, by their encoding.
        more: Whether the server has more events than these, a page of its answer; `status` is then that of
            the run at the last of them.
    """

    workflow_id: str
    run_id: str
    workflow_type: str
    task_queue: str
    started: datetime
    events: tuple[Event, ...] = field(repr=False)
    source: WorkflowHistory = field(repr=False, compare=False)
    unreadable: Mapping[str, int] = field(default_factory=dict, repr=False, compare=False)
    more: bool = field(default=False, repr=False, compare=False)

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def __len__(self) -> int:
        return len(self.events)

    @property
    def status(self) -> str:
        """The run's status: "Running", or how it ended: a value of `kinds.CLOSING`."""
        return CLOSING.get(self.events[-1].type, "Running")

    @property
    def closed(self) -> bool:
        """Whether the run has ended."""
        return self.status != "Running"

    @property
    def next_run_id(self) -> str | None:
        """The run that continues this one (continue-as-new, retry, cron)."""
        following = self.events[-1].attributes.get("new_execution_run_id")
        return str(following) if self.closed and following else None

    def event(self, event_id: int) -> Event:
        """The event with this id.

        Raises:
            HistoryError: If there is none.
        """
        if not 1 <= event_id <= len(self.events):
            raise HistoryError(
                f"history of {self.workflow_id!r} has no event {event_id}",
                f"its events are 1 to {len(self.events)}",
            )
        return self.events[event_id - 1]

    def answers(self, event_id: int) -> tuple[Event, ...]:
        """What an event led to: those whose `opened_by` it is, in order."""
        return self._answers.get(event_id, ())

    def commands(self, event_id: int) -> tuple[Event, ...]:
        """What the commands of a WorkflowTaskCompleted event made: those whose `task` it is, in order."""
        return self._commands.get(event_id, ())

    def when(self, event: Event) -> datetime:
        """The time of an event by the clock (UTC)."""
        return self.started + timedelta(seconds=event.time - self.events[0].time)

    @cached_property
    def _answers(self) -> dict[int, tuple[Event, ...]]:
        return _grouped(self.events, "opened_by")

    @cached_property
    def _commands(self) -> dict[int, tuple[Event, ...]]:
        return _grouped(self.events, "task")


def _grouped(events: tuple[Event, ...], by: str) -> dict[int, tuple[Event, ...]]:
    groups: dict[int, list[Event]] = {}
    for event in events:
        if (key := getattr(event, by)) is not None:
            groups.setdefault(key, []).append(event)
    return {key: tuple(members) for key, members in groups.items()}
