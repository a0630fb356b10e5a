"""The rows of the history table: each event with its sentence, its decoded payloads and other attributes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypedDict, overload

from tutorial_lib.history.events import Event, Failure
from tutorial_lib.history.explain_words import is_closed_task, written

LONGEST: Final = 2000  # characters of one value
LONGEST_STACK: Final = 4000

# Bookkeeping between server and SDK that tells a reader nothing.
_NOISE: Final = frozenset(
    {
        "history_size_bytes",
        "metering_metadata",
        "request_id",
        "sdk_metadata",
        "suggest_continue_as_new",
        "use_workflow_build_id",
        "worker_version",
    }
)
# What the SDK's core writes into its own markers.
_CORE_NOISE: Final = frozenset({"data", "patch-data"})


class EventRow(TypedDict):
    """One event.

    `event` counts all events of all runs from 0; `label` is what a reader calls it: "5", in a later run
    "2:5"; `bad` is whether it reports something that failed. `values` are decoded payloads and `facts` other
    attributes, by name, as text.
    """

    event: int
    label: str
    id: int
    run: int
    time: float
    type: str
    kind: str
    says: str
    values: Mapping[str, str]
    facts: Mapping[str, str]
    failure: str
    bad: bool


def row_of(event: Event, number: int, says: str) -> EventRow:
    """The row of an event.

    Args:
        event: The event.
        number: Its number among all events of all runs, from 0.
        says: A sentence on it.
    """
    values = {name: ", ".join(map(as_text, values)) for name, values in event.payloads.items() if values}
    if event.name.startswith("core_"):
        values = {name: text for name, text in values.items() if name not in _CORE_NOISE}
    facts = {name: as_text(value) for name, value in event.attributes.items() if name not in _NOISE}
    if event.summary:
        facts = {"summary": as_text(event.summary), **facts}
    if event.worker:
        facts = {"identity": event.worker, **facts}
    if event.attempt and event.attempt > 1:
        facts = {"attempt": str(event.attempt), **facts}
    return EventRow(
        event=number,
        label=f"{event.run + 1}:{event.id}" if event.run else str(event.id),
        id=event.id,
        run=event.run,
        time=round(event.time, 6),
        type=event.type,
        kind=event.kind,
        says=says,
        values=values,
        facts=facts,
        failure=told_in_full(event.failure) if event.failure else "",
        bad=is_bad(event),
    )


class Rows(Sequence[EventRow]):
    """The rows of events, each made when it is asked for: 200,000 of them at once are a gigabyte.

    Args:
        events: All events of all runs so far.
        say: Returns a sentence on one.
        first: The number of the first row.
    """

    def __init__(self, events: Sequence[Event], say: Callable[[Event], str], first: int = 0) -> None:
        self._events = events
        self._say = say
        self._numbers = range(first, len(events))

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> EventRow: ...

    @overload
    def __getitem__(self, index: slice) -> list[EventRow]: ...

    def __getitem__(self, index: int | slice) -> EventRow | list[EventRow]:
        if isinstance(index, slice):
            return [self._row(number) for number in self._numbers[index]]
        return self._row(self._numbers[index])

    def _row(self, number: int) -> EventRow:
        event = self._events[number]
        return row_of(event, number, self._say(event))


def is_bad(event: Event) -> bool:
    """Whether an event reports something that failed."""
    if is_closed_task(event):
        return False
    return event.failure is not None or event.type.endswith(("Failed", "TimedOut", "Terminated", "Rejected"))


# Made once: `json.dumps` makes an encoder at each call, and long histories have a million values.
_encoded = json.JSONEncoder(ensure_ascii=False).encode


def as_text(value: object) -> str:
    """A value as JSON, or as Python writes it; text stays text; cut where it is long."""
    try:
        text = _encoded(value)
    except (TypeError, ValueError, RecursionError):
        text = written(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def told_in_full(failure: Failure) -> str:
    """A failure with its causes and stack traces, as text."""
    parts: list[str] = []
    link: Failure | None = failure
    while link is not None:
        parts.append(("caused by " if parts else "") + str(link))
        if link.stack:
            parts.append(link.stack.rstrip()[-LONGEST_STACK:])
        link = link.cause
    return "\n".join(parts)
