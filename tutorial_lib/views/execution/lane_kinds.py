"""What a lane of the timeline is, and what events mean for it by their types and names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final, TypedDict

from tutorial_lib.history.events import Event
from tutorial_lib.history.explain_words import in_units

# From, to (None while it lasts), style, words: a `timeline_attempts.Bar`.
Stretch = tuple[float, float | None, str, str]


class Lane(TypedDict):
    """A row of the timeline.

    `events` are (seconds, id, sentence); ids of later runs read "2:5": run 2, event 5.
    """

    lane: int
    kind: str
    name: str
    summary: str
    note: str
    state: str
    mood: str
    start: float
    end: float | None
    attempt: int
    bars: Sequence[Stretch]
    events: list[tuple[float, str, str]]


class TaskMark(TypedDict):
    """A workflow task: when it was scheduled, given to a worker, and answered."""

    task: int
    scheduled: float
    started: float | None
    ended: float | None
    state: str
    mood: str
    events: list[tuple[float, str, str]]


# How the name of a type ends, the word for it, and its mood.
_ENDS: Final = {
    "Completed": ("completed", "good"),
    "Fired": ("fired", "good"),
    "Failed": ("failed", "bad"),
    "TimedOut": ("timed out", "bad"),
    "Canceled": ("canceled", "off"),
    "Terminated": ("terminated", "bad"),
    "ContinuedAsNew": ("continued as new", "good"),
    "Rejected": ("rejected", "bad"),
}


# What an event of this kind changes.
_PROPERTIES: Final = {
    "UpsertWorkflowSearchAttributes": "search attributes",
    "WorkflowPropertiesModified": "memo",
    "WorkflowPropertiesModifiedExternally": "changed from outside",
    "WorkflowExecutionOptionsUpdated": "options",
}
_TIME_SKIPPED: Final = "WorkflowExecutionTimeSkippingTransitioned"
LEFT_OPEN: Final = ("open when the run ended", "off")  # neither done nor failed: nobody waits for it any more


@cache
def _ending_of(name: str, *, external: bool = False) -> tuple[str, str] | None:
    """How an event of this type ends what it belongs to: word and mood. None if it does not."""
    if external and name.endswith(("Signaled", "CancelRequested")):
        return "delivered", "good"
    if "CancelRequest" in name and not external:
        return None  # also NexusOperationCancelRequestCompleted: the request is over, not the operation
    return next((ending for suffix, ending in _ENDS.items() if name.endswith(suffix)), None)


def fate_of(event: Event, *, external: bool = False) -> tuple[str, str] | None:
    """How an event ends what it belongs to: word and mood. None if it does not."""
    if event.type == "WorkflowExecutionUpdateCompleted" and event.failure:
        return _ENDS["Failed"]  # its handler raised: the type is that of a result all the same
    return _ending_of(event.type, external=external)


def fate_of_local(event: Event, *, again: bool) -> tuple[str, str]:
    """How a local activity's marker ends it: word and mood.

    Args:
        event: The marker.
        again: Whether another attempt follows.
    """
    if event.failure is None:
        return _ENDS["Completed"]
    if again:
        return "retrying", "open"
    return _ENDS["Canceled" if event.failure.root.kind == "canceled" else "Failed"]


def tried(event: Event, policy: Mapping[str, float]) -> bool | None:
    """Whether a worker had an activity that is over and has no ActivityTaskStarted; None: nobody knows.

    The server writes that event with the end of the last attempt: none of those that are retried, and none
    of one that still runs when the run ends.
    """
    if event.type == "ActivityTaskTimedOut":
        return event.failure is not None and event.failure.cause is not None
    if event.type == "ActivityTaskCanceled" and policy.get("maximum_attempts") == 1:
        return False
    return None


def title_of(event: Event) -> str:
    """What a lane is called."""
    if event.type == "TimerStarted":
        seconds = event.attributes.get("start_to_fire_seconds")
        return f"{_short(float(seconds))} timer" if isinstance(seconds, (int, float)) else "timer"
    if event.kind == "properties":
        return _PROPERTIES.get(event.type, "properties")
    if event.type == _TIME_SKIPPED:
        return "time skipped"
    return event.label or event.type


def _short(seconds: float) -> str:
    """A length of time as a timer's name has it: "30 s", "1 d", "1 d 5 s", "about 14 d 7 h"."""
    about, parts = in_units(seconds)
    return about + " ".join(f"{many:.15g} {unit}" for many, unit in parts)


def policy_of(event: Event) -> Mapping[str, float]:
    """The retry policy that the server wrote with an activity, in seconds."""
    found = event.attributes.get("retry_policy")
    return found if isinstance(found, Mapping) else {}
