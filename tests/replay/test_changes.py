"""Which line changed what: each line that gives an attribute a value names it in a comment, `# sets: x`."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Generator, Iterator

import pytest

from tests.support import orders
from tests.support.replays import LINES, history
from tutorial_lib.replay.recorder import Detail, record_replay
from tutorial_lib.replay.recording.changes import LineChanges
from tutorial_lib.replay.recording.tracing import Tracer
from tutorial_lib.views.stepper.layout import side_of


class Shelf:
    def __init__(self) -> None:
        self.items: list[int] = []

    def __repr__(self) -> str:
        return f"Shelf({self.items})"

    def add(self, item: int) -> int:
        self.items.append(item)  # sets: shelf
        many = len(self.items)
        return abs(many)

    def hand_over(self) -> int:
        return self.items.pop()  # sets: shelf


class Held:
    """What stands for a workflow's object."""

    def __init__(self) -> None:
        self.total = 0
        self.shelf = Shelf()
        self._lid = True

    def price(self, number: int) -> int:
        cents = number * 100
        return round(cents)

    def twice(self, number: int) -> int:
        self.total = number  # sets: total
        return 2 * number

    @property
    def lid(self) -> bool:
        return self._lid

    @lid.setter
    def lid(self, now: bool) -> None:
        self._lid = now  # sets: _lid


def helper(held: Held) -> str:
    held.total = 7  # sets: total
    receipt = "a receipt"
    return receipt.title()


def returned(held: Held) -> None:
    held.total = held.price(3)  # sets: total
    len("the next line")


def inside_another_object(held: Held) -> None:
    many = held.shelf.add(1)
    held.total = held.shelf.add(many) + held.shelf.add(2)  # sets: total


def given_back(held: Held) -> None:
    held.shelf.items = [1, 2]  # sets: shelf
    held.total = held.shelf.hand_over()  # sets: total


def by_a_function(held: Held) -> None:
    helper(held)
    held.total = 8  # sets: total


def before_and_after_a_call(held: Held) -> None:
    held.total = held.twice(4)  # sets: total


def by_a_property(held: Held) -> None:
    held.lid = False
    len("the next line")


def in_one_line(held: Held) -> None:
    held.total = sum([held.price(each) for each in range(3)])  # sets: total
    held.total = sum(held.price(each) for each in range(5))  # sets: total


def by_a_generator(held: Held) -> None:
    def numbers() -> Iterator[int]:
        yield 1
        held.total = 11  # sets: total
        yield 2
        held.total = 12  # sets: total

    for number in numbers():
        held.shelf.add(number)


def before_an_exception(held: Held) -> None:
    def fails() -> None:
        held.total = 1  # sets: total
        raise KeyError(held.shelf.items.pop(0))  # sets: shelf

    held.shelf.items = [1]  # sets: shelf
    with contextlib.suppress(KeyError):
        fails()
    held.total = 2  # sets: total


class Once:
    def __await__(self) -> Generator[None, None, None]:
        yield


def by_turns(held: Held) -> None:
    async def slow(number: int) -> int:
        held.total = number  # sets: total
        await Once()
        held.shelf.add(number)
        return number + 1

    async def outer(number: int) -> None:
        held.total = await slow(number)  # sets: total

    tasks = [outer(10), outer(20)]
    while tasks:
        for task in list(tasks):
            try:
                task.send(None)
            except StopIteration:
                tasks.remove(task)


def never_returns(held: Held) -> None:
    held.total = 3  # sets: total


CASES = [
    returned,
    inside_another_object,
    given_back,
    by_a_function,
    before_and_after_a_call,
    by_a_property,
    in_one_line,
    by_a_generator,
    before_an_exception,
    by_turns,
    never_returns,
]
SELF = "self."
HERE = inspect.getsource(inspect.getmodule(returned)).splitlines()  # type: ignore[arg-type]


def traced(case: Callable[[Held], None], most: int = 1000) -> tuple[Held, Tracer]:
    held = Held()
    now = {"total": "0", "shelf": "Shelf([])", "_lid": "True"}
    tracer = Tracer(most, LineChanges(now, lambda: held))
    tracer.start()
    try:
        case(held)
    finally:
        tracer.stop()
    return held, tracer


def attributes(tracer: Tracer) -> list[tuple[int, str, str]]:
    """Line, name and value of each attribute that was written, in the order of time."""
    lines = tracer.lines()
    return [
        (lines[write.at].line, name.removeprefix(SELF), text)
        for write in tracer.writes()
        for name, text in write.values
        if name.startswith(SELF)
    ]


@pytest.mark.parametrize("case", CASES)
def test_an_attribute_is_put_down_to_the_line_that_gave_it_its_value(case: Callable[[Held], None]) -> None:
    held, tracer = traced(case)
    written = attributes(tracer)
    assert written
    for line, name, text in written:
        assert HERE[line - 1].endswith(f"# sets: {name}"), (HERE[line - 1], name, text)
    assert {name: text for _, name, text in written}.get("total", "0") == str(held.total)
    # Before a line there is what was changed until then, by whichever line.
    before = [text for line in tracer.lines() for name, text in line.changed if name == "self.total"]
    totals = [text for _, name, text in written if name == "total"]
    assert set(before) <= set(totals)


def test_a_local_belongs_to_the_line_of_its_own_function() -> None:
    def calls(held: Held) -> None:
        many = held.price(3)  # many
        held.price(many)
        many = held.price(many)  # many
        len("the next line")

    _, tracer = traced(calls)
    lines = tracer.lines()
    written = [
        (HERE[lines[write.at].line - 1].split()[0], name)
        for write in tracer.writes()
        for name, _ in write.values
    ]
    assert written == [
        ("cents", "cents"),
        ("many", "many"),
        ("cents", "cents"),
        ("cents", "cents"),
        ("many", "many"),
    ]


def test_what_no_line_of_the_learners_did_is_put_down_to_none() -> None:
    held, tracer = Held(), Tracer(100, LineChanges({"total": "0"}, lambda: held))
    tracer.start()
    try:
        helper(held)
        held.total = 70  # this frame began before
        held.price(1)
    finally:
        tracer.stop()
    assert [text for _, name, text in attributes(tracer) if name == "total"] == ["7"]
    before = [text for line in tracer.lines() for name, text in line.changed if name == "self.total"]
    assert before == ["7", "70"]


def test_beyond_the_last_line_that_is_kept_nothing_is_put_down_to_it() -> None:
    def many_lines(held: Held) -> None:
        held.total = 1  # sets: total
        held.total = 2  # sets: total
        held.total = 3
        held.total = 4

    _, tracer = traced(many_lines, most=2)
    assert tracer.truncated
    assert [text for _, _, text in attributes(tracer)] == ["1", "2"]


@pytest.mark.parametrize("name", ["tally", "paid", "many", "shipped"])
async def test_in_a_workflow_too_the_line_that_did_it_is_found(name: str) -> None:
    recording = await record_replay(history(2), [orders.TalliedOrder], detail=Detail(values=True))
    assert recording.error is None
    for step in recording.steps:
        lines = {step.lines[each.at].line for each in step.writes if f"self.{name}" in dict(each.values)}
        assert all(LINES[line - 1].endswith(f"# sets: {name}") for line in lines), lines
        assert bool(lines) == (name in step.changed)
    # The stepper has the same, in the order of time.
    side = side_of(recording)
    shown = [
        [(index, side["pool"][values]) for index, values in zip(*[iter(step.get("o", []))] * 2, strict=True)]
        for step in side["steps"]
    ]
    assert shown == [
        [(each.at, tuple(part for pair in each.values for part in pair)) for each in step.writes]
        for step in recording.steps
    ]
