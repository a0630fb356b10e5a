"""`____`: a starter cell runs as it is, and says what is still to be done."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest

from tutorial_lib.exercises import Placeholder, ____
from tutorial_lib.exercises.attempted import not_attempted


def test_it_survives_what_a_cell_does_with_it():
    assert ____() is ____
    assert ____.execute_activity("charge", start=1) is ____
    assert ____["order-42"] is ____
    assert list(____) == []
    assert repr(____) == "____"
    assert f"{____}" == "____"


@pytest.mark.parametrize(
    "use",
    [
        lambda: ____ + 1,
        lambda: 1 + ____,
        lambda: -____,
        lambda: ____ * 3,
        lambda: 60 / ____,
        lambda: ____ - timedelta(seconds=1),
        lambda: ____ | None,
        lambda: None | ____,
        lambda: ____ % 2,
        lambda: ____ @ ____,
    ],
)
def test_operators_leave_it_what_it_is(use):
    assert use() is ____


def test_comparisons_are_false_and_raise_nothing():
    assert not ____ > 3
    assert not ____ <= 3
    assert ____ != 3


async def test_it_can_be_awaited_and_entered():
    assert await ____ is ____
    async with ____ as entered:
        assert entered is ____
    with ____ as entered:
        assert entered is ____


def test_it_stands_for_a_type():
    def run(name: ____) -> ____:
        return name

    def listed(names: list[____]) -> None:
        del names

    assert run(1) == 1
    listed([])


def test_it_is_one_also_when_copied():
    assert copy.deepcopy({"queue": ____})["queue"] is ____
    assert isinstance(____, Placeholder)


def test_an_answer_that_is_a_gap_is_not_attempted():
    said = not_attempted("queue = ____", [____])
    assert said == "put your answer in place of `____`, then run both cells"


def test_a_value_is_an_attempt():
    assert not_attempted("queue = ____", ["orders"]) is None
