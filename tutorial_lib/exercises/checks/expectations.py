"""Sentences over a history: each is true, or raises with what was seen instead, with the events."""

from __future__ import annotations

from collections.abc import Sequence

from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import Event, History

__all__ = ["Expectations"]


class Expectations:
    """What an execution did, asked in the field's own words.

    Args:
        history: Its history.
    """

    def __init__(self, history: History) -> None:
        self.history = history

    # ---- questions -------------------------------------------------------------------------------

    def events(self, kind: str, name: str | None = None) -> list[Event]:
        """The events of a type, e.g. `events("ActivityTaskScheduled", "charge")`."""
        return [e for e in self.history if e.type == kind and name in (None, e.label, e.name)]

    def scheduled(self, activity: str | None = None) -> list[Event]:
        """Where activities were scheduled."""
        return self.events("ActivityTaskScheduled", activity)

    def attempts(self, activity: str) -> int:
        """How many attempts the latest execution of an activity took; 0 if it never started."""
        started = [e.attempt or 1 for e in self.events("ActivityTaskStarted", activity)]
        return started[-1] if started else 0

    def signals(self) -> list[str]:
        """Names of the signals that it got, in order."""
        return [e.name for e in self.events("WorkflowExecutionSignaled")]

    @property
    def activities(self) -> list[str]:
        """Types of the activities, in the order in which they were scheduled."""
        return [e.name for e in self.scheduled()]

    # ---- demands ---------------------------------------------------------------------------------

    def ran(self, activity: str, *, times: int = 1, hint: str = "") -> None:
        """Demand that an activity was scheduled so many times.

        Raises:
            NotYet: If it was not.
        """
        found = self.scheduled(activity)
        if len(found) == times:
            return
        others = ", ".join(f"`{name}`" for name in dict.fromkeys(self.activities))
        was = f"was scheduled {_times(len(found))}{_where(found)}" if found else "was never scheduled"
        known = f"; what was: {others}" if not found and others else ""
        raise NotYet(f"activity `{activity}` {was}, not {_times(times)}{known}", hint)

    def in_order(self, *activities: str, hint: str = "") -> None:
        """Demand that these activities, and no others, were scheduled in this order.

        Raises:
            NotYet: If they were not.
        """
        if self.activities != list(activities):
            raise NotYet(f"the activities were {_list(self.activities)}, not {_list(activities)}", hint)

    def after(self, later: str, earlier: str, *, hint: str = "") -> None:
        """Demand that an activity was scheduled only when another had completed.

        Raises:
            NotYet: If it was not.
        """
        self.ran(later, hint=hint)
        done = self.events("ActivityTaskCompleted", earlier)
        first = self.scheduled(later)[0]
        if not done or done[0].id > first.id:
            when = f"at event {done[0].id}" if done else "never"
            raise NotYet(f"`{later}` was scheduled at event {first.id}; `{earlier}` completed {when}", hint)

    def never(self, kind: str, *, hint: str = "") -> None:
        """Demand that no event of a type is there.

        Raises:
            NotYet: With the first one.
        """
        if found := self.events(kind):
            why = f" ({found[0].failure.root.message})" if found[0].failure else ""
            raise NotYet(f"event {found[0].id} is {_a(kind)}{why}", hint)

    def has(self, kind: str, name: str | None = None, *, hint: str = "") -> Event:
        """Demand an event of a type. Returns the first one.

        Raises:
            NotYet: If there is none.
        """
        found = self.events(kind, name)
        if not found:
            called = f" `{name}`" if name else ""
            raise NotYet(f"none of the {len(self.history)} events is {_a(kind)}{called}", hint)
        return found[0]

    def status(self, wanted: str, *, hint: str = "") -> None:
        """Demand how it ended: "Completed", "Failed" ...

        Raises:
            NotYet: If it ended otherwise.
        """
        if self.history.status != wanted:
            last = self.history.events[-1]
            why = f" ({last.failure.root.message})" if last.failure else ""
            raise NotYet(f"the workflow is {self.history.status}, not {wanted}: event {last.id}{why}", hint)


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'AEIOU' else 'a'} {kind}"


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


def _where(events: Sequence[Event]) -> str:
    ids = ", ".join(str(e.id) for e in events)
    return f" (event{'s' if len(events) > 1 else ''} {ids})"


def _list(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none at all"
