"""The stepper's layout: what it says of each step, and that little of it repeats."""

from __future__ import annotations

import dataclasses
import json

import pytest

from tests.support import orders
from tests.support.replays import history, line_of, replayed
from tutorial_lib.history.explain_words import duration
from tutorial_lib.replay.recorder import Detail, record_replay
from tutorial_lib.replay.steps import Recording, Source
from tutorial_lib.views.stepper import sources
from tutorial_lib.views.stepper.excerpt import state_at
from tutorial_lib.views.stepper.layout import layout, side_of
from tutorial_lib.views.stepper.syntax import coloured, plain

AWAIT = "await workflow.execute_activity"


@pytest.fixture
async def kept() -> Recording:
    """A replay that agrees with its history."""
    return await replayed(orders.Order)


def pooled(side: dict, index: int) -> object:
    return side["pool"][index]


def test_a_step_tells_what_was_delivered_and_which_line_asked_for_what(kept: Recording):
    side = side_of(kept)
    second = side["steps"][1]
    line = line_of(orders.Order, AWAIT)
    assert (second["n"], second["s"], second["r"], side["tasks"]) == (2, 9, 1, 4)
    ((words, event, value),) = second["j"]
    assert (pooled(side, words), event) == ("the result of activity `ship`", 7)
    assert pooled(side, value) == "'parcel 0'"
    ((words, _, asked_in, event),) = second["c"]
    assert (pooled(side, words), asked_in, event) == ("schedules activity `ship`", line, 11)
    assert pooled(side, second["story"]) == (
        "The history delivers the result of activity `ship`. 4 lines run. "
        f"The code schedules activity `ship` (line {line}) and waits in line {line}."
    )


def test_what_ran_and_where_it_waits_point_into_the_code_that_is_shown(kept: Recording):
    side = side_of(kept)
    ((first, lines),) = side["files"][0]["parts"]
    assert [plain(runs) for runs in lines] == list(next(iter(kept.sources.values())).lines)
    flat = pooled(side, side["steps"][1]["t"])
    shown = [plain(lines[abs(line) - first]).strip() for line in flat[1::2]]
    assert [text.partition("(")[0] for text in shown] == [
        AWAIT,
        "self.shipped += 1",
        "for number in range",
        AWAIT,
    ]
    assert flat[1] < 0  # it went on in the middle of its await
    name, ((function, _, line, end, held),) = pooled(side, side["steps"][1]["f"][0])
    assert (name, function) == ("run", "Order.run")
    assert line == end == line_of(orders.Order, AWAIT)
    assert dict(zip(held[::2], held[1::2], strict=True)) == {"parcels": "3", "number": "1"}


def test_of_self_a_step_holds_what_changed_and_the_whole_can_be_put_together(kept: Recording):
    side = side_of(kept)
    assert [sorted(step.get("d", {})) for step in side["steps"]] == [
        ["customer", "shipped"],
        ["shipped"],
        ["shipped"],
        ["shipped"],
    ]
    for step, recorded in zip(side["steps"], kept.steps, strict=True):
        assert state_at(side, step) == dict(recorded.state)


def test_what_is_known_ends_with_the_events_of_the_tasks_own_commands(kept: Recording):
    side = side_of(kept)
    assert [step["u"] for step in side["steps"]] == [5, 11, 17, 23]
    assert len(side["events"]) == 23
    type_and_name = [pooled(side, index)[:2] for index in side["events"][4:7]]
    assert type_and_name == [
        ("ActivityTaskScheduled", "ship"),
        ("ActivityTaskStarted", "ship"),
        ("ActivityTaskCompleted", "ship"),
    ]


async def test_a_divergence_says_what_the_history_has_what_the_code_made_and_where():
    data = layout(await replayed(orders.SlowOrder))
    line = line_of(orders.SlowOrder, "await asyncio.sleep")
    found = data["sides"][0]["divergence"]
    assert (found["step"], found["event"], found["line"], data["start"]) == (1, 11, line, 1)
    assert found["expected"] == "event 11  ActivityTaskScheduled ship"
    assert found["produced"] == "start timer 5 s"
    assert found["source"].startswith("await asyncio.sleep(5)")
    assert found["core"].startswith("[TMPRL1100]")
    assert "starts a timer of 5 s" in found["told"]


async def test_a_timer_is_as_long_as_in_the_history():
    side = side_of(await replayed(orders.PatientOrder))
    long = duration(orders.LONG)
    assert f"starts a timer of {long} in line" in side["divergence"]["told"]
    assert side["divergence"]["produced"] == f"start timer {long}"
    assert f"timer `{long}`" in [side["pool"][index][0] for index in side["steps"][0]["w"]]


async def test_a_task_that_fails_has_its_reason_and_its_line():
    side = side_of(await replayed(orders.FailingOrder))
    reason, file, line = side["steps"][0]["x"]
    assert reason == "KeyError: 3"
    assert (file, line) == (0, line_of(orders.FailingOrder, "raise KeyError"))
    assert f"The workflow task fails in line {line}: KeyError: 3" in side["pool"][side["steps"][0]["story"]]


async def test_two_versions_step_together_and_their_first_difference_is_told(kept: Recording):
    data = layout(kept, await replayed(orders.SlowOrder), labels=("before", "after"))
    assert data["axis"] == [[0, 0], [1, 1], [2, None], [3, None]]
    assert data["differs"] == {
        "tick": 1,
        "told": "\u201cbefore\u201d schedules activity `ship`; \u201cafter\u201d starts a timer of 5 s.",
    }
    assert data["start"] == 1
    assert [side["label"] for side in data["sides"]] == ["before", "after"]
    assert data["sides"][1]["events"] is None  # the same history is sent once


async def test_versions_that_ask_for_the_same_may_still_differ_in_what_they_hold(kept: Recording):
    data = layout(kept, await replayed(orders.CountingOrder))
    assert data["differs"] == {
        "tick": 1,
        "told": "The attribute `self.shipped` is 1 on the left and 2 on the right.",
    }


async def test_the_same_code_twice_does_not_differ(kept: Recording):
    assert layout(kept, await replayed(orders.Order))["differs"] is None


async def test_different_histories_step_together_by_their_number(kept: Recording):
    shorter = await record_replay(history(1, run_id="run-2"), [orders.Order])
    data = layout(kept, shorter)
    assert data["axis"] == [[0, 0], [1, 1], [2, None], [3, None]]
    assert len(data["sides"][1]["events"]) == 11
    assert data["differs"] == {
        "tick": 1,
        "told": "The left code schedules activity `ship`; the right code completes the workflow.",
    }


def test_in_a_new_life_all_attributes_are_new(kept: Recording):
    again = tuple(dataclasses.replace(step, life=1, number=step.number + 4) for step in kept.steps)
    twice = dataclasses.replace(kept, steps=(*kept.steps, *again))
    side = side_of(twice)
    assert (side["lives"], side["tasks"]) == (2, 4)
    assert [step["n"] for step in side["steps"]] == [1, 2, 3, 4, 1, 2, 3, 4]
    assert sorted(side["steps"][4]["d"]) == ["customer", "shipped"]
    assert state_at(side, side["steps"][5]) == dict(kept.steps[1].state)
    rebuilt = ["a new instance" in pooled(side, step["story"]) for step in side["steps"]]
    assert rebuilt == [False, False, False, False, True, False, False, False]


def test_several_steps_of_one_task_are_numbered_and_only_the_last_knows_its_events(kept: Recording):
    doubled = dataclasses.replace(kept.steps[1], commands=(), completed_id=None)
    steps = (kept.steps[0], doubled, *kept.steps[1:])
    steps = tuple(dataclasses.replace(step, number=number) for number, step in enumerate(steps))
    shown = side_of(dataclasses.replace(kept, steps=steps))["steps"]
    assert [step.get("part") for step in shown] == [None, (1, 2), (2, 2), None, None]
    assert shown[1].get("u", shown[1]["s"]) == 9
    assert shown[2]["u"] == 11


def test_a_step_whose_details_were_dropped_leaves_the_attributes_as_they_were(kept: Recording):
    thin = dataclasses.replace(kept.steps[1], thinned=True, lines=(), tasks=(), state={}, changed=())
    side = side_of(dataclasses.replace(kept, steps=(kept.steps[0], thin, *kept.steps[2:])))
    assert side["steps"][1]["thin"] == 1
    assert state_at(side, side["steps"][2]) == dict(kept.steps[2].state)


async def test_locals_by_line_stand_beside_the_line_that_follows_them():
    side = side_of(await replayed(orders.Order, detail=Detail(values=True)))
    second = side["steps"][1]
    changes = dict(zip(second["v"][::2], second["v"][1::2], strict=True))
    last = max(changes)
    assert pooled(side, second["t"])[1::2][last] == line_of(orders.Order, AWAIT)
    assert pooled(side, changes[last]) == ("number", "1")


def test_the_layout_is_json_and_small(kept: Recording):
    data = layout(kept)
    assert json.loads(json.dumps(data))["sides"][0]["workflow"] == "Order"


async def test_what_repeats_is_said_once():
    some, many = [layout(await replayed(orders.Order, parcels)) for parcels in (10, 110)]
    grown = len(json.dumps(many)) - len(json.dumps(some))
    assert grown / 600 < 100  # bytes for each of the 600 events more


def test_of_a_long_file_what_is_near_the_lines_that_ran_is_shown(kept: Recording, monkeypatch):
    ((file, source),) = kept.sources.items()
    monkeypatch.setattr(sources, "WHOLE", 10)
    monkeypatch.setattr(sources, "AROUND", 2)
    line = line_of(orders.Order, AWAIT)
    parts = sources.files_of(kept)[0]["parts"]
    shown = {first + k for first, lines in parts for k in range(len(lines))}
    assert {line - 3, line, line + 4} <= shown  # the return is near as well
    assert line_of(orders.FailingOrder, "raise KeyError") not in shown
    assert len(shown) < len(source.lines)
    gone = dataclasses.replace(kept, sources={file: Source(file, source.label, ())})
    assert sources.files_of(gone)[0]["parts"] == []


def test_colours_leave_the_text_as_it_is():
    source = (
        "@workflow.defn(name='x')\nclass A:\n    '''two\n    lines'''\n"
        "    def f(self):\t# \u00e9\U0001f680\n        return len('a') + 1.5\n"
    )
    lines = coloured(source)
    assert "\n".join(map(plain, lines)) + "\n" == source
    assert ["k", "class", "", " ", "d", "A", "", ":"] in lines
    assert lines[3] == ["s", "    lines'''"]
    assert "c" in lines[4][::2]
    assert [runs[k + 1] for runs in lines for k in range(0, len(runs), 2) if runs[k] == "b"] == ["len"]


@pytest.mark.parametrize(
    "broken", ["!ls -l\nx = 1", "def f(:\n  x", "'''never closed", "\f", "", "if x:\n   y\n  z"]
)
def test_what_is_not_python_stays_plain(broken: str):
    assert "\n".join(map(plain, coloured(broken))) == broken
