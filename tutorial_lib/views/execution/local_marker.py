"""What a worker notes of a local activity in its marker: when it ran, and whether another attempt follows.

A retry whose pause is short stays within the workflow task, and within one marker. For a longer pause
(`local_retry_threshold`) each attempt has a marker, and a timer lies between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from tutorial_lib.history.events import Event

_BEYOND = 1e15  # seconds: no time, whatever wrote it


@dataclass(frozen=True, slots=True)
class LocalMarker:
    """Times of a local activity by the worker's clock.

    Attributes:
        begun: When it was first called for, in seconds since 1970; None if unknown.
        ended: When this attempt ended; None if unknown.
        pause: Seconds until the next attempt; None if none follows.
    """

    begun: float | None
    ended: float | None
    pause: float | None

    @classmethod
    def of(cls, event: Event) -> Self:
        """Reads the marker of a local activity, whichever SDK wrote it."""
        told = next(iter(event.payloads.get("data") or event.payloads.get("meta") or ()), None)
        told = told if isinstance(told, Mapping) else {}
        begun = _seconds(told.get("original_schedule_time"))
        if isinstance(java := told.get("firstSkd"), int):  # milliseconds since 1970
            begun = java / 1000
        # Without the time of its first call nothing links one attempt to the next.
        pause = _seconds(told.get("backoff")) if event.failure and begun is not None else None
        return cls(begun, _seconds(told.get("complete_time")), pause)


def _seconds(time: object) -> float | None:
    """A protobuf time or duration."""
    if not isinstance(time, Mapping):
        return None
    seconds, nanos = time.get("seconds"), time.get("nanos", 0)
    if not all(isinstance(part, (int, float)) and abs(part) < _BEYOND for part in (seconds, nanos)):
        return None
    return float(seconds + nanos / 1e9)
