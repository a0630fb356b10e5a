"""Turns protobuf events of one run into `Event`s, in order, a batch at a time.

A live history arrives in pieces, so the reader keeps what later events need of earlier ones: names and
attempts. It refuses what cannot be a history (a gap in the ids, an answer to an event that is not there), so
that everything behind it may rely on ids and links.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from tutorial_lib.errors import HistoryError
from tutorial_lib.history.attributes import Parts, collect
from tutorial_lib.history.decode import Decoder
from tutorial_lib.history.events import Event
from tutorial_lib.history.kinds import CLOSING, KIND_OF, OPENERS, type_name
from tutorial_lib.history.protobuf_values import message, nanoseconds

AS_WRITTEN = "give it as the server wrote it, e.g. `temporal workflow show -w ID -o json > history.json`"

_NOTHING: Mapping[str, Any] = {}  # one for all events that have none: most of them
_FIRST = "WorkflowExecutionStarted"
_NANOS = 1_000_000_000
_ATTRIBUTES = {
    number: f"{name.removeprefix('EVENT_TYPE_').lower()}_event_attributes"
    for name, number in EventType.items()
    if number
}


@dataclass(frozen=True, slots=True)
class Unknown:
    """An event whose type the installed SDK does not know, as its source has it.

    Attributes:
        type: Its name.
        attributes: Its attributes.
    """

    type: str
    attributes: Mapping[str, object] = field(default_factory=dict)


class RunReader:
    """Reads one run.

    Args:
        decoder: Decodes its payloads.
        run: Index of the run in a chain of continued runs.
        zero: Time that event times count from, in nanoseconds since 1970; that of the first event if None.
        unknown: What is known of events of unknown type, by id.
    """

    def __init__(
        self,
        decoder: Decoder,
        *,
        run: int = 0,
        zero: int | None = None,
        unknown: Mapping[int, Unknown] | None = None,
    ) -> None:
        self.zero = zero
        self._decoder = decoder
        self._run = run
        self._unknown = unknown or {}
        self._last = 0
        self._closed = ""
        self._spans: dict[int, tuple[str, str]] = {}  # openers by id: kind and name
        self._attempts: dict[int, int] = {}  # of what each opener opened, the latest
        self._task: int | None = None  # the latest WorkflowTaskCompleted
        self._admitted: dict[str, Parts] = {}  # admitted updates by update id
        self._accepted: dict[str, int] = {}  # accepted updates by update id: their events
        self._paused: int | None = None

    def read(self, events: Iterable[HistoryEvent]) -> tuple[Event, ...]:
        """The next events.

        Raises:
            HistoryError: If they cannot follow what was read before.
        """
        return tuple([self._event(proto) for proto in events])

    def _event(self, proto: HistoryEvent) -> Event:
        unknown = self._unknown.get(proto.event_id)
        kind_name = unknown.type if unknown else type_name(proto.event_type)
        self._check(proto, kind_name)
        time = nanoseconds(proto.event_time)
        if self.zero is None:
            self.zero = time
        parts = Parts()
        self._own(proto, parts)
        if unknown:
            parts.attributes.update(unknown.attributes)
        kind = KIND_OF.get(kind_name, "other")
        self._link(proto.event_id, kind_name, kind, parts)
        return Event(
            id=proto.event_id,
            type=kind_name,
            kind=kind,
            time=(time - self.zero) / _NANOS,
            name=parts.name,
            opened_by=parts.opened_by,
            task=parts.task,
            attempt=parts.attempt,
            worker=parts.worker,
            summary=parts.summary,
            failure=parts.failure,
            payloads=parts.payloads or _NOTHING,
            attributes=parts.attributes or _NOTHING,
            run=self._run,
        )

    def _check(self, proto: HistoryEvent, kind_name: str) -> None:
        number = proto.event_id
        if number != self._last + 1:
            raise HistoryError(
                f"event {number} ({kind_name}) follows event {self._last}: "
                "the events of a history are numbered 1, 2, 3 ... without gaps",
                AS_WRITTEN,
            )
        if (number == 1) != (kind_name == _FIRST):
            raise HistoryError(
                f"event {number} is {kind_name}: a history begins with {_FIRST}, and has one only", AS_WRITTEN
            )
        if self._closed:
            raise HistoryError(
                f"event {number} ({kind_name}) comes after {self._closed}, which ends a run", AS_WRITTEN
            )
        expected = _ATTRIBUTES.get(proto.event_type)
        if expected is not None and proto.WhichOneof("attributes") != expected:
            found = proto.WhichOneof("attributes") or "none"
            raise HistoryError(
                f"event {number} is {kind_name} and has other attributes: {expected} expected, {found} found",
                AS_WRITTEN,
            )
        self._last = number
        self._closed = kind_name if kind_name in CLOSING else ""

    def _own(self, proto: HistoryEvent, parts: Parts) -> None:
        """The attributes of the event itself."""
        if which := proto.WhichOneof("attributes"):
            collect(getattr(proto, which), parts, self._decoder)
        if proto.HasField("user_metadata"):
            metadata = proto.user_metadata
            if metadata.HasField("summary"):
                parts.summary = str(self._decoder.value(metadata.summary))
            if metadata.HasField("details"):
                parts.attributes["user_details"] = str(self._decoder.value(metadata.details))
        if proto.links:
            parts.attributes["links"] = [message(link) for link in proto.links]
        if proto.event_group_markers:
            parts.attributes["event_groups"] = [message(marker) for marker in proto.event_group_markers]
        if proto.HasField("principal"):
            parts.attributes["principal"] = message(proto.principal)

    def _link(self, number: int, kind_name: str, kind: str, parts: Parts) -> None:
        """What the event takes from those before it, and keeps for those after it."""
        _name(kind_name, parts)
        self._unify_update(number, kind_name, parts)
        if kind_name in OPENERS:
            parts.opened_by = None
            self._spans[number] = (kind, parts.name)
        else:
            self._answer(number, kind_name, kind, parts)
        if kind_name == "WorkflowExecutionPaused":
            self._paused = number
        elif kind_name == "WorkflowTaskCompleted":
            self._task = number
        span = parts.opened_by or number
        if parts.attempt is not None:
            self._attempts[span] = parts.attempt
        elif kind in {"task", "activity"}:
            parts.attempt = self._attempts.get(span)

    def _answer(self, number: int, kind_name: str, kind: str, parts: Parts) -> None:
        if kind_name in CLOSING:
            parts.opened_by = 1
        elif kind_name == "WorkflowExecutionUnpaused":
            parts.opened_by, self._paused = self._paused, None
        elif kind == "timer":
            started = parts.attributes.pop("started_event_id", 0)
            parts.opened_by = started if isinstance(started, int) else 0
        if parts.opened_by is None:
            return
        opener_kind, opener_name = self._spans.get(parts.opened_by, ("", ""))
        if opener_kind != kind:
            raise HistoryError(
                f"event {number} ({kind_name}) answers event {parts.opened_by}, "
                f"which {'opens another kind of span' if opener_kind else 'opens nothing in this history'}",
                AS_WRITTEN,
            )
        parts.name = parts.name or opener_name

    def _unify_update(self, number: int, kind_name: str, parts: Parts) -> None:
        """What the events of an update do not have.

        They are made by commands, too, but do not name the task: it is the latest. An update that was
        admitted earlier (after a reset) is accepted without its request being repeated. And older servers do
        not write which event accepted an update that completes.
        """
        if not kind_name.startswith("WorkflowExecutionUpdate"):
            return
        update = str(parts.attributes.get("update_id") or parts.attributes.get("protocol_instance_id") or "")
        if kind_name == "WorkflowExecutionUpdateAdmitted":
            self._admitted[update] = parts
            return
        parts.task = self._task
        if kind_name == "WorkflowExecutionUpdateAccepted":
            self._accepted[update] = number
            parts.attributes.setdefault("update_id", update)
            if admitted := self._admitted.get(update):
                parts.name, parts.worker = parts.name or admitted.name, parts.worker or admitted.worker
                parts.payloads = admitted.payloads | parts.payloads
        elif parts.opened_by is None:
            parts.opened_by = self._accepted.get(update)


def _name(kind_name: str, parts: Parts) -> None:
    """Names and attempts that are in an unusual place."""
    if (
        kind_name.startswith("RequestCancelExternal")
        or kind_name == "ExternalWorkflowExecutionCancelRequested"
    ):
        parts.name = str(parts.attributes.get("workflow_id", ""))
    elif parts.name == "LocalActivity":
        _local_activity(parts)
    elif kind_name == "MarkerRecorded":
        _marker(parts)


def _local_activity(parts: Parts) -> None:
    """A local activity as Go (all in one value) and Java (a value each) note it."""
    told = {name: values[0] for name, values in parts.payloads.items() if values}
    data, more = (each if isinstance(each, dict) else {} for each in (told.get("data"), told.get("meta")))
    name = data.get("ActivityType") or told.get("type") or told.get("activityType")
    if isinstance(name, str) and name:
        parts.attributes["activity_type"] = name
    attempt = data.get("Attempt") or more.get("atpt")
    parts.attempt = attempt if isinstance(attempt, int) else None


def _marker(parts: Parts) -> None:
    """The SDK's own markers name in JSON their local activity or patch."""
    told = next((value[0] for field in ("data", "patch-data") if (value := parts.payloads.get(field))), None)
    if not isinstance(told, dict):
        return
    if parts.name == "core_local_activity":
        parts.attributes["activity_type"] = str(told.get("activity_type", ""))
        attempt = told.get("attempt")
        parts.attempt = attempt if isinstance(attempt, int) else None
    elif parts.name == "core_patch":
        parts.attributes["patch"] = str(told.get("id", ""))
        parts.attributes["deprecated"] = bool(told.get("deprecated"))
