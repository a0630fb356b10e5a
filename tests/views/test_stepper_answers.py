"""Another answer, given in the stepper's list of events."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import recorded
from tests.support.histories import DATA
from tutorial_lib.replay import Recording, record_replay
from tutorial_lib.replay.what_if import what_if
from tutorial_lib.views import Stepper
from tutorial_lib.views.stepper.answers import NoValueError, value_of


@pytest.fixture
async def stepper() -> Stepper:
    """A stepper whose answers can be changed."""
    kept = await record_replay(DATA / "saga.json", recorded.ALL)

    async def other(event_id: int, answer: dict[str, Any]) -> Recording:
        return await what_if(kept.history, event_id, recorded.ALL, **answer)

    return Stepper.of(kept, what_if=other)


def completed(stepper: Stepper) -> str:
    """Id of an activity's result that can be changed."""
    events = stepper._recording.history.events
    return next(each for each in stepper.answers if events[int(each) - 1].type == "ActivityTaskCompleted")


async def test_an_event_is_given_another_result_and_the_first_one_back(stepper: Stepper) -> None:
    number = completed(stepper)
    await stepper.ask({"event": int(number), "text": "'none left'"})
    assert stepper.asked == f"What if event {number} had given 'none left'?"
    assert [side["label"] for side in stepper.data["sides"]] == ["as it was", "what if"]
    left, right = stepper.data["axis"][stepper.step]
    assert left is not None
    assert right == len(stepper.data["sides"][1]["steps"]) - 1
    await stepper.ask({})
    assert stepper.asked == ""
    assert len(stepper.data["sides"]) == 1


async def test_an_activity_is_made_to_fail(stepper: Stepper) -> None:
    number = completed(stepper)
    await stepper.ask({"event": int(number), "failure": "no such address"})
    assert stepper.asked == f"What if event {number} had failed: no such address?"


async def test_what_cannot_be_asked_is_told_and_nothing_changes(stepper: Stepper) -> None:
    before = stepper.data
    await stepper.ask({"event": int(completed(stepper)), "text": "none left"})
    assert (
        stepper.note == "'none left' is no value: write text in quotes: 'sold out'; or 500, True, ['a', 'b']"
    )
    assert stepper.data is before


async def test_a_page_without_a_kernel_offers_no_change(stepper: Stepper) -> None:
    assert stepper.answers
    assert stepper.page_state()["answers"] == {}
    assert Stepper.of(stepper._recording).answers == {}


@pytest.mark.parametrize(
    ("text", "value"),
    [("500", 500), ("'a'", "a"), ('"a"', "a"), ("True", True), ("true", True), ("null", None)],
)
def test_a_value_is_typed_in_python_or_in_json(text: str, value: object) -> None:
    assert value_of(text) == value


def test_a_word_without_quotes_is_no_value() -> None:
    with pytest.raises(NoValueError, match="in quotes"):
        value_of("sold out")
