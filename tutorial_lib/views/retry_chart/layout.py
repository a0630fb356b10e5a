"""A retry policy and the attempts really made, as plain data: one row an attempt, all times from scheduling.

A row's wait is drawn from the end of the attempt before: the real end where it is known, else the end of an
attempt that failed at once. Drawn by static/view.js and by `retry_chart_picture`.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any, Final

from temporalio.common import RetryPolicy

from tutorial_lib.views.execution import retry_plan as plan
from tutorial_lib.views.execution.retry_plan import Planned, planned
from tutorial_lib.views.execution.tries import FAILED, RUNNING, ObservedActivity, Try

FIRST: Final = 8  # attempts that are drawn of an endless policy before there is a run
AHEAD: Final = 2  # attempts that are drawn beyond the latest real one
SHORTEST: Final = 5  # rows of a running chart, at least
MOST: Final = 14  # rows; those in the middle are left out
_NEAR: Final = 1.6  # times the axis: up to there a timeout is worth a longer one
SYMBOLS: Final = {RUNNING: "●", FAILED: "✕", "completed": "✓", "planned": "○", "skipped": "⋮"}

Layout = dict[str, Any]


def retry_chart_layout(
    policy: RetryPolicy, run: ObservedActivity | None = None, limit: float | None = None
) -> Layout:
    """What the chart shows.

    Args:
        policy: The policy to draw.
        run: The real attempts so far.
        limit: The schedule-to-close timeout in seconds, if the run does not have it.

    Returns:
        "rows": a dict for each attempt with "number", "state" (of a real attempt; "planned"; or "skipped"
        for attempts that are not drawn), "symbol", "from" and "due" (the wait before it, in seconds from
        scheduling), "wait" (its length), "start" and "end" (of the real attempt; None if not known),
        "failure" and "words"; "zero" (time of scheduling, in seconds since the epoch), "limit", "end" (of the
        axis, in seconds), "next" (when the server starts the next attempt), "closed", "activity", "policy"
        (in words), "real" (its result, in words) and "other" (a warning if the server has another
        policy).
    """
    limit = limit if run is None else run.limit
    tries = {} if run is None else run.tries
    zero = 0.0 if run is None else run.scheduled
    wanted = _rows_wanted(run)
    rows: list[dict[str, Any]] = []
    failed_at = 0.0
    for each in itertools.islice(planned(policy, None if tries else limit), wanted):
        real = tries.get(each.number)
        if real is None and limit is not None and failed_at + each.wait >= limit:
            break  # this activity has no time left for it
        row = _row(each, real, failed_at, zero)
        failed_at = row["end"] if row["end"] is not None else max(row["due"], row["start"] or 0.0)
        rows.append(row)
    end = max([1.0 if run is None else 0.5, *(row["end"] or row["start"] or row["due"] for row in rows)])
    if limit is not None and limit <= end * _NEAR:
        end = max(end, limit)
    return {
        "rows": _without_middle(rows),
        "zero": zero,
        "limit": limit,
        "end": end * 1.04,
        "next": run.next_at - zero if run is not None and run.next_at else None,
        "closed": run.closed if run is not None else "",
        "activity": run.name if run is not None else "",
        "policy": plan.sentence(policy, limit),
        "real": real_words(run),
        "other": _other(policy, run),
    }


def real_words(run: ObservedActivity | None) -> str:
    """Its result, the same at each run of the same workflow."""
    if run is None:
        return ""
    if not run.closed:
        return f"{run.name} is not over."
    count = len(run.tries)
    made = "1 attempt" if count == 1 else f"{count} attempts"
    if run.closed == "completed" and count > 1:
        return f"{run.name}: {made}, the last one completed."
    return f"{run.name}: {made}, {run.closed}."


def _rows_wanted(run: ObservedActivity | None) -> int:
    """How many attempts are drawn, if the policy has so many."""
    if run is None:
        return FIRST
    latest = max(run.tries, default=0)
    return latest if run.closed else max(SHORTEST, latest + AHEAD)


def _row(each: Planned, real: Try | None, failed_at: float, zero: float) -> dict[str, Any]:
    state = "planned" if real is None else real.state
    start = real.started - zero if real is not None and real.started else None
    end = real.ended - zero if real is not None and real.ended else None
    return {
        "number": each.number,
        "state": state,
        "symbol": SYMBOLS.get(state, "✕"),
        "from": failed_at,
        "due": failed_at + each.wait,
        "wait": each.wait,
        "start": start,
        "end": end,
        "failure": real.failure if real is not None else "",
        "words": _words(state, known=start is not None),
    }


def _words(state: str, *, known: bool) -> str:
    return state if known or state == "planned" else f"{state}, not seen"


def _without_middle(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows, with one in place of those in the middle if they are many."""
    if len(rows) <= MOST:
        return rows
    head, tail = rows[:3], rows[-(MOST - 4) :]
    first, last = head[-1]["number"] + 1, tail[0]["number"] - 1
    gap = head[-1] | {
        "state": "skipped",
        "symbol": SYMBOLS["skipped"],
        "words": f"attempts {first} to {last}",
        "failure": "",
        "start": None,
        "end": None,
    }
    return [*head, gap, *tail]


def _other(policy: RetryPolicy, run: ObservedActivity | None) -> str:
    """A warning if the server retries by another policy than the one that is drawn."""
    if run is None or _essence(policy) == _essence(run.policy):
        return ""
    return f"The server has another policy for {run.name}: {plan.sentence(run.policy, run.limit)}"


def _essence(policy: RetryPolicy) -> Mapping[str, object]:
    return {
        "initial": policy.initial_interval,
        "coefficient": policy.backoff_coefficient,
        "cap": plan.longest_wait(policy),
        "attempts": policy.maximum_attempts,
    }
