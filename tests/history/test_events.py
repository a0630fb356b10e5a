from __future__ import annotations

import json

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.failure.v1 import Failure as FailureProto
from temporalio.api.history.v1 import HistoryEvent

from tests.support.histories import DATA
from tutorial_lib.errors import HistoryError
from tutorial_lib.history import KINDS, Event, Failure, read_history
from tutorial_lib.history.attributes import Parts, collect
from tutorial_lib.history.decode import Decoder
from tutorial_lib.history.kinds import CLOSING, KIND_OF, OPENERS, type_name

ATTRIBUTES = [field for field in HistoryEvent.DESCRIPTOR.fields if field.name.endswith("_event_attributes")]


def test_every_event_type_has_a_kind():
    names = {type_name(number) for number in EventType.values()}
    assert names == set(KIND_OF)
    assert set(KIND_OF.values()) == set(KINDS)
    assert set(CLOSING) | OPENERS <= names


def test_a_type_that_the_sdk_does_not_know_keeps_its_number():
    assert type_name(12345) == "EventType 12345"


def filled(message: Message, depth: int = 0) -> Message:
    """Something in every field of a message, for messages of any type."""
    for field in message.DESCRIPTOR.fields:
        if field.message_type is not None:
            if field.message_type.GetOptions().map_entry:
                value = field.message_type.fields_by_name["value"]
                made = getattr(message, field.name)
                if value.message_type is None:
                    made["key"] = b"x" if value.type == FieldDescriptor.TYPE_BYTES else "x"
                else:
                    filled(made["key"], depth + 1)
            elif depth < 4:
                made = getattr(message, field.name)
                filled(made.add() if field.is_repeated else made, depth + 1)
        else:
            value = {
                FieldDescriptor.CPPTYPE_STRING: b"x" if field.type == FieldDescriptor.TYPE_BYTES else "x",
                FieldDescriptor.CPPTYPE_BOOL: True,
            }.get(field.cpp_type, 1)
            if field.is_repeated:
                getattr(message, field.name).append(value)
            else:
                setattr(message, field.name, value)
    return message


@pytest.mark.parametrize("field", ATTRIBUTES, ids=lambda field: field.name.removesuffix("_event_attributes"))
def test_every_attribute_of_every_event_type_is_told(field):
    message = filled(getattr(HistoryEvent(), field.name))
    parts = Parts()
    collect(message, parts, Decoder())
    json.dumps(parts.attributes)  # JSON-able
    told = len(parts.attributes) + len(parts.payloads)
    told += sum(value not in {None, ""} for value in (parts.name, parts.opened_by, parts.task, parts.worker))
    told += (parts.attempt is not None) + (parts.failure is not None)
    assert told >= len(message.ListFields()), f"something of {field.name} is lost"


def test_links_lead_from_answers_to_what_they_answer():
    history = read_history(DATA / "family.json")
    asked = [event for event in history if event.type == "StartChildWorkflowExecutionInitiated"]
    assert [event.payloads["input"] for event in asked] == [(1,), (2,)]
    for event in asked:
        answers = history.answers(event.id)
        assert [answer.type for answer in answers] == [
            "ChildWorkflowExecutionStarted",
            "ChildWorkflowExecutionCompleted",
        ]
        assert {answer.name for answer in answers} == {"Kid"}
    assert history.commands(4) == tuple(asked)
    assert [event.id for event in history.answers(1)] == [20]
    assert history.answers(20) == ()


def test_attempts_and_names_are_those_of_the_opener():
    history = read_history(DATA / "mixed.json")
    done = next(event for event in history if event.type == "ActivityTaskCompleted")
    assert (done.name, done.attempt, done.opened_by) == ("undo", 1, 10)
    assert done.payloads == {"result": ("undid patched",)}


def test_an_update_belongs_to_the_task_that_accepted_it():
    history = read_history(DATA / "cart.json")
    accepted = next(event for event in history if event.type == "WorkflowExecutionUpdateAccepted")
    assert (accepted.name, accepted.task, accepted.kind) == ("add", 7, "update")
    (completed,) = history.answers(accepted.id)
    assert (completed.name, completed.task, completed.payloads) == ("add", 14, {"result": (1,)})


def test_markers_are_called_what_they_are_about():
    local = next(event for event in read_history(DATA / "locals.json") if event.kind == "marker")
    assert (local.name, local.label, local.attempt) == ("core_local_activity", "undo", 1)
    assert local.payloads["result"] == ("undid l1",)
    patch = next(event for event in read_history(DATA / "mixed.json") if event.kind == "marker")
    assert (patch.name, patch.label) == ("core_patch", "v2")


def test_times_count_from_the_start():
    history = read_history(DATA / "cart.json")
    assert history.event(1).time == 0
    assert 0 < history.event(2).time < 0.01
    assert history.when(history.event(1)) == history.started
    assert (history.when(history.event(43)) - history.started).total_seconds() == pytest.approx(
        history.event(43).time, abs=1e-5
    )


def test_durations_are_seconds_and_enums_read_as_the_docs_write_them():
    history = read_history(DATA / "family.json")
    child = history.event(5)
    assert child.attributes["parent_close_policy"] == "Terminate"
    assert child.attributes["workflow_task_seconds"] == 10
    assert "workflow_run_seconds" not in child.attributes, "the server writes 0 s for not given"


def test_an_event_that_is_not_there_is_an_error_that_says_which_are():
    with pytest.raises(HistoryError, match=r"no event 44\n.*1 to 43"):
        read_history(DATA / "cart.json").event(44)


def test_events_can_be_kept_in_sets_and_compared():
    one, two = read_history(DATA / "cart.json"), read_history(DATA / "cart.json")
    assert one == two
    assert len({*one.events, *two.events}) == 43
    assert Event(1, "A", "other", 0.0) != Event(1, "A", "other", 0.0, run=1)


def test_a_failure_tells_what_failed_inside():
    proto = FailureProto(message="Activity task failed")
    proto.activity_failure_info.activity_type.name = "charge"
    proto.activity_failure_info.retry_state = 4
    proto.cause.message = "no funds"
    proto.cause.application_failure_info.type = "NoFunds"
    proto.cause.application_failure_info.non_retryable = True
    proto.cause.application_failure_info.details.payloads.add(data=b"7", metadata={"encoding": b"json/plain"})
    proto.cause.cause.message = "underneath"
    failure = Decoder().failure(proto)
    assert (failure.kind, failure.retry_state) == ("activity", "MaximumAttemptsReached")
    assert str(failure.reason) == "NoFunds: no funds"
    assert failure.reason.non_retryable
    assert failure.reason.details == (7,)
    assert failure.root == Failure("underneath", kind="unknown")


def test_an_encoded_failure_is_read():
    hidden = Payload(metadata={"encoding": b"json/plain"}, data=b'{"message": "boom", "stack_trace": "here"}')
    failure = Decoder().failure(FailureProto(message="Encoded failure", encoded_attributes=hidden))
    assert (failure.message, failure.stack) == ("boom", "here")


def test_a_long_chain_of_causes_is_cut():
    proto = FailureProto(message="first")
    link = proto
    for _ in range(200):
        link = link.cause
        link.message = "and"
    failure, links = Decoder().failure(proto), 1
    while failure.cause:
        failure, links = failure.cause, links + 1
    assert links == 50


@pytest.mark.parametrize(
    ("encoding", "data", "told"),
    [
        (b"json/plain", b'{"a": [1, null]}', {"a": [1, None]}),
        (b"binary/null", b"", None),
        (b"binary/plain", b"\x00\xff", b"\x00\xff"),
        (b"json/protobuf", b'{"seconds": 3}', {"seconds": 3}),
        (b"binary/protobuf", b"\x08\x01", "<binary/protobuf, 2 bytes>"),
        (b"binary/encrypted", b"???", "<binary/encrypted, 3 bytes>"),
        (b"json/plain", b'{"cut', "<json/plain, 5 bytes>"),
        (b"json/plain", b"[" * 100_000, "<json/plain, 100000 bytes>"),
        (b"", b"abc", "<no encoding, 3 bytes>"),
        (b"\xff", b"", "<\ufffd, 0 bytes>"),
    ],
)
def test_payloads_are_decoded_or_told_of(encoding, data, told):
    assert Decoder().value(Payload(metadata={"encoding": encoding}, data=data)) == told
