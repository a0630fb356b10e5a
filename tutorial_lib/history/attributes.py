"""The attributes of one protobuf event, sorted into the few fields that every `Event` has.

One handler per field, chosen once per message type: by the field's name where it has a meaning of its own
(`identity`, `scheduled_event_id`), else by its type (payloads, durations, enums), else as plain JSON.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from tutorial_lib.history.decode import Decoder
from tutorial_lib.history.events import Failure
from tutorial_lib.history.protobuf_values import enum_names, key, plain, seconds


class Parts:
    """What has been found in an event so far; the reader makes the `Event` of it."""

    __slots__ = (
        "attempt",
        "attributes",
        "failure",
        "name",
        "opened_by",
        "payloads",
        "summary",
        "task",
        "worker",
    )

    def __init__(self) -> None:
        self.name = ""
        self.opened_by: int | None = None
        self.task: int | None = None
        self.attempt: int | None = None
        self.worker = ""
        self.summary = ""
        self.failure: Failure | None = None
        self.payloads: dict[str, tuple[object, ...]] = {}
        self.attributes: dict[str, object] = {}


Handler = Callable[[Parts, Any, Decoder], None]


def collect(message: Message, parts: Parts, decoder: Decoder) -> None:
    """Sort all set fields of `message` into `parts`."""
    handlers = _handlers(message.DESCRIPTOR)
    for field, value in message.ListFields():
        handlers[field.name](parts, value, decoder)


@cache
def _handlers(descriptor: Descriptor) -> dict[str, Handler]:
    return {field.name: _handler(field) for field in descriptor.fields}


def _handler(field: FieldDescriptor) -> Handler:
    if field.name in _BY_NAME:
        return _BY_NAME[field.name]
    if field.message_type is not None and not field.is_repeated:
        by_type = _BY_TYPE.get(field.message_type.full_name)
        if by_type is not None:
            return by_type(field.name)
    return _plain(field)


def _plain(field: FieldDescriptor) -> Handler:
    name = key(field)
    if field.enum_type is not None and not field.is_repeated:
        names = enum_names(field.enum_type)

        def enum(parts: Parts, value: Any, _: Decoder) -> None:
            parts.attributes[name] = names.get(value, str(value))

        return enum
    if field.message_type is None and not field.is_repeated and field.type != FieldDescriptor.TYPE_BYTES:

        def scalar(parts: Parts, value: Any, _: Decoder) -> None:
            parts.attributes[name] = value

        return scalar

    def anything(parts: Parts, value: Any, _: Decoder) -> None:
        told = plain(field, value)
        if told not in ({}, []):
            parts.attributes[name] = told

    return anything


def _slot(slot: str) -> Handler:
    def handler(parts: Parts, value: Any, _: Decoder) -> None:
        # A long history has the same few names and identities everywhere: one object for each.
        setattr(parts, slot, sys.intern(value) if type(value) is str else value)

    return handler


def _type(_: str) -> Handler:
    def handler(parts: Parts, value: Any, _: Decoder) -> None:
        parts.name = sys.intern(value.name)

    return handler


def _payloads(name: str) -> Handler:
    def handler(parts: Parts, value: Any, decoder: Decoder) -> None:
        parts.payloads[name] = decoder.values(value.payloads)

    return handler


def _payload(name: str) -> Handler:
    def handler(parts: Parts, value: Any, decoder: Decoder) -> None:
        parts.payloads[name] = (decoder.value(value),)

    return handler


def _named_payloads(map_field: str) -> Callable[[str], Handler]:
    def make(name: str) -> Handler:
        def handler(parts: Parts, value: Any, decoder: Decoder) -> None:
            if fields := getattr(value, map_field):
                parts.payloads[name] = (decoder.mapping(fields),)

        return handler

    return make


def _duration(name: str) -> Handler:
    name = name.removesuffix("_timeout") + "_seconds"

    def handler(parts: Parts, value: Any, _: Decoder) -> None:
        if length := seconds(value):  # the server writes 0 s for "not given"
            parts.attributes[name] = length

    return handler


def _execution(name: str) -> Handler:
    prefix = name.removesuffix("workflow_execution")  # "", "parent_", "root_", "external_"

    def handler(parts: Parts, value: Any, _: Decoder) -> None:
        parts.attributes[f"{prefix}workflow_id"] = value.workflow_id
        if value.run_id:
            parts.attributes[f"{prefix}run_id"] = value.run_id

    return handler


def _task_queue(name: str) -> Handler:
    def handler(parts: Parts, value: Any, _: Decoder) -> None:
        parts.attributes[name] = sys.intern(value.normal_name or value.name)
        if value.normal_name:
            parts.attributes["sticky_queue"] = value.name

    return handler


def _other_failure(name: str) -> Handler:
    def handler(parts: Parts, value: Any, decoder: Decoder) -> None:
        failure = decoder.failure(value)
        parts.attributes[name] = {"message": failure.message, "type": failure.type, "kind": failure.kind}

    return handler


def _inside(_: str) -> Handler:
    return lambda parts, value, decoder: collect(value, parts, decoder)


def _update_input(_: str) -> Handler:
    def handler(parts: Parts, value: Any, decoder: Decoder) -> None:
        parts.name = value.name
        parts.payloads["input"] = decoder.values(value.args.payloads)
        if value.header.fields:
            parts.payloads["header"] = (decoder.mapping(value.header.fields),)

    return handler


def _failure(parts: Parts, value: Any, decoder: Decoder) -> None:
    parts.failure = decoder.failure(value)


def _marker_details(parts: Parts, value: Any, decoder: Decoder) -> None:
    if hasattr(value, "payloads"):  # of a cancellation or termination; a marker has a map
        parts.payloads["details"] = decoder.values(value.payloads)
        return
    for name in sorted(value):
        parts.payloads[name] = decoder.values(value[name].payloads)


_BY_NAME: dict[str, Handler] = {
    "identity": _slot("worker"),
    "attempt": _slot("attempt"),
    "workflow_task_completed_event_id": _slot("task"),
    "scheduled_event_id": _slot("opened_by"),
    "initiated_event_id": _slot("opened_by"),
    "accepted_event_id": _slot("opened_by"),
    "timer_id": _slot("name"),
    "signal_name": _slot("name"),
    "marker_name": _slot("name"),
    "operation": _slot("name"),
    "failure": _failure,
    "success": _payloads("result"),  # of an update
    "details": _marker_details,
}

_BY_TYPE: dict[str, Callable[[str], Handler]] = {
    "temporal.api.common.v1.Payloads": _payloads,
    "temporal.api.common.v1.Payload": _payload,
    "temporal.api.common.v1.Header": _named_payloads("fields"),
    "temporal.api.common.v1.Memo": _named_payloads("fields"),
    "temporal.api.common.v1.SearchAttributes": _named_payloads("indexed_fields"),
    "temporal.api.common.v1.WorkflowType": _type,
    "temporal.api.common.v1.ActivityType": _type,
    "temporal.api.common.v1.WorkflowExecution": _execution,
    "temporal.api.taskqueue.v1.TaskQueue": _task_queue,
    "temporal.api.update.v1.Request": _inside,
    "temporal.api.update.v1.Meta": _inside,
    "temporal.api.update.v1.Outcome": _inside,
    "temporal.api.update.v1.Input": _update_input,
    "temporal.api.failure.v1.Failure": _other_failure,
    "google.protobuf.Duration": _duration,
}
