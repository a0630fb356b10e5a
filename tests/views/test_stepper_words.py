"""The stepper's sentences."""

from __future__ import annotations

import pytest

from tutorial_lib.replay.steps import Command, Job, Step
from tutorial_lib.views.stepper import words


@pytest.mark.parametrize(
    ("job", "told"),
    [
        (Job("initialize_workflow", "Order"), "the start of the workflow"),
        (Job("resolve_activity", "charge", "failed"), "the failure of activity `charge`"),
        (Job("resolve_activity", "pack", "completed", is_local=True), "the result of local activity `pack`"),
        (Job("signal_workflow", "approve"), "signal `approve`"),
        (Job("do_update", "add"), "update `add`"),
        (Job("fire_timer"), "a timer that fired"),
        (Job("resolve_child_workflow_execution_start", "", "succeeded"), "the start of child workflow"),
        (Job("something_new", "x"), "something_new x"),
    ],
)
def test_what_the_history_delivers(job: Job, told: str):
    assert words.delivered(job) == told


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (Command("schedule_activity", "charge"), "schedules activity `charge`"),
        (Command("start_timer", detail="5 s"), "starts a timer of 5 s"),
        (Command("update_response", "add", "accepted"), "accepts update `add`"),
        (Command("update_response", "add", "rejected"), "rejects update `add`"),
        (Command("update_response", "add", "completed"), "completes update `add`"),
        (Command("update_response", "add", "failed"), "fails update `add`"),
        (Command("something_new", "x"), "asks to something_new x"),
    ],
)
def test_what_the_code_asks_for(command: Command, told: str):
    assert words.asked(command) == told


def test_many_things_are_counted():
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c", "d"]) == "a, b, c and d"
    assert words.listed(list("abcdef")) == "a, b, c and 3 more"
    assert words.counted(["a", "b", "a"]) == ["a (2 times)", "b"]
    assert words.listed([]) == ""


def test_a_step_in_which_nothing_happened_says_so():
    assert (
        words.story(Step(0, 3, 4, True, 0, 0.0))
        == "The history delivers nothing new. The code asks for nothing."
    )
