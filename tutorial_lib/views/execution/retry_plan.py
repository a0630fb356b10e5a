"""What a retry policy means: when each attempt is made, as `temporalio.common.RetryPolicy` defines it.

The wait before a retry counts from the moment the attempt before it has failed. It starts as the initial
interval, is multiplied by the coefficient each time, and never exceeds the maximum interval (100 times the
initial one by default). The server counts the waits; nothing here replaces it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from temporalio.common import RetryPolicy

from tutorial_lib.views.kit.time import duration, in_full

DEFAULT_CAP: Final = 100  # times the initial interval: the maximum interval if none is given
NAMED: Final = 6  # attempts whose times a sentence names


@dataclass(frozen=True, slots=True)
class Planned:
    """An attempt that a policy allows.

    Attributes:
        number: 1 for the first.
        wait: Seconds between the failure of the attempt before and this one.
        at: Seconds after scheduling, if each attempt before failed at once.
    """

    number: int
    wait: float
    at: float


def planned(policy: RetryPolicy, limit: float | None = None) -> Iterator[Planned]:
    """The attempts of a policy, in order; endless if the policy is.

    Args:
        policy: The policy.
        limit: Seconds after which no attempt begins (schedule-to-close timeout); None is no limit.
    """
    number, wait, at = 1, 0.0, 0.0
    step = policy.initial_interval.total_seconds()
    cap = longest_wait(policy)
    while (limit is None or at < limit) and not (0 < policy.maximum_attempts < number):
        yield Planned(number, wait, at)
        wait = min(step, cap)
        step = min(step * policy.backoff_coefficient, cap)
        at += wait
        number += 1


def longest_wait(policy: RetryPolicy) -> float:
    """The policy's maximum interval in seconds, which is 100 initial intervals if it names none."""
    if policy.maximum_interval:
        return policy.maximum_interval.total_seconds()
    return DEFAULT_CAP * policy.initial_interval.total_seconds()


def sentence(policy: RetryPolicy, limit: float | None = None) -> str:
    """The policy in words."""
    attempts = planned(policy, limit)
    first = [each for each, _ in zip(attempts, range(NAMED + 1), strict=False)]
    times = [duration(each.at) for each in first[:NAMED]]
    if len(first) <= NAMED:
        count = len(first)
        if count == 1:
            words = "One attempt, no retry"
        else:
            words = f"{count} attempts: at {', '.join(times[:-1])} and {times[-1]} if each fails at once"
        end = _why_it_ends(policy, count, limit)
    else:
        words = f"Attempts at {', '.join(times)}, ... if each fails at once"
        end = _how_it_goes_on(policy, limit)
    return f"Retry policy. {words}; {end}.{_exceptions(policy)}"


def _why_it_ends(policy: RetryPolicy, count: int, limit: float | None) -> str:
    if limit is not None and count != policy.maximum_attempts:
        return f"then its schedule-to-close timeout of {in_full(limit)} leaves no time for another"
    return "then it gives up"


def _how_it_goes_on(policy: RetryPolicy, limit: float | None) -> str:
    cap = in_full(longest_wait(policy))
    parts = [f"never more than {cap} apart" if policy.backoff_coefficient > 1 else f"{cap} apart"]
    if policy.backoff_coefficient <= 1:
        parts = [f"always {in_full(policy.initial_interval.total_seconds())} apart"]
    if policy.maximum_attempts:
        parts.append(f"{policy.maximum_attempts} attempts at most")
    if limit is not None:
        parts.append(f"none after {in_full(limit)} (schedule-to-close timeout)")
    if len(parts) == 1:
        parts.append("for ever")
    return ", ".join(parts)


def _exceptions(policy: RetryPolicy) -> str:
    types = list(policy.non_retryable_error_types or ())
    return f" Not retried: {', '.join(types)}." if types else ""
