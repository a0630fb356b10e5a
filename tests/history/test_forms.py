"""Histories in the forms that tools write them in; real files, one for each form."""

from __future__ import annotations

import base64
import codecs
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.common.v1 import WorkflowType
from temporalio.api.history.v1 import History as HistoryProto
from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter

from tests.support.hiding import Hide
from tests.support.histories import DATA, FIELD
from tutorial_lib.errors import HistoryError
from tutorial_lib.history import History, read_history
from tutorial_lib.history.explain import explain


def plain(history: History) -> list[tuple[Any, ...]]:
    """What a history holds, whoever wrote it down."""
    return [
        (event.id, event.type, event.name, event.summary, event.payloads, event.opened_by)
        for event in history
    ]


@pytest.fixture(scope="module")
def order() -> History:
    """An execution of which there are files in several forms."""
    return read_history(FIELD / "utf16.json")


def test_text_in_utf_16_is_read_as_powershell_writes_it(order: History, tmp_path: Path):
    assert (FIELD / "utf16.json").read_bytes().startswith(codecs.BOM_UTF16_LE)
    assert len(order) == 40
    text = (FIELD / "utf16.json").read_text(encoding="utf-16")
    for encoding in ("utf-8", "utf-8-sig", "utf-16-be", "utf-32"):
        path = tmp_path / f"{encoding}.json"
        path.write_text("\ufeff" * encoding.endswith("be") + text, encoding=encoding)
        assert read_history(path) == order


def test_newest_first_is_turned_round(order: History):
    assert json.loads((FIELD / "newest_first.json").read_text())["events"][0]["eventId"] == "40"
    assert plain(read_history(FIELD / "newest_first.json")) == plain(order)


def test_what_the_web_ui_has_decoded_is_what_the_server_has(order: History):
    readable = read_history(FIELD / "human_readable.json")
    assert plain(readable) == plain(order)
    assert readable.event(1).payloads["input"] == ({"id": "o-1", "qty": 3},)
    assert readable.event(1).payloads["search_attributes"] == ({"CustomKeywordField": "silver"},)
    assert readable.event(25).payloads["result"] == (bytes(range(8)),), "and what it left as it was"
    assert readable.unreadable == {}
    [payload] = readable.source.events[0].workflow_execution_started_event_attributes.input.payloads
    assert payload.metadata["encoding"] == b"json/plain"
    assert json.loads(payload.data) == {"id": "o-1", "qty": 3}


def test_a_text_that_could_be_base64_is_the_text_that_it_is():
    history = read_history(FIELD / "human_readable_older.json")
    assert history.events[-1].payloads["result"] == ("workflow-result",)


@pytest.mark.parametrize(
    ("payload", "value"),
    [
        ({"metadata": {"encoding": "json/plain"}, "data": "anNvbi9w"}, "anNvbi9w"),
        ({"metadata": {"encoding": "json/plain"}, "data": "abcd"}, "abcd"),
        ({"metadata": {"encoding": "json/plain"}, "data": None}, None),
        ({"metadata": {"encoding": "json/plain"}, "data": 0}, 0),
        ({"metadata": {"encoding": "binary/null"}}, None),
        ({"metadata": {"encoding": "binary/plain"}, "data": "AAE="}, b"\0\1"),
        ({"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": {"n": 1}}, {"n": 1}),
        ({"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "abcd"}, "abcd"),
        ({"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "MTIz"}, 123),
        (
            {"metadata": {"encoding": "anNvbi9wbGFpbg==", "encodingDecoded": "json/plain"}, "data": "MTIz"},
            "MTIz",
        ),
        ("Ada", "Ada"),
        (17, 17),
        (None, None),
        ([1, [2]], [1, [2]]),
        ({"data": "Ada", "more": 1}, {"data": "Ada", "more": 1}),
    ],
)
def test_a_payload_has_its_value_in_each_form(payload: Any, value: object):
    data = json.loads((DATA / "family.json").read_text())
    started = data["events"][0]["workflowExecutionStartedEventAttributes"]
    for inputs in ({"payloads": [payload]}, [payload]):
        started["input"] = inputs
        history = read_history(data)
        assert history.event(1).payloads["input"] == (value,)
        assert read_history(history.source).event(1).payloads["input"] == (value,)


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"data": "abcd"},
        {"data": "not base64"},
        {"data": {"x": 1}},
        {"metadata": "x"},
        {"metadata": {}},
        {"metadata": {"a": "b"}, "data": [1]},
        {"metadata": {"a": "YWJj"}, "data": "YWJj"},
        {"metadata": {"encoding": "utf-8"}, "data": "abcd"},
        {"metadata": {"encoding": 7}},
        {"externalPayloads": []},
    ],
    ids=str,
)
def test_in_shorthand_an_object_without_an_encoding_is_the_value_itself(value: object):
    """As the server's HTTP API has it: the list is shorthand, and with it the lone payload before it."""
    data = json.loads((DATA / "family.json").read_text())
    started = data["events"][0]["workflowExecutionStartedEventAttributes"]
    started["memo"] = {"fields": {"key": value}}
    data["events"][4]["startChildWorkflowExecutionInitiatedEventAttributes"]["input"] = [value, "x"]
    history = read_history(data)
    assert history.event(5).payloads["input"] == (value, "x")
    assert history.event(1).payloads["memo"] == ({"key": value},)
    assert history.unreadable == {}
    assert read_history(history.source).event(5).payloads["input"] == (value, "x"), "a replay has it, too"


def test_in_shorthand_a_protobuf_message_names_its_type():
    data = json.loads((DATA / "family.json").read_text())
    started = data["events"][0]["workflowExecutionStartedEventAttributes"]
    started["input"] = [{"_protoMessageType": "temporal.api.common.v1.WorkflowType", "name": "Order"}]
    history = read_history(data)
    assert history.event(1).payloads["input"] == ({"name": "Order"},)
    [payload] = history.source.events[0].workflow_execution_started_event_attributes.input.payloads
    assert payload.metadata["messageType"] == b"temporal.api.common.v1.WorkflowType"
    assert DataConverter.default.payload_converter.from_payload(payload, WorkflowType).name == "Order"


def in_shorthand(value: Any) -> Any:
    """JSON of the server's as its HTTP API writes it: plain JSON in place of the payloads that hold it."""
    if isinstance(value, list):
        return [in_shorthand(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"payloads"}:
        found = [in_shorthand(each) for each in value["payloads"]]
        return value if any(isinstance(each, dict) and "metadata" in each for each in found) else found
    if (value.get("metadata") or {}) == {"encoding": "anNvbi9wbGFpbg=="}:
        return json.loads(base64.b64decode(value["data"]))
    return {name: in_shorthand(each) for name, each in value.items()}


@pytest.mark.parametrize("name", ["saga", "family", "cart", "mixed", "locals", "field/summaries"])
def test_what_the_http_api_writes_is_what_the_cli_writes(name: str):
    full = json.loads((DATA / f"{name}.json").read_text())
    short = in_shorthand(full)
    assert short != full
    history = read_history(full)
    assert plain(read_history({"history": short})) == plain(history)
    assert read_history(short).unreadable == history.unreadable


@pytest.mark.parametrize(
    "message", [{}, {"data": "abcd"}, {"metadata": {"a": "YWJj"}, "data": "YWJj"}], ids=str
)
def test_without_shorthand_a_payload_without_an_encoding_is_what_the_sdk_reads(message: object):
    data = json.loads((DATA / "family.json").read_text())
    started = data["events"][0]["workflowExecutionStartedEventAttributes"]
    started["memo"] = {"fields": {"key": message}}
    started["input"] = {"payloads": [message, message]}
    expected = WorkflowHistory.from_json("id", json.dumps(data))
    assert list(read_history(data).source.events) == list(expected.events)


def test_what_no_converter_reads_is_counted():
    data = json.loads((DATA / "family.json").read_text())
    started = data["events"][0]["workflowExecutionStartedEventAttributes"]
    hidden = base64.b64encode(b"binary/encrypted").decode()
    reference = {"encoding": "json/protobuf", "messageType": "temporal.api.sdk.v1.ExternalStorageReference"}
    started["input"] = {
        "payloads": [
            {"metadata": {"encoding": hidden}, "data": "AAE="},
            {"metadata": {"encoding": "binary/encrypted"}, "data": "AAE="},
            {"metadata": reference, "data": {"driverName": "s3"}},
        ]
    }
    history = read_history(data)
    assert history.unreadable == {"binary/encrypted": 2, "external storage": 1}
    assert history.event(1).payloads["input"] == (
        *(2 * ["<binary/encrypted, 2 bytes>"]),
        "<in external storage>",
    )
    assert (
        read_history(data, data_converter=DataConverter(payload_codec=Hide())).unreadable
        == history.unreadable
    )


def test_protobuf_is_read(order: History, tmp_path: Path):
    path = tmp_path / "history.binpb"
    path.write_bytes(HistoryProto(events=order.source.events).SerializeToString())
    assert read_history(path) == order


def test_an_event_a_line_is_read(order: History, tmp_path: Path):
    """As `temporal workflow show -o jsonl` prints them."""
    text = (FIELD / "utf16.json").read_text(encoding="utf-16")
    path = tmp_path / "history.jsonl"
    path.write_text("\n".join(json.dumps(event) for event in json.loads(text)["events"]) + "\n")
    assert read_history(path) == order


def test_of_a_list_of_histories_one_is_chosen():
    one = json.loads((FIELD / "list_of_histories.json").read_text())
    assert read_history(FIELD / "list_of_histories.json").workflow_type == "Workflow"
    several = [
        *one,
        json.loads((DATA / "family.json").read_text()),
        {"history": {"events": one[0]["events"]}},
    ]
    family = read_history(DATA / "family.json")
    assert read_history(several, which=2) == family
    assert read_history(several, which=family.workflow_id) == family
    assert len(read_history(json.dumps(several), which=3)) == 11
    with pytest.raises(HistoryError) as caught:
        read_history(several)
    assert caught.value.seen == (
        f"3 histories are in one file: 1 (Workflow, 11 events), 2 (Family {family.workflow_id}, "
        f"{len(family)} events), 3 (Workflow, 11 events)"
    )
    assert "tutorial show FILE --which 1" in caught.value.hint
    for which in (0, 4, "nobody"):
        with pytest.raises(
            HistoryError, match=r"no history (number \d|of workflow id 'nobody') among 3 histories"
        ):
            read_history(several, which=which)


def one_and_other() -> tuple[dict[str, Any], dict[str, Any]]:
    """Two histories, of which the first is a family's."""
    return tuple(json.loads((DATA / f"{name}.json").read_text()) for name in ("family", "saga"))


@pytest.mark.parametrize(
    "write",
    [
        lambda one, other: json.dumps(one, indent=2) + "\n" + json.dumps(other, indent=2) + "\n",
        lambda one, other: json.dumps(one) + json.dumps(other),
        lambda one, other: json.dumps({"history": one}) + "\n" + json.dumps(other),
        lambda one, other: "\r\n".join(json.dumps(event) for event in [*one["events"], *other["events"]]),
        lambda one, other: json.dumps([one["events"], other["events"]]),
        lambda one, other: json.dumps([*one["events"], *other["events"]]),
        lambda one, other: json.dumps([{"events": one["events"][:4]}, {"events": one["events"][4:]}, other]),
    ],
    ids=["pretty", "a line", "answers", "an event a line", "lists", "one list", "in pieces"],
)
def test_several_histories_in_a_file_are_several(write: Callable[..., str], tmp_path: Path):
    one, other = one_and_other()
    path = tmp_path / "both.json"
    path.write_text(write(one, other))
    with pytest.raises(
        HistoryError, match=r"^2 histories are in one file: 1 \(Family .*\), 2 \(Saga "
    ) as caught:
        read_history(path)
    assert "--which 1" in caught.value.hint
    assert read_history(path, which=1) == read_history(one)
    assert read_history(path, which=2) == read_history(other)


@pytest.mark.parametrize(
    "pieces",
    [
        lambda events: [{"events": events[:3]}, {"events": events[3:7]}, {"events": events[7:]}],
        lambda events: [{"history": {"events": events[:3]}, "nextPageToken": "x"}, {"events": events[3:]}],
        lambda events: [events[:1], events[1:]],
        lambda events: [{"events": events[:4:-1]}, {"events": events[4::-1]}],
        lambda events: [{"events": events}],
    ],
    ids=["batches", "pages", "lists", "newest first", "whole"],
)
def test_one_history_in_pieces_is_one(pieces: Callable[[list[Any]], list[Any]], tmp_path: Path):
    family, _ = one_and_other()
    whole, parts = read_history(family), pieces(family["events"])
    path = tmp_path / "pieces.json"
    path.write_text("\n".join(json.dumps(part, indent=1) for part in parts))
    for read in (read_history(parts), read_history(path), read_history(parts, which=1)):
        assert read == whole
        assert not read.more


def test_a_page_of_the_servers_answer_has_more():
    family, _ = one_and_other()
    page = {"history": {"events": family["events"][:9]}, "nextPageToken": "CiQw"}
    assert read_history(page).more
    assert read_history(page).event(9) == read_history(family).event(9)
    for other in ({"events": family["events"][:9]}, page | {"nextPageToken": ""}, page | {"history": family}):
        assert not read_history(other).more, "it may run; after what ends a run nothing follows"


def test_a_workflow_id_of_digits_is_no_number():
    one, other = one_and_other()
    other["events"][0]["workflowExecutionStartedEventAttributes"]["workflowId"] = "1"
    assert read_history([one, other], which="1") == read_history(other)
    assert read_history([one, other], which=1) == read_history(one)
    assert read_history([one, other], which="2") == read_history(other)
    one["events"][0]["workflowExecutionStartedEventAttributes"]["workflowId"] = "1"
    assert read_history([one, other], which="2") == read_history(other), (
        "of two of that id, the number decides"
    )
    for which in ("3", "9" * 5000):
        with pytest.raises(HistoryError, match=r"^no history .* among 2 histories"):
            read_history([one, other], which=which)
    one["events"][0]["workflowExecutionStartedEventAttributes"]["workflowId"] = "x"
    other["events"][0]["workflowExecutionStartedEventAttributes"]["workflowId"] = "x"
    with pytest.raises(HistoryError, match=r"^2 of 3 histories have workflow id 'x': 1 "):
        read_history([one, other, one_and_other()[0]], which="x")


def test_a_line_ends_at_a_line_feed_only(tmp_path: Path):
    family, _ = one_and_other()
    family["events"][0]["workflowExecutionStartedEventAttributes"]["identity"] = "a\u2028b\x85c"
    path = tmp_path / "history.jsonl"
    path.write_text("\n".join(json.dumps(event, ensure_ascii=False) for event in family["events"]))
    assert read_history(path).event(1).worker == "a\u2028b\x85c"


@pytest.mark.parametrize(
    "second", ["{", "[", "{}", "[]", "[[]]", "}", "nul", '{"a": ' + "9" * 5000 + "}", "[" * 9999]
)
@pytest.mark.parametrize("between", ["", "\n", " , ", "\u2028"])
def test_what_follows_a_history_is_read_or_refused_and_nothing_else(second: str, between: str):
    text = (DATA / "family.json").read_text()
    with pytest.raises(HistoryError) as caught:
        read_history(text + between + second)
    assert "\n" not in caught.value.seen


def test_an_event_type_may_have_any_name():
    family, _ = one_and_other()
    family["events"][4]["eventType"] = "{0.x}}"
    del family["events"][5:]
    history = read_history(family)
    assert explain(history.event(5)).startswith("The server recorded {0.x}}")
    assert explain(history.event(4), history).endswith("with 1 command: {0.x}}.")


CADENCE = """{"events": [
  {"eventId": 1, "timestamp": 1, "eventType": "WorkflowExecutionStarted"},
  {"eventId": 2, "timestamp": 2, "eventType": "DecisionTaskScheduled"}
]}"""


@pytest.mark.parametrize(
    ("name", "content", "seen", "hint"),
    [
        ("h.json", "", "h.json is empty", "-o json"),
        ("h.json", " \n", "h.json is empty", "-o json"),
        ("h.html", "<!doctype html>\n<p>", r"h.html is a web page \(HTML\)", "Download"),
        ("h.txt", "Hello there", "h.txt holds no JSON", "-o json"),
        ("h.json", CADENCE, "this is a history of Cadence", "temporal workflow show"),
        (
            "h.json",
            '{"events": [{"eventId": ' + "9" * 5000 + "}]}",
            "more digits than Python reads",
            "-o json",
        ),
    ],
)
def test_what_is_no_history_is_told_by_what_it_is(
    tmp_path: Path, name: str, content: str, seen: str, hint: str
):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(HistoryError, match=seen) as caught:
        read_history(path)
    assert hint in caught.value.hint


def test_the_table_that_the_cli_prints_for_people_is_told_from_json():
    with pytest.raises(
        HistoryError, match=r"table\.txt is the table that `temporal workflow show` prints"
    ) as caught:
        read_history(FIELD / "table.txt")
    assert caught.value.hint == "have it as JSON: temporal workflow show -w ID -o json > history.json"


def test_half_a_pair_of_code_units_is_shown_as_it_was_written():
    history = read_history(FIELD / "lone_surrogate.json")
    values = json.dumps([dict(event.payloads) for event in history], ensure_ascii=False, default=str)
    assert values.encode(), "it can be written to a file"
    assert "\\ud800" in values


def test_an_integer_that_python_does_not_write_does_no_harm():
    data = json.loads((DATA / "family.json").read_text())
    started = data["events"][0]["workflowExecutionStartedEventAttributes"]
    digits = base64.b64encode(b"1" * (sys.get_int_max_str_digits() + 1)).decode()
    started["input"] = {"payloads": [{"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": digits}]}
    assert read_history(data).event(1).payloads["input"] == ("<json/plain, 4301 bytes>",)
