"""Payloads of a history's JSON: as the server wrote them, or decoded by the tool that wrote the file.

    {"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "IkFkYSI="}    the server, the CLI, the SDKs
    {"metadata": {"encoding": "json/plain"}, "data": "Ada"}               the Web UI, "Human Readable"
    {"metadata": {"encoding": "anNv...",                                  the same, of older versions
                  "encodingDecoded": "json/plain"}, "data": "Ada"}
    "Ada"                                                                 the server's HTTP API, "shorthand"

In each case the payload becomes what the server has, so that it decodes and replays as it did there.

Shorthand has a value in place of its payload, and a list in place of a `Payloads` message; only what is no
JSON remains a payload there, with its encoding (common/v1/payload_json.go of Temporal's api-go). So `{}` is a
value in shorthand, and elsewhere a payload without data. A list is shorthand by itself; of a lone payload, as
in a memo, the other payloads of the file decide.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, Final

from tutorial_lib.history.json_values import WrongError, base64_bytes

_FIELDS: Final = frozenset({"metadata", "data", "externalPayloads", "external_payloads"})
_ENCODING: Final = "encoding"
_DECODED: Final = "encodingDecoded"
_MESSAGE_TYPE: Final = "_protoMessageType"  # in a value that is a protobuf message: its name
_VALUE_STARTS: Final = frozenset(b'{["-0123456789tfnNI \t\r\n')  # what JSON may begin with


class ShorthandError(Exception):
    """A payload that only a file in shorthand has."""


def payload(value: Any) -> dict[str, Any]:
    """A `Payload` as the constructor takes it, in a file that has shown nothing of shorthand.

    Raises:
        ShorthandError: If it is a value in place of a payload.
    """
    if value is None:
        return _of_value(value)
    if not _is_message(value):
        raise ShorthandError
    try:
        return _read(value)
    except WrongError:
        if _has_encoding(value):
            raise
        raise ShorthandError from None


def payloads(value: Any) -> dict[str, Any]:
    """A `Payloads` message in a file that has shown nothing of shorthand.

    Raises:
        ShorthandError: If it is the list of its values.
    """
    if isinstance(value, list):
        raise ShorthandError
    return _payloads(value)


def short_payload(value: Any) -> dict[str, Any]:
    """A `Payload` in a file that has shorthand."""
    return _read(value) if _is_message(value) and _has_encoding(value) else _of_value(value)


def short_payloads(value: Any) -> dict[str, Any]:
    """A `Payloads` message, or the list of its values, in a file that has shorthand."""
    if isinstance(value, list):
        return {"payloads": [short_payload(each) for each in value]}
    return _payloads(value)


def _payloads(value: Any) -> dict[str, Any]:
    """A `Payloads` message, whose values some tools have put in place of the payloads."""
    found = value.get("payloads") if isinstance(value, dict) else value
    if isinstance(value, dict) and found is None:
        return {}
    if not isinstance(found, list):
        wrong = WrongError(found, "a list")
        wrong.path.append("payloads")
        raise wrong
    return {"payloads": [_read(each) if _is_message(each) else _of_value(each) for each in found]}


def _is_message(value: Any) -> bool:
    """Whether a value may be a payload: it has nothing that a payload has not."""
    if not isinstance(value, dict) or not value.keys() <= _FIELDS:
        return False
    metadata, data = value.get("metadata"), value.get("data")
    if metadata and isinstance(metadata, dict):
        return True
    return not metadata and (data is None or isinstance(data, str))


def _has_encoding(message: Mapping[str, Any]) -> bool:
    """Whether a payload names its encoding, which each one in shorthand does."""
    metadata = message.get("metadata") or {}
    named = metadata.get(_ENCODING)
    return _DECODED in metadata or (
        isinstance(named, str) and ("/" in named or _encoded_text(named) is not None)
    )


def _read(value: Any) -> dict[str, Any]:
    """A payload in any of its forms but shorthand."""
    if not isinstance(value, dict):
        return _of_value(value)
    metadata = value.get("metadata") or {}
    data = value.get("data")
    named = metadata.get(_ENCODING)
    if _DECODED in metadata:
        return _decoded(str(metadata[_DECODED]), metadata, data)
    encoding = _encoded_text(named)
    if named is not None and encoding is None:
        return _decoded(str(named), metadata, data)
    read = _encoded_bytes(data)
    if read is None or (encoding == "json/plain" and read[:1] and read[0] not in _VALUE_STARTS):
        if encoding is None:
            raise WrongError(data, "base64")
        return _decoded(encoding, metadata, data)
    return {"metadata": {name: base64_bytes(each) for name, each in metadata.items()}, "data": read}


def _of_value(value: Any) -> dict[str, Any]:
    """A payload of which the value alone is given."""
    if value is None:
        return {"metadata": {_ENCODING: b"binary/null"}}
    if isinstance(value, dict) and isinstance(named := value.get(_MESSAGE_TYPE), str) and named:
        fields = {name: each for name, each in value.items() if name != _MESSAGE_TYPE}
        metadata = {_ENCODING: b"json/protobuf", "messageType": named.encode()}
        return {"metadata": metadata, "data": _json(fields)}
    return {"metadata": {_ENCODING: b"json/plain"}, "data": _json(value)}


def _decoded(encoding: str, metadata: Mapping[str, Any], data: Any) -> dict[str, Any]:
    """A payload whose data, and as a rule its metadata, are no longer base64."""
    names = {
        name: (_encoded_text(each) or str(each)).encode()
        for name, each in metadata.items()
        if name not in {_ENCODING, _DECODED}
    }
    found: dict[str, Any] = {"metadata": {_ENCODING: encoding.encode(), **names}}
    if encoding.startswith("json/"):
        found["data"] = _json(data)
    elif encoding != "binary/null" and data is not None:
        raw = _encoded_bytes(data)
        found["data"] = raw if raw is not None else data.encode() if isinstance(data, str) else _json(data)
    return found


_encoder = json.JSONEncoder(separators=(",", ":"))  # once, not at each value


def _json(value: Any) -> bytes:
    return _encoder.encode(value).encode()


def _encoded_text(given: Any) -> str | None:
    """The text behind base64; None if it is none, as "json/plain" is: its letters decode to no text."""
    read = _encoded_bytes(given)
    if not read or not read.isascii():
        return None
    told = read.decode("ascii")
    return told if told.isprintable() else None


def _encoded_bytes(given: Any) -> bytes | None:
    """The bytes behind base64 in either alphabet; None if it is something else."""
    if given is None:
        return b""
    if not isinstance(given, str) or len(given) % 4:
        return None
    try:
        return base64.b64decode(given.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        return None
