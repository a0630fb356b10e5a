"""The attempts of one activity, and the pauses between them.

The server writes no event for an attempt that is retried: a history has the number of the last attempt and
when that one began. While the activity runs, the server reports each attempt (`pending_activities` of a
describe). What was seen is drawn as seen; what was not is reckoned from the retry policy, and drawn so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

MOST_RECKONED = 200  # attempts; of more, nothing is drawn but the last
UNKNOWN = "with a worker or not: the history does not keep which"


class Bar(NamedTuple):
    """A stretch of a lane.

    Attributes:
        start: Seconds since the start of the first run.
        end: The same; None while it lasts.
        style: "wait" (for a worker), "run", "failed" (an attempt that was retried), "backoff",
            "reckoned" (an attempt whose times are not known), "unseen" (attempts of which nothing is known
            but that they failed), "unknown" (it waits or runs: no history has which).
        words: What it is.
    """

    start: float
    end: float | None
    style: str
    words: str


@dataclass(frozen=True, slots=True)
class Pending:
    """What the server reports of an activity that is not over.

    Attributes:
        activity_id: Its id, as in the event that scheduled it.
        attempt: The attempt that runs or is the next, from 1.
        running: Whether a worker has that attempt now.
        started: When the attempt began, in seconds since the start of the first run; None if it has not.
        ended: When the attempt before it ended; None for the first.
        next: When the attempt begins at the earliest; None if it runs.
        failure: Message of the attempt before it; "" for the first.
    """

    activity_id: str
    attempt: int
    running: bool
    started: float | None = None
    ended: float | None = None
    next: float | None = None
    failure: str = ""


@dataclass
class _Attempt:
    start: float | None = None
    end: float | None = None
    failure: str = ""


@dataclass
class Attempts:
    """All that is known of the attempts of one activity.

    Attributes:
        scheduled: When the activity was scheduled, in seconds since the start of the first run.
        policy: Its retry policy, as the event that scheduled it has it.
        watched: Whether the server is asked for it: a history has no word of an attempt before it is over.
    """

    scheduled: float
    policy: Mapping[str, float] = field(default_factory=dict)
    watched: bool = False
    last: int = 1
    ended: float | None = None
    _tried: bool | None = None
    _told: bool = False
    _seen: dict[int, _Attempt] = field(default_factory=dict)
    _due: dict[int, float] = field(default_factory=dict)

    def tell(self, pending: Pending) -> bool:
        """Take in what the server reports now. Returns whether it is news."""
        before = repr((self._told, self.last, self._seen, self._due))
        self._told = True
        self.last = max(self.last, pending.attempt)
        if pending.running and pending.started is not None:
            self._attempt(pending.attempt).start = pending.started
        if pending.next is not None:
            self._due[pending.attempt] = pending.next
        if pending.attempt > 1 and pending.ended is not None:
            previous = self._attempt(pending.attempt - 1)
            previous.end = pending.ended
            previous.failure = pending.failure or previous.failure
            if previous.start is None:  # it came and went between two looks: it began when it was due
                due = self.scheduled if pending.attempt == 2 else self._due.get(pending.attempt - 1)  # noqa: PLR2004
                previous.start = due
        return repr((self._told, self.last, self._seen, self._due)) != before

    def start(self, attempt: int, at: float) -> None:
        """The history has the time when the last attempt began."""
        self.last = max(self.last, attempt)
        self._attempt(self.last).start = at

    @property
    def due(self) -> float:
        """When the attempt that has no event yet begins."""
        return self._due.get(self.last, self.scheduled)

    def fail(self, number: int, at: float, failure: str, pause: float) -> None:
        """An attempt has failed, and the next one begins after a pause in seconds."""
        self._attempt(number).start = min(self.due, at)
        self._attempt(number).end = at
        self._attempt(number).failure = failure
        self._due[number + 1] = at + pause
        self.last = number + 1

    def end(self, at: float, *, tried: bool | None = None) -> None:
        """The activity is over.

        Args:
            at: When, in seconds since the start of the first run.
            tried: Whether a worker had it, of one whose last attempt has no event; None: nobody knows.
        """
        self.ended, self._tried = at, tried

    def bars(self) -> list[Bar]:
        """From the moment it was scheduled to its end, or as far as it is known."""
        bars: list[Bar] = []
        at, before = self.scheduled, 0
        for number, attempt, style in self._known():
            if attempt.start is None:
                continue
            if pause := _pause(at, attempt.start, before, number):
                bars.append(pause)
            last = number == self.last
            end = self.ended if last else attempt.end or attempt.start
            bars.append(Bar(attempt.start, end, style, _words(number, attempt, style, over=end is not None)))
            at, before = end or attempt.start, number
        if before < self.last and (self.ended is None or self.ended > at or not bars):
            bars.append(self._without_event(at, before))
        return bars

    def _without_event(self, at: float, before: int) -> Bar:
        """From the last attempt that is known (0: none) to now, or to the end."""
        if before:
            return Bar(at, self.ended, "backoff", f"pause before attempt {self.last}")
        if self.ended is None:
            waits = self.watched or self._told
            return Bar(at, None, "wait", "waits for a worker") if waits else Bar(at, None, "unknown", UNKNOWN)
        if self._tried:
            return Bar(at, self.ended, "unseen", "attempts failed, at times that the history does not keep")
        if self._tried is None and not self._told:
            return Bar(at, self.ended, "unknown", UNKNOWN)
        return Bar(at, self.ended, "wait", "waited for a worker")

    def _attempt(self, number: int) -> _Attempt:
        return self._seen.setdefault(number, _Attempt())

    def _known(self) -> list[tuple[int, _Attempt, str]]:
        """The attempts to draw, with their style: those that were seen, else the policy's."""
        if len(self._seen) == 1 and self.last > 1 and (reckoned := self._reckon()):
            return reckoned
        return [(n, a, "run" if n == self.last else "failed") for n, a in sorted(self._seen.items())]

    def _reckon(self) -> list[tuple[int, _Attempt, str]] | None:
        """All attempts, the earlier ones from the retry policy, as if each had taken equally long.

        Returns:
            None if that does not add up, e.g. because the activity itself asked for another delay.
        """
        final = self._seen.get(self.last)
        initial = self.policy.get("initial_interval_seconds")
        if final is None or final.start is None or not initial:
            return None
        coefficient = self.policy.get("backoff_coefficient") or 2.0
        longest = self.policy.get("maximum_interval_seconds") or 100 * initial
        pauses = []
        step = initial
        for _ in range(min(self.last - 1, MOST_RECKONED)):
            pauses.append(min(longest, step))
            step = min(longest, step * coefficient)  # the power alone is beyond any number at attempt 157
        spare = final.start - self.scheduled - sum(pauses)
        if not spare >= 0 or self.last - 1 > len(pauses):  # also if it is no number at all
            return None
        each = spare / len(pauses)
        found = []
        at = self.scheduled
        for number, pause in enumerate(pauses, start=1):
            found.append((number, _Attempt(at, at + each), "reckoned"))
            at += each + pause
        return [*found, (self.last, final, "run")]


def _pause(start: float, end: float, before: int, number: int) -> Bar | None:
    """What lies between one attempt that is known (0: none) and the next."""
    if end <= start:
        return None
    if before == number - 1:
        return (
            Bar(start, end, "backoff", f"pause before attempt {number}")
            if before
            else Bar(start, end, "wait", "waits for a worker")
        )
    missing = range(before + 1, number)
    which = f"attempt {missing[0]}" if len(missing) == 1 else f"attempts {missing[0]} to {missing[-1]}"
    return Bar(start, end, "unseen", f"{which} failed, at times that the history does not keep")


def _words(number: int, attempt: _Attempt, style: str, *, over: bool) -> str:
    if style == "failed":
        return (
            f"attempt {number} failed: {attempt.failure}" if attempt.failure else f"attempt {number} failed"
        )
    if style == "reckoned":
        return f"attempt {number} failed"
    return f"attempt {number}" if over else f"attempt {number} runs"
