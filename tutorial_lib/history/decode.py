"""Payloads and failures as plain values. What cannot be decoded becomes a short text; nothing raises."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import ApplicationErrorCategory, RetryState, TimeoutType
from temporalio.api.failure.v1 import Failure as FailureProto
from temporalio.converter import PayloadConverter

from tutorial_lib.history.events import Failure
from tutorial_lib.history.protobuf_values import enum_names

_HALVES = re.compile("[\ud800-\udfff]")  # of a pair of code units: alone, they are no character
_LONGEST_CHAIN = 50  # causes that are followed; real ones have a handful

_RETRY_STATES = enum_names(RetryState.DESCRIPTOR)
_TIMEOUT_TYPES = enum_names(TimeoutType.DESCRIPTOR)
_BENIGN = ApplicationErrorCategory.APPLICATION_ERROR_CATEGORY_BENIGN
_STORED = {b"json/external-storage-reference"}  # payloads that name where the value is
_REFERENCE = b"temporal.api.sdk.v1.ExternalStorageReference"
_KINDS = {
    "application_failure_info": "application",
    "timeout_failure_info": "timeout",
    "canceled_failure_info": "canceled",
    "terminated_failure_info": "terminated",
    "server_failure_info": "server",
    "reset_workflow_failure_info": "reset",
    "activity_failure_info": "activity",
    "child_workflow_execution_failure_info": "child workflow",
    "nexus_operation_execution_failure_info": "nexus",
    "nexus_handler_failure_info": "nexus handler",
}


class Decoder:
    """Decodes with a payload converter; a codec's work is done before (`codec.decoded`).

    Args:
        converter: The converter of the workers' data converter; the SDK's default one if None.

    Attributes:
        unreadable: How many payloads could not be decoded so far, by their encoding.
    """

    def __init__(self, converter: PayloadConverter | None = None) -> None:
        self._converter = converter or PayloadConverter.default
        self._is_default = self._converter is PayloadConverter.default
        self.unreadable: Counter[str] = Counter()

    def value(self, payload: Payload) -> object:
        """The value in a payload, or a short text about it: "<binary/encrypted, 93 bytes>"."""
        encoding = payload.metadata.get("encoding", b"")
        if encoding in _STORED or payload.metadata.get("messageType") == _REFERENCE:
            self.unreadable["external storage"] += 1
            return "<in external storage>"
        try:
            # The converter would want to know the message type.
            is_protobuf = encoding == b"json/protobuf"
            value = json.loads(payload.data) if is_protobuf else self._converter.from_payload(payload)
        except Exception:  # noqa: BLE001 - a history must be shown whatever its payloads are
            told = encoding.decode("ascii", "replace") or "no encoding"
            if payload.data or encoding:
                self.unreadable[told] += 1
            return f"<{told}, {len(payload.data)} bytes>"
        return _whole(value) if not self._is_default or b"\\u" in payload.data else value

    def values(self, payloads: Iterable[Payload]) -> tuple[object, ...]:
        """The values of several payloads."""
        return tuple(self.value(payload) for payload in payloads)

    def mapping(self, payloads: Mapping[str, Payload]) -> dict[str, object]:
        """The values of named payloads (a memo, search attributes, a header) by sorted name."""
        return {name: self.value(payloads[name]) for name in sorted(payloads)}

    def failure(self, proto: FailureProto) -> Failure:
        """A failure with its causes."""
        chain = [proto]
        while chain[-1].HasField("cause") and len(chain) < _LONGEST_CHAIN:
            chain.append(chain[-1].cause)
        failure = self._link(chain.pop(), None)
        while chain:
            failure = self._link(chain.pop(), failure)
        return failure

    def _link(self, proto: FailureProto, cause: Failure | None) -> Failure:
        which = proto.WhichOneof("failure_info")
        info: Any = getattr(proto, which) if which else None
        hidden = self.value(proto.encoded_attributes) if proto.HasField("encoded_attributes") else None
        shown = hidden if isinstance(hidden, dict) else {}  # "Encoded failure" tells nothing
        details = getattr(info, "details", None) or getattr(info, "last_heartbeat_details", None)
        return Failure(
            message=str(shown.get("message", proto.message)),
            type=str(getattr(info, "type", "")),
            kind=_KINDS.get(which or "", "unknown"),
            non_retryable=bool(getattr(info, "non_retryable", False)),
            stack=str(shown.get("stack_trace", proto.stack_trace)),
            cause=cause,
            details=self.values(details.payloads) if details else (),
            timeout_type=_TIMEOUT_TYPES.get(getattr(info, "timeout_type", 0), ""),
            retry_state=_RETRY_STATES.get(getattr(info, "retry_state", 0), ""),
            name=_name(info),
            opened_by=getattr(info, "scheduled_event_id", 0)
            or getattr(info, "initiated_event_id", 0)
            or None,
            benign=getattr(info, "category", 0) == _BENIGN,
        )


def _name(info: Any) -> str:
    """The type of the activity or child workflow, or the operation, that a failure is about."""
    for field in ("activity_type", "workflow_type"):
        if kind := getattr(info, field, None):
            return str(kind.name)
    return str(getattr(info, "operation", ""))


def _whole(value: Any) -> Any:
    """A value whose texts can be written to a file: a lone half of a pair is shown as it was written."""
    if isinstance(value, str):
        return _HALVES.sub(lambda half: f"\\u{ord(half[0]):04x}", value)
    if type(value) is list:
        return [_whole(each) for each in value]
    if type(value) is dict:
        return {_whole(name): _whole(each) for name, each in value.items()}
    return value
