"""Which timeout fired, and what followed, in sentences that are the same at each run of the same workflow."""

from __future__ import annotations

from tutorial_lib.views.execution.tries import (
    HEARTBEAT,
    NO_ATTEMPT_LEFT,
    NO_TIME_LEFT,
    NOT_RETRYABLE,
    SCHEDULE_TO_CLOSE,
    SCHEDULE_TO_START,
    ObservedActivity,
    Try,
)

_NO_TIME = "a retry would begin after the schedule-to-close timeout"


def lines(run: ObservedActivity) -> list[str]:
    """A sentence for each attempt that ended, and one for how it all ended."""
    last = max(run.tries, default=0)
    told = []
    for number in sorted(run.tries):
        attempt = run.tries[number]
        if attempt.state == "running" or (number == last and run.closed):
            continue
        told.append(f"Attempt {number}: {_why(attempt)}. Retried.")
    return [*told, _end(run)] if run.closed else told


def real_words(run: ObservedActivity | None) -> str:
    """How it ended, the same at each run; "" while it has not."""
    if run is None or not run.closed:
        return ""
    count = len(run.tries)
    made = "no attempt" if not count else "1 attempt" if count == 1 else f"{count} attempts"
    before = run.tries.get(count - 1)  # the history has why: with the last attempt's start
    retried = f"Attempt {before.number}: {_why(before)}. Retried. " if before is not None else ""
    return f"{run.name}: {made}. {retried}{_end(run)}"


def stretched(run: ObservedActivity) -> bool:
    """Whether the schedule-to-close timeout ended it, by itself or as it left no time for a retry."""
    return run.fired == SCHEDULE_TO_CLOSE or (run.closed == "failed" and run.given_up == NO_TIME_LEFT)


def _why(attempt: Try) -> str:
    if attempt.timeout:
        silent = ", no heartbeat came in time" if attempt.timeout == HEARTBEAT else ""
        return f"{attempt.timeout} timeout{silent}"
    return attempt.failure or attempt.state


def _end(run: ObservedActivity) -> str:
    """How it ended."""
    last = run.tries.get(max(run.tries, default=0))
    if run.fired == SCHEDULE_TO_START:
        return "Schedule-to-start timeout: no worker took the task in time. Not retried."
    if run.fired == SCHEDULE_TO_CLOSE and (last is None or last.timeout in {"", SCHEDULE_TO_CLOSE}):
        return "Schedule-to-close timeout: its time is over. Not retried."
    if last is None or run.closed not in {"failed", "timed out"}:
        return f"{run.closed.capitalize()}." if last is None else f"Attempt {last.number} {run.closed}."
    reason = {
        NO_ATTEMPT_LEFT: f"maximum_attempts is {run.policy.maximum_attempts}",
        NO_TIME_LEFT: _NO_TIME,
        NOT_RETRYABLE: "the failure says so",
    }.get(run.given_up, "")
    return f"Attempt {last.number}: {_why(last)}. Not retried{': ' if reason else ''}{reason}."
