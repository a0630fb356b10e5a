"""Protobuf values as plain, JSON-able ones: durations in seconds, enums as the docs write them."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from functools import cache
from typing import Any

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from tutorial_lib.history.kinds import camel

_NANOS = 1_000_000_000
_DEEPEST = 20  # levels of nested messages that are told; real ones have five


@cache
def enum_names(enum: EnumDescriptor) -> dict[int, str]:
    """The values of an enum by number: {1: "StartToClose", ...}; that of 0, "unspecified", is left out."""
    prefix = enum_prefix(enum)
    return {value.number: camel(value.name, prefix) for value in enum.values if value.number}


def enum_prefix(enum: EnumDescriptor) -> str:
    """What all values of an enum begin with: "TIMEOUT_TYPE_" for TimeoutType."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", enum.name).upper() + "_"


def seconds(duration: Duration) -> float:
    """A duration in seconds."""
    return float(duration.seconds + duration.nanos / _NANOS)


def nanoseconds(time: Timestamp) -> int:
    """A timestamp in nanoseconds since 1970."""
    return int(time.seconds * _NANOS + time.nanos)


def moment(nanos: int) -> datetime | None:
    """Nanoseconds since 1970 as a UTC time, which Python has to the microsecond; None if out of its range."""
    try:
        return datetime.fromtimestamp(nanos // _NANOS, UTC).replace(microsecond=nanos % _NANOS // 1000)
    except (OverflowError, ValueError, OSError):
        return None


def message(value: Message, depth: int = 0) -> object:
    """What is set in a message: {"initial_interval_seconds": 1.0, "maximum_attempts": 3}."""
    if isinstance(value, Duration):
        return seconds(value)
    if isinstance(value, Timestamp):
        time = moment(nanoseconds(value))
        return time.isoformat() if time else f"{value.seconds} s after 1970"
    if depth > _DEEPEST:
        return "..."
    return {key(field): plain(field, inner, depth + 1) for field, inner in value.ListFields()}


def plain(field: FieldDescriptor, value: Any, depth: int = 0) -> object:
    """The value of any field of a message, JSON-able."""
    kind = field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        inner = kind.fields_by_name["value"]
        return {str(name): _one(inner, value[name], depth) for name in sorted(value)}
    if field.is_repeated:
        return [_one(field, item, depth) for item in value]
    return _one(field, value, depth)


def key(field: FieldDescriptor) -> str:
    """The name of an attribute: `start_to_close_timeout`, a duration, is "start_to_close_seconds"."""
    if field.message_type is not None and field.message_type.full_name == "google.protobuf.Duration":
        return field.name.removesuffix("_timeout") + "_seconds"
    return field.name


def _one(field: FieldDescriptor, value: Any, depth: int) -> object:
    if field.enum_type is not None:
        return enum_names(field.enum_type).get(value, str(value))
    if field.message_type is not None:
        return message(value, depth)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value
