"""Write a retry policy from what somebody wishes in words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.api.common.v1 import RetryPolicy as RetryPolicyProto
from temporalio.common import RetryPolicy

from tutorial_lib.exercises.checks.versions import OURS
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_value
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import Event

_FIRST, _TIMES, _LONGEST, _ATTEMPTS = 0.2, 2, 0.5, 6
_NEAR = 0.001  # seconds


class AsTheBankWishes(Exercise):
    """Write a retry policy from what somebody wishes in words."""

    title = "As the bank wishes"
    task = (
        "Wait a fifth of a second after the first failure, and twice as long each time, but never longer "
        "than half a second; after five retries, give up. Write that as a retry policy."
    )
    starter = """
from datetime import timedelta

from temporalio.common import RetryPolicy

policy = RetryPolicy(
    initial_interval=____,
    backoff_coefficient=____,
    maximum_interval=____,
    maximum_attempts=____,
)
"""
    takes = (a_value("policy", RetryPolicy, "a RetryPolicy"),)
    hints = (
        (
            "Draw what you have: `await lab.retry_chart(policy)`. Which of the four wishes does the picture "
            "show otherwise?"
        ),
        (
            "Intervals are `timedelta(seconds=...)`, the coefficient is a number. And what does "
            "`maximum_attempts` count: tries, or only those after the first?"
        ),
    )
    solution_code = """
policy = RetryPolicy(
    initial_interval=timedelta(seconds=0.2),
    backoff_coefficient=2,
    maximum_interval=timedelta(seconds=0.5),
    maximum_attempts=6,
)
"""
    why = (
        "Six attempts are five retries: the first one counts. Their waits are 0.2, 0.4, 0.5, 0.5 and 0.5 "
        "seconds, each counted from the failure before. The worker only sends these four numbers along; it "
        "is the server that counts the time, so a worker may come and go meanwhile."
    )

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """The server has the policy of a real activity; then that activity is seen to fail by it."""
        (policy,) = answers
        _well_made(policy)
        await bench.worker(workflows=[Asking], activities=[ask], workflow_runner=OURS)
        handle = await bench.start(Asking, _plain(policy))
        history = await bench.until(handle, "ActivityTaskScheduled")
        _wishes(next(each for each in history if each.type == "ActivityTaskScheduled"), policy)
        run = await bench.ended(handle)
        (started,) = run.expect.events("ActivityTaskStarted")
        if started.attempt != _ATTEMPTS:
            raise NotYet(
                f"the server gave up after attempt {started.attempt} (event {started.id}), for "
                f"non_retryable_error_types={policy.non_retryable_error_types!r}",
                "the bank wishes five retries, whatever it was: four of the policy's numbers are enough",
            )
        return (
            f"Event {started.id} is attempt {started.attempt}, the last one: five retries, "
            "and the server counted each wait between them."
        )


@activity.defn
async def ask() -> None:
    """Fails, whenever it is asked."""
    raise ConnectionError("the bank does not answer")


@workflow.defn
class Asking:
    """Asks by a policy until it gives up."""

    @workflow.run
    async def run(self, policy: dict[str, Any]) -> None:
        """Asks; the policy is given in seconds."""
        await workflow.execute_activity(
            ask,
            start_to_close_timeout=timedelta(seconds=5),
            retry_policy=RetryPolicy(
                initial_interval=timedelta(seconds=policy["first"]),
                backoff_coefficient=policy["times"],
                maximum_interval=timedelta(seconds=policy["longest"]) if policy["longest"] else None,
                maximum_attempts=policy["attempts"],
                non_retryable_error_types=policy["never"],
            ),
        )


def _plain(policy: RetryPolicy) -> dict[str, Any]:
    longest = policy.maximum_interval.total_seconds() if policy.maximum_interval else 0.0
    return {
        "first": policy.initial_interval.total_seconds(),
        "times": float(policy.backoff_coefficient),
        "longest": longest,
        "attempts": policy.maximum_attempts,
        "never": list(policy.non_retryable_error_types or ()),
    }


def _well_made(policy: RetryPolicy) -> None:
    for name in ("initial_interval", "maximum_interval"):
        value = getattr(policy, name)
        if not isinstance(value, timedelta) and (value is not None or name == "initial_interval"):
            raise NotYet(
                f"`{name}` is {value!r}, no length of time",
                "a time is a `timedelta`: half a second is `timedelta(seconds=0.5)`",
            )
    for name, kinds, number, hint in (
        ("backoff_coefficient", (int, float), "number", "2 makes each wait twice as long as the one before"),
        ("maximum_attempts", (int,), "whole number", "attempts are counted: 1, 2, 3"),
    ):
        value = getattr(policy, name)
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise NotYet(f"`{name}` is {value!r}, no {number}", hint)
    if policy.initial_interval >= timedelta(minutes=1):
        raise NotYet(
            f"the first wait is {policy.initial_interval} (hours:minutes:seconds)",
            "`timedelta(0.2)` is 0.2 *days*: name the unit, `timedelta(seconds=0.2)`",
        )
    try:
        policy.apply_to_proto(RetryPolicyProto())
    except (ValueError, TypeError) as error:
        hint = "which of the four numbers is meant?"
        longest = policy.maximum_interval
        if longest is not None and longest < policy.initial_interval:
            hint = (
                f"the first wait is {policy.initial_interval.total_seconds():g} s, and the longest one "
                f"{longest.total_seconds():g} s"
            )
        raise NotYet(f"the SDK refuses this policy: {error}", hint) from None


def _wishes(scheduled: Event, policy: RetryPolicy) -> None:
    """Compare what the server has with what the bank wishes, from the first wait to the end."""
    told = scheduled.attributes.get("retry_policy")
    policy_told: dict[str, Any] = dict(told) if isinstance(told, dict) else {}
    first = float(policy_told.get("initial_interval_seconds") or 0)
    times = float(policy_told.get("backoff_coefficient") or 0)
    longest = float(policy_told.get("maximum_interval_seconds") or 0)
    attempts = int(policy_told.get("maximum_attempts") or 0)
    where = f"event {scheduled.id} has it"
    if abs(first - _FIRST) > _NEAR:
        raise _other(
            policy,
            f"the first wait is {first:g} s ({where})",
            "a fifth of a second is `timedelta(seconds=0.2)`",
        )
    if abs(times - _TIMES) > _NEAR:
        raise _other(
            policy,
            f"each wait is {times:g} times the one before ({where})",
            "twice as long each time: which of the four says so?",
        )
    if abs(longest - _LONGEST) > _NEAR:
        raise _other(
            policy,
            f"a wait may grow to {longest:g} s ({where})",
            "the third wait would be 0.8 s; the bank wishes none longer than half a second",
        )
    if attempts == 0:
        raise _other(policy, f"there is no limit to the attempts ({where})", "0 means: never give up")
    if attempts < _ATTEMPTS:
        raise _other(
            policy,
            f"it gives up after attempt {attempts}, and that makes {_retries(attempts - 1)} ({where})",
            "five are wished, and `maximum_attempts` counts the first attempt, too",
        )
    if attempts > _ATTEMPTS:
        raise _other(policy, f"it gives up after {attempts} attempts ({where})", "five retries, not more")


def _retries(number: int) -> str:
    return {0: "no retry", 1: "one retry"}.get(number, f"{number} retries")


def _other(policy: RetryPolicy, seen: str, hint: str) -> NotYet:
    from tutorial_lib.views import RetryChart

    return NotYet(seen, hint, view=RetryChart.of(policy))
