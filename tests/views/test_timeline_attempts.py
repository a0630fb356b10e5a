"""The attempts of an activity: as they were seen, and as they must have been."""

from __future__ import annotations

import pytest

from tests.support.story import POLICY
from tutorial_lib.views.execution.attempts import Attempts, Pending


def bars(attempts: Attempts) -> list[tuple[float, float | None, str]]:
    return [(round(start, 3), end and round(end, 3), style) for start, end, style, _ in attempts.bars()]


def test_it_waits_then_runs():
    attempts = Attempts(1.0, watched=True)
    assert bars(attempts) == [(1.0, None, "wait")]
    attempts.start(1, 1.5)
    assert bars(attempts) == [(1.0, 1.5, "wait"), (1.5, None, "run")]
    attempts.end(3.0)
    assert bars(attempts) == [(1.0, 1.5, "wait"), (1.5, 3.0, "run")]


def test_what_nobody_took_only_waited():
    attempts = Attempts(1.0)
    attempts.end(9.0, tried=False)  # schedule-to-start timeout
    assert bars(attempts) == [(1.0, 9.0, "wait")]


def test_a_history_does_not_keep_whether_a_worker_has_an_open_activity():
    """The server writes ActivityTaskStarted with the end of the last attempt, and none for those before."""
    attempts = Attempts(1.0)
    assert bars(attempts) == [(1.0, None, "unknown")]
    attempts.end(9.0)  # the run has ended
    assert bars(attempts) == [(1.0, 9.0, "unknown")]


def test_what_the_server_was_asked_for_is_known():
    waiting = Attempts(1.0)
    assert waiting.tell(Pending("5", 1, running=False))
    assert bars(waiting) == [(1.0, None, "wait")]
    waiting.end(9.0)
    assert bars(waiting) == [(1.0, 9.0, "wait")]
    retried = Attempts(1.0)
    retried.tell(Pending("5", 2, running=False, ended=2.0, next=30.0))
    retried.end(9.0)  # in the pause
    assert bars(retried) == [(1.0, 2.0, "failed"), (2.0, 9.0, "backoff")]


def test_attempts_without_an_event_are_no_waiting():
    attempts = Attempts(1.0, POLICY)
    attempts.end(9.0, tried=True)  # schedule-to-close timeout after failures
    [bar] = attempts.bars()
    assert (bar.style, bar.words) == ("unseen", "attempts failed, at times that the history does not keep")


def test_attempts_that_no_history_has_are_reckoned_from_the_retry_policy():
    attempts = Attempts(10.0, POLICY)
    attempts.start(3, 13.4)  # pauses of 1 s and 2 s: 0.4 s are left for two attempts
    attempts.end(13.9)
    assert bars(attempts) == [
        (10.0, 10.2, "reckoned"),
        (10.2, 11.2, "backoff"),
        (11.2, 11.4, "reckoned"),
        (11.4, 13.4, "backoff"),
        (13.4, 13.9, "run"),
    ]


def test_the_longest_interval_of_the_policy_counts():
    attempts = Attempts(0.0, {**POLICY, "backoff_coefficient": 10.0, "maximum_interval_seconds": 2.0})
    attempts.start(4, 5.0)
    assert [bar for bar in bars(attempts) if bar[2] == "backoff"] == [
        (0.0, 1.0, "backoff"),
        (1.0, 3.0, "backoff"),
        (3.0, 5.0, "backoff"),
    ]


@pytest.mark.parametrize("policy", [{}, POLICY])
def test_what_does_not_add_up_is_not_reckoned(policy: dict[str, float]):
    attempts = Attempts(0.0, policy)
    attempts.start(3, 0.5)  # the activity asked for another delay
    attempts.end(0.7)
    assert bars(attempts) == [(0.0, 0.5, "unseen"), (0.5, 0.7, "run")]
    assert "attempts 1 to 2 failed" in attempts.bars()[0].words


def test_attempts_that_were_seen_are_drawn_as_seen():
    attempts = Attempts(0.0, POLICY)
    attempts.tell(Pending("1", 1, running=True, started=0.1))
    assert bars(attempts) == [(0.0, 0.1, "wait"), (0.1, None, "run")]
    attempts.tell(Pending("1", 2, running=False, ended=0.5, next=1.5, failure="closed"))
    assert bars(attempts) == [(0.0, 0.1, "wait"), (0.1, 0.5, "failed"), (0.5, None, "backoff")]
    assert attempts.bars()[1].words == "attempt 1 failed: closed"
    attempts.tell(Pending("1", 2, running=True, started=1.6, ended=0.5))
    attempts.start(2, 1.6)
    attempts.end(2.0)
    assert bars(attempts) == [
        (0.0, 0.1, "wait"),
        (0.1, 0.5, "failed"),
        (0.5, 1.6, "backoff"),
        (1.6, 2.0, "run"),
    ]


def test_an_attempt_between_two_looks_began_when_it_was_due():
    attempts = Attempts(0.0, POLICY)
    attempts.tell(Pending("1", 2, running=False, ended=0.5, next=1.5))
    attempts.tell(Pending("1", 3, running=False, ended=1.8, next=3.8))
    assert bars(attempts) == [
        (0.0, 0.5, "failed"),
        (0.5, 1.5, "backoff"),
        (1.5, 1.8, "failed"),
        (1.8, None, "backoff"),
    ]


def test_attempts_that_were_missed_leave_a_gap_that_says_so():
    attempts = Attempts(0.0, POLICY)
    attempts.tell(Pending("1", 1, running=True, started=0.0))
    attempts.tell(Pending("1", 5, running=True, started=20.0))
    found = attempts.bars()
    assert [bar.style for bar in found][-2:] == ["unseen", "run"]
    assert "attempts 2 to 4 failed" in found[-2].words


def test_the_same_news_twice_is_no_news():
    attempts = Attempts(0.0)
    assert attempts.tell(Pending("1", 1, running=True, started=0.1))
    assert not attempts.tell(Pending("1", 1, running=True, started=0.1))


@pytest.mark.parametrize("coefficient", [100.0, float("inf"), float("nan")])
def test_a_coefficient_whose_powers_are_no_numbers_is_reckoned_or_left(coefficient: float):
    policy = {
        "initial_interval_seconds": 1.0,
        "backoff_coefficient": coefficient,
        "maximum_interval_seconds": 2,
    }
    attempts = Attempts(0.0, policy)
    attempts.start(180, 400.0)
    attempts.end(401.0)
    found = bars(attempts)
    assert found[-1] == (400.0, 401.0, "run")
    assert len(found) == 359
