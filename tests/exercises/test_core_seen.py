"""Sentences over a history: true, or told with what was seen and the events."""

from __future__ import annotations

import pytest

from tests.support import story
from tutorial_lib.exercises.checks.expectations import Expectations
from tutorial_lib.exercises.outcome import NotYet


@pytest.fixture
def seen() -> Expectations:
    """An order: charge takes three attempts (event 5), ship fails (13), a customer hurries (7)."""
    return Expectations(story.history(*story.order()))


def refused(demand, *args, **kwargs) -> str:
    with pytest.raises(NotYet) as told:
        demand(*args, **kwargs)
    return told.value.seen


def test_questions_are_answered(seen: Expectations):
    assert seen.attempts("charge") == 3
    assert seen.attempts("refund") == 0
    assert seen.activities == ["charge", "ship"]
    assert seen.signals() == ["hurry"]
    assert [event.id for event in seen.scheduled()] == [5, 13]
    assert [event.id for event in seen.events("TimerStarted")] == [6]


def test_demands_that_are_met_say_nothing(seen: Expectations):
    seen.ran("charge")
    seen.in_order("charge", "ship")
    seen.after("ship", "charge")
    seen.never("WorkflowTaskFailed")
    seen.status("Completed")
    assert seen.has("ActivityTaskFailed", "ship").id == 15


def test_ran_tells_how_often_and_where(seen: Expectations):
    assert refused(seen.ran, "charge", times=2) == "activity `charge` was scheduled once (event 5), not twice"
    assert refused(seen.ran, "refund") == (
        "activity `refund` was never scheduled, not once; what was: `charge`, `ship`"
    )


def test_order_is_told(seen: Expectations):
    said = refused(seen.in_order, "ship", "charge")
    assert said == "the activities were `charge`, `ship`, not `ship`, `charge`"
    assert (
        refused(seen.after, "charge", "ship") == "`charge` was scheduled at event 5; `ship` completed never"
    )


def test_an_event_that_should_not_be_there_is_told_with_its_reason(seen: Expectations):
    assert refused(seen.never, "ActivityTaskFailed") == "event 15 is an ActivityTaskFailed (no such address)"


def test_an_event_that_is_missing_is_told(seen: Expectations):
    said = refused(seen.has, "WorkflowExecutionUpdateCompleted", "approve")
    assert said == "none of the 20 events is a WorkflowExecutionUpdateCompleted `approve`"


def test_how_it_ended_is_told(seen: Expectations):
    assert refused(seen.status, "Failed") == "the workflow is Completed, not Failed: event 20"


def test_hints_go_along(seen: Expectations):
    with pytest.raises(NotYet) as told:
        seen.ran("refund", hint="undo the charge")
    assert told.value.hint == "undo the charge"
