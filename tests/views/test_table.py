"""The history table: its rows, its picture and its sentence."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest

from tests.support.histories import DATA
from tests.support.story import happen, history, order
from tests.views.snapshot import as_before
from tutorial_lib.history import read_history
from tutorial_lib.history.events import Failure
from tutorial_lib.views import HistoryTable
from tutorial_lib.views.table.layout import LONGEST, as_text, row_of, told_in_full
from tutorial_lib.views.table.picture import LAST, MOST

LINK = "http://127.0.0.1:8233/temporal-ui/namespaces/default/workflows/order-1/run-1/timeline"


def texts(svg: str) -> list[str]:
    """What a picture says; fails if it is no XML."""
    root = ET.fromstring(svg)  # noqa: S314 - made a moment ago
    return ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]


def test_a_row_has_the_sentence_the_payloads_and_what_else_is_worth_knowing():
    event = happen(
        5,
        "ActivityTaskScheduled",
        0.2,
        "charge",
        payloads={"input": ("visa", 3)},
        attributes={"activity_id": "5", "request_id": "noise", "start_to_close_seconds": 5.0},
    )
    row = row_of(event, 4, "The workflow asked for it.")
    assert (row["event"], row["label"], row["says"]) == (4, "5", "The workflow asked for it.")
    assert row["values"] == {"input": '"visa", 3'}
    assert row["facts"] == {"activity_id": '"5"', "start_to_close_seconds": "5.0"}
    assert not row["bad"]


def test_a_failure_is_told_with_its_causes_and_stacks():
    cause = Failure("closed", type="BankError", stack="  line 7\n")
    assert told_in_full(Failure("activity failed", cause=cause)) == (
        "activity failed\ncaused by BankError: closed\n  line 7"
    )
    assert row_of(happen(2, "ActivityTaskStarted", 1, failure=cause), 1, "")["bad"]
    assert row_of(happen(2, "WorkflowTaskTimedOut", 1), 1, "")["bad"]
    for why, bad in (("ForceCloseCommand", False), ("ResetWorkflow", False), ("NonDeterministicError", True)):
        task = happen(2, "WorkflowTaskFailed", 1, attributes={"cause": why}, failure=cause)
        assert row_of(task, 1, "")["bad"] is bad


def test_sdk_bookkeeping_in_markers_is_left_out():
    marker = happen(
        2, "MarkerRecorded", 1, "core_local_activity", payloads={"data": ({"seq": 1},), "result": (3,)}
    )
    assert row_of(marker, 1, "")["values"] == {"result": "3"}
    mine = happen(2, "MarkerRecorded", 1, "mine", payloads={"data": (1,)})
    assert row_of(mine, 1, "")["values"] == {"data": "1"}


@pytest.mark.parametrize("value", [object(), {1: object()}, float("nan"), "é" * 9999, [[[]]]])
def test_any_value_has_a_text_of_bounded_length(value: object):
    assert 0 < len(as_text(value)) <= LONGEST


@pytest.mark.parametrize("name", ["mixed", "cart", "family", "locals"])
def test_every_event_of_a_recorded_history_has_a_row(name: str):
    read = read_history(DATA / f"{name}.json")
    table = HistoryTable.of(read)
    rows = table.records()
    assert [row["id"] for row in rows] == [event.id for event in read]
    assert all(row["says"].endswith((".", "!")) for row in rows)
    assert json.loads(json.dumps(table.page_state()))["content"]["n"] == len(read)


def test_each_event_has_its_page_in_the_web_ui():
    table = HistoryTable.of(history(*order()), link=LINK)
    assert table.head["link"] == LINK
    assert table.head["events"] == [
        "http://127.0.0.1:8233/temporal-ui/namespaces/default/workflows/order-1/run-1/history/events/{id}"
    ]
    assert HistoryTable.of(history(*order())).head["events"] == []


def test_the_picture_is_as_before_and_the_sentence_tells_the_story():
    picture = HistoryTable.of(history(*order())).picture()
    assert picture.alt == (
        "Event history of workflow Order: completed. 2 activities: charge completed at attempt 3, "
        "ship failed; 1 timer: 1 min timer canceled; 1 signal: hurry."
    )
    said = texts(picture.svg)
    assert "✗ ActivityTaskFailed" in said
    assert said.count("WorkflowTaskCompleted") == 3


def test_a_picture_that_is_kept_names_no_machine():
    table = HistoryTable.of(read_history(DATA / "family.json"))
    assert any("@" in row["says"] for row in table.records())
    assert not any("@" in said for said in texts(table.picture().svg))


def test_a_long_history_is_cut_in_the_middle():
    events = [happen(1, "WorkflowExecutionStarted", 0, "Many")]
    events += [happen(k, "WorkflowExecutionSignaled", k, "tick") for k in range(2, 101)]
    said = texts(HistoryTable.of(history(*events)).picture().svg)
    assert f"… {100 - MOST} more events …" in said
    assert {"1", str(MOST - LAST), str(101 - LAST), "100"} <= set(said)
    assert str(MOST - LAST + 1) not in said


def test_an_empty_table_says_so():
    from tutorial_lib.views.execution.past import Past

    picture = HistoryTable(Past()).picture()
    assert texts(picture.svg) == ["No events yet."]
    assert as_before("table_empty.svg", picture.svg)
