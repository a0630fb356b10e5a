"""A check waits for what moves, and longer on a busy machine; here on a clock of the test's own."""

from __future__ import annotations

import pytest

from tutorial_lib.exercises.checks.patience import MOST, QUESTIONS, Patience


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("tutorial_lib.exercises.checks.patience.time", made)
    return made


def given_up(clock: Clock, patience: Patience, news: list[int], took: float = 0.0) -> float:
    """When it is over, if each second brings the next of these; the last one stays."""
    for second in range(1, 1000):
        clock.now = float(second)
        if patience.over(news[min(second, len(news)) - 1], took):
            return clock.now
    raise AssertionError("never")


def test_where_nothing_moves_it_is_over_in_time(clock: Clock):
    patience = Patience(4)
    assert given_up(clock, patience, [3]) == 5, "four seconds after the first look"
    assert not patience.endless


def test_each_event_begins_it_anew(clock: Clock):
    patience = Patience(4)
    assert given_up(clock, patience, [1, 2, 3, 4, 5, 5]) == 9
    assert not patience.endless


def test_what_moves_without_end_is_told_as_that(clock: Clock):
    patience = Patience(4)
    assert given_up(clock, patience, list(range(1000))) == 4 * MOST
    assert patience.endless


def test_a_machine_that_answers_never_does_not_make_it_endless(clock: Clock):
    patience = Patience(4)
    assert given_up(clock, patience, [3], took=60.0) == 4 * MOST
    assert not patience.endless


def test_what_has_moved_enough_is_endless_at_once(clock: Clock):
    patience = Patience(4, enough=200)
    assert given_up(clock, patience, [1, 201]) == 2
    assert patience.endless


def test_a_machine_that_answers_late_gets_longer(clock: Clock):
    assert given_up(clock, Patience(4), [3], took=0.25) == 1 + QUESTIONS * 0.25


def test_a_machine_that_stands_still_costs_an_answer_nothing(clock: Clock):
    patience = Patience(4)
    assert not patience.over(3, 0.0)
    for _ in range(2):
        clock.now += 60.0
        assert not patience.over(3, 0.0), "no time in which the answer could have done anything"
    clock.now += 1.0
    assert not patience.over(3, 0.0)
    clock.now += 1.0
    assert patience.over(3, 0.0)
    assert not patience.endless
