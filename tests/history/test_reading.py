from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.history.v1 import History as HistoryProto
from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter

from tests.support.hiding import Hide
from tests.support.histories import DATA
from tutorial_lib.errors import HistoryError
from tutorial_lib.history import read_history

FILES = sorted(DATA.glob("*.json"))


def given(name: str) -> dict[str, Any]:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_json_is_read_as_the_sdk_reads_it(path):
    text = path.read_text(encoding="utf-8")
    expected = WorkflowHistory.from_json("id", text)
    history = read_history(text)
    assert list(history.source.events) == list(expected.events)
    assert history.source.workflow_id == history.workflow_id != "id"


def test_all_kinds_of_source_are_the_same_history():
    path = DATA / "cart.json"
    text = path.read_text(encoding="utf-8")
    history = read_history(path)
    sdk = WorkflowHistory.from_json("id", text)
    sources = [
        str(path),
        text,
        json.loads(text),
        {"history": json.loads(text)},
        sdk,
        HistoryProto(events=sdk.events),
        sdk.to_json(),
        history.source,
        "\n " + text,
    ]
    for source in sources:
        assert read_history(source) == history
    assert history.workflow_id.startswith("cart-")
    assert (history.workflow_type, history.task_queue) == ("Cart", "b0")
    assert (history.status, history.closed, history.next_run_id) == ("Completed", True, None)


def test_a_file_with_a_byte_order_mark_is_read(tmp_path):
    path = tmp_path / "saved by an editor.json"
    path.write_text((DATA / "cart.json").read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert len(read_history(path)) == 43


def test_enums_of_older_tools_are_read():
    data = given("family")
    for event in data["events"]:
        kind = event["eventType"].removeprefix("EVENT_TYPE_")
        event["eventType"] = "".join(word.capitalize() for word in kind.split("_"))
    data["events"][4]["startChildWorkflowExecutionInitiatedEventAttributes"]["parentClosePolicy"] = (
        "Terminate"
    )
    assert read_history(data) == read_history(DATA / "family.json")


def test_a_run_that_goes_on_is_running_and_one_that_goes_on_elsewhere_says_where():
    data = given("mixed")
    del data["events"][-1]
    history = read_history(data)
    assert (history.status, history.closed, history.next_run_id) == ("Running", False, None)
    data = given("family")
    last = data["events"][-1]
    last["eventType"] = "EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW"
    del last["workflowExecutionCompletedEventAttributes"]
    last["workflowExecutionContinuedAsNewEventAttributes"] = {"newExecutionRunId": "the-next"}
    history = read_history(data)
    assert (history.status, history.next_run_id) == ("ContinuedAsNew", "the-next")


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("EVENT_TYPE_COFFEE_BREWED", "CoffeeBrewed"),
        ("CoffeeBrewed", "CoffeeBrewed"),
        (987, "EventType 987"),
        ("987", "EventType 987"),
        (None, "EventType 0"),
    ],
)
def test_an_event_of_a_newer_server_is_shown_by_name(named, told):
    data = given("family")
    data["events"][7] = {
        "eventId": "8",
        "eventTime": "2026-11-22T20:23:25Z",
        "eventType": named,
        "coffeeBrewedEventAttributes": {"cups": 2},
    }
    for event in data["events"]:  # what answered the event that was there before
        for attributes in event.values():
            if isinstance(attributes, dict) and attributes.get("scheduledEventId") == "8":
                attributes["scheduledEventId"] = "2"
    event = read_history(data).event(8)
    assert (event.type, event.kind) == (told, "other")
    assert event.attributes == {"cups": 2}


def test_fields_of_a_newer_server_do_no_harm():
    data = given("family")
    data["events"][0]["somethingNew"] = {"deep": [1]}
    data["events"][0]["workflowExecutionStartedEventAttributes"]["initiator"] = "SOMETHING_NEW"
    data["events"][0]["workflowExecutionStartedEventAttributes"]["cronSchedule"] = None
    assert read_history(data) == read_history(DATA / "family.json")


async def test_a_codec_reads_what_it_wrote_even_inside_a_loop():
    source = read_history(DATA / "family.json").source
    first = copy.deepcopy(source.events[4])
    shown = first.start_child_workflow_execution_initiated_event_attributes.input.payloads
    hidden = await Hide().encode(shown)
    shown[0].CopyFrom(hidden[0])
    events = [*source.events[:4], first, *source.events[5:]]
    hiding = WorkflowHistory(source.workflow_id, events)
    assert read_history(hiding).event(5).payloads == {"input": ("<hidden, 27 bytes>",)}
    history = read_history(hiding, data_converter=DataConverter(payload_codec=Hide()))
    assert history.event(5).payloads == {"input": (1,)}
    assert history.event(6).payloads == {"input": (2,)}, "what the codec refuses stays readable"
    assert history.source.events[4] == first, "a replay needs what the server has"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "the JSON ends too early, after 0 characters"),
        ("{", "the JSON ends too early, after 1 characters"),
        ("[]", "the history has no events"),
        ('{"events": []}', "the history has no events"),
        ("{}", r"no history in this JSON: it is \{\}, \{\"events\": \[\.\.\.\]\} expected"),
        ('{"events": 7}', "no history in this JSON"),
        ("{'events': []}", r"not JSON: .* \(line 1, column 2\)"),
        ("[" * 100_000 + "]" * 100_000, "nested too deep"),
        ("[1]", "event 1 does not fit: it is 1, an object expected"),
        ("no such file.json", "cannot read 'no such file.json': No such file"),
        ("a\0b", "cannot read"),
        ("x" * 5000, "cannot read 'x+': File name too long"),
        (Path("/"), "cannot read '/': Is a directory"),
        (7, "type int"),
        (None, "type NoneType"),
        (WorkflowHistory("id", []), "the history has no events"),
        (HistoryProto(), "the history has no events"),
    ],
)
def test_what_is_no_history_is_an_error_that_says_what_it_is(source, message):
    with pytest.raises(HistoryError, match=message) as caught:
        read_history(source)
    assert "→" in str(caught.value), "and what to try"


def test_a_file_that_is_not_text_is_an_error(tmp_path):
    path = tmp_path / "history.json"
    path.write_bytes(b"\xff\x00\x01")
    with pytest.raises(HistoryError, match="is not a text file"):
        read_history(path)


def _wrong(number: int, value: object, *path: str) -> dict[str, Any]:
    data = given("family")
    place = data["events"][number - 1]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (_wrong(3, "x", "eventId"), "event 3 does not fit: eventId is 'x', a whole number expected"),
        (_wrong(3, "12", "eventId"), r"event 12 \(WorkflowTaskStarted\) follows event 2"),
        (_wrong(3, "9" * 30, "eventId"), "event 3 does not fit"),
        (_wrong(3, "soon", "eventTime"), "eventTime is 'soon', a time like"),
        (_wrong(3, "EVENT_TYPE_TIMER_FIRED", "eventType"), "event 3 is TimerFired and has other attributes"),
        (
            _wrong(3, "99", "workflowTaskStartedEventAttributes", "scheduledEventId"),
            "answers event 99, .* nothing",
        ),
        (
            _wrong(3, "1", "workflowTaskStartedEventAttributes", "scheduledEventId"),
            "opens another kind of span",
        ),
        (_wrong(2, 5, "workflowTaskScheduledEventAttributes", "startToCloseTimeout"), "a text expected"),
        (_wrong(2, "5m", "workflowTaskScheduledEventAttributes", "startToCloseTimeout"), "a duration like"),
        (_wrong(2, [], "workflowTaskScheduledEventAttributes"), r"Attributes is \[\], an object expected"),
        (
            _wrong(5, "?", "startChildWorkflowExecutionInitiatedEventAttributes", "input", "payloads"),
            "a list expected",
        ),
        (_wrong(1, "EVENT_TYPE_TIMER_FIRED", "eventType"), "event 1 is TimerFired: a history begins with"),
        (_wrong(1, "\ud800", "workflowExecutionStartedEventAttributes", "identity"), "event 1 does not fit"),
        (_wrong(1, "0001-01-01T00:00:00+99:00", "eventTime"), "a time like"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(data, message):
    with pytest.raises(HistoryError, match=message):
        read_history(data)


def test_events_left_out_or_added_are_noticed():
    data = given("family")
    for cut in (data["events"][1:], data["events"][:7] + data["events"][8:], data["events"] + data["events"]):
        with pytest.raises(HistoryError, match="event"):
            read_history({"events": cut})


def test_json_cut_anywhere_is_an_error_and_nothing_else():
    text = json.dumps(given("mixed"), indent=1)
    for end in [*range(0, len(text) - 1, 97), *range(len(text) - 60, len(text))]:
        with pytest.raises(HistoryError) as caught:
            read_history(text[:end])
        assert "too early" in str(caught.value), text[max(0, end - 40) : end]


STRANGE = [
    *(None, True, False, 0, -1, 7, 2**31, 2**63, 2**70, 1.5, float("nan"), float("inf")),
    *("", "x", "-5", "1e400", "99s", "EVENT_TYPE_TIMER_STARTED", "\ud800", "é" * 50, "AAA="),
    *([], {}, [[]], [None], {"payloads": [{}]}, {"name": 3}, {"cause": {"cause": {}}}, [{"a": 1}]),
]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a parsed JSON document, as a container and a key."""
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], (dict, list)):
            yield from _places(value[key])


@pytest.mark.parametrize("name", [path.stem for path in FILES])
def test_a_mutated_history_is_read_or_refused_and_nothing_else(name):
    """Seeded: hundreds of changes, each at any place, among them lost and doubled events."""
    dice = random.Random(name)  # noqa: S311 - the same changes each time
    original = given(name)
    read, errors = 0, []
    for _ in range(200):
        data = copy.deepcopy(original)
        for _ in range(dice.randint(1, 3)):
            if not (places := list(_places(data))):
                break
            container, key = dice.choice(places)
            match dice.randrange(3):
                case 0:
                    container[key] = copy.deepcopy(dice.choice(STRANGE))
                case 1:
                    del container[key]
                case _:
                    other, other_key = dice.choice(places)
                    container[key] = copy.deepcopy(other[other_key])
        try:
            history = read_history(data)
        except HistoryError as error:
            errors.append(error)
        else:
            read += 1
            for event in history:
                assert event.opened_by is None or history.event(event.opened_by).kind == event.kind
                json.dumps(dict(event.attributes))
    for error in errors:
        assert error.seen
        assert error.hint
        assert "\n" not in error.seen
    assert read > 10
    assert len(errors) > 10


def _moved(found: re.Match[str], by: int) -> str:
    number = int(found[1])
    return str(number + by if number > 6 else number)


def long(events: int) -> str:
    """A history of that many events, made of a short one repeated."""
    start, body = given("mixed")["events"][:6], given("mixed")["events"][6:12]
    template = json.dumps(body)  # a workflow task is completed: a patch, an upsert and an activity
    made = list(start)
    while len(made) < events:
        made += json.loads(re.sub(r'(?<=ventId": ")(\d+)', partial(_moved, by=len(made) - 6), template))
    return json.dumps({"events": made[:events]})


def test_five_thousand_events_are_read():
    text = long(5000)
    for given_as in (text, read_history(text).source):
        assert len(read_history(given_as)) == 5000
