"""What an activity is called with: timeouts and retry policy, as given and as the server takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Self

from temporalio.common import RetryPolicy

from tutorial_lib.views.execution.tries import (
    HEARTBEAT,
    SCHEDULE_TO_CLOSE,
    SCHEDULE_TO_START,
    START_TO_CLOSE,
    ObservedActivity,
)
from tutorial_lib.views.kit.time import in_full

# In the order in which they are drawn: from what comes first to what holds all.
NAMES: Final = (SCHEDULE_TO_START, START_TO_CLOSE, HEARTBEAT, SCHEDULE_TO_CLOSE)

SPANS: Final = {
    SCHEDULE_TO_START: "from when an attempt is due until a worker takes it",
    START_TO_CLOSE: "one attempt, from when a worker takes it until it ends",
    HEARTBEAT: "from the start of an attempt, and from each heartbeat, until the next one",
    SCHEDULE_TO_CLOSE: "all attempts and the waits between them, from when the activity is scheduled",
}
AFTERWARDS: Final = {
    SCHEDULE_TO_START: "never retried",
    START_TO_CLOSE: "the attempt is retried",
    HEARTBEAT: "the attempt is retried",
    SCHEDULE_TO_CLOSE: "never retried",
}


@dataclass(frozen=True, slots=True)
class Options:
    """The options of an activity that have to do with time.

    Attributes:
        given: The timeouts that are given, in seconds, by name.
        policy: The retry policy.
    """

    given: Mapping[str, float] = field(default_factory=dict)
    policy: RetryPolicy = field(default_factory=RetryPolicy)

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Self:
        """Those of a call, by the names of `workflow.execute_activity`; others are left out."""
        given = {}
        for name in NAMES:
            length: timedelta | None = options.get(keyword(name))
            if length:
                given[name] = length.total_seconds()
        return cls(given, options.get("retry_policy") or RetryPolicy())

    @classmethod
    def seen(cls, run: ObservedActivity) -> Self:
        """Those that the server has; what it has filled in cannot be distinguished from what was given."""
        whole = run.timeouts.get(SCHEDULE_TO_CLOSE)
        given = {
            name: length
            for name, length in run.timeouts.items()
            if name == SCHEDULE_TO_CLOSE or length != whole
        }
        return cls(given, run.policy)

    @property
    def taken(self) -> dict[str, float]:
        """The timeouts as the server takes them: none longer than the one that holds it."""
        taken = dict(self.given)
        whole = taken.get(SCHEDULE_TO_CLOSE)
        if whole is not None:
            taken[START_TO_CLOSE] = min(taken.get(START_TO_CLOSE, whole), whole)
            if SCHEDULE_TO_START in taken:
                taken[SCHEDULE_TO_START] = min(taken[SCHEDULE_TO_START], whole)
        if HEARTBEAT in taken and START_TO_CLOSE in taken:
            taken[HEARTBEAT] = min(taken[HEARTBEAT], taken[START_TO_CLOSE])
        return taken

    @property
    def refused(self) -> bool:
        """Whether the SDK refuses a call with these."""
        return START_TO_CLOSE not in self.given and SCHEDULE_TO_CLOSE not in self.given

    def sentence(self) -> str:
        """The timeouts in words."""
        given = [f"{name} {in_full(self.given[name])}" for name in NAMES if name in self.given]
        words = f"Timeouts: {', '.join(given)}." if given else "Timeouts: none."
        missing = [name for name in NAMES if name not in self.given]
        return f"{words} Not set: {', '.join(missing)}." if missing and given else words

    def warning(self) -> str:
        """What the SDK or the server makes of these, if it is something else; "" if not."""
        if self.refused:
            return (
                "Neither start_to_close_timeout nor schedule_to_close_timeout is given: the SDK refuses the "
                "call, and nothing is scheduled."
            )
        taken = self.taken
        cut = [
            f"{name} {in_full(taken[name])}, not {in_full(length)}"
            for name, length in self.given.items()
            if taken[name] != length
        ]
        return (
            f"The server takes {'; '.join(cut)}: no timeout is longer than the one that holds it."
            if cut
            else ""
        )


def keyword(name: str) -> str:
    """The argument of `workflow.execute_activity` for a timeout: start_to_close_timeout for example."""
    return f"{name.replace('-', '_')}_timeout"
