"""Payloads of a history's JSON: as the server wrote them, or decoded by the tool that wrote the file.

    {"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "IkFkYSI="}    the server, the CLI, the SDKs
    {"metadata": {"encoding": "json/plain"}, "data": "Ada"}               the Web UI, "Human Readable"
    {"metadata": {"encoding": "anNv...",                                  the same, of older versions
                  "encodingDecoded": "json/plain"}, "data": "Ada"}
    "Ada"                                                                 the value alone, as shorthand

In each case the payload becomes what the server has, so that it decodes and replays as it did there.
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
_VALUE_STARTS: Final = frozenset(b'{["-0123456789tfnNI \t\r\n')  # what JSON may begin with


def payload(value: Any) -> dict[str, Any]:
    """A `Payload` in any of its forms, as the constructor takes it."""
    if not isinstance(value, dict) or not value.keys() <= _FIELDS:
        return _of_value(value)
    metadata = value.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise WrongError(metadata, "an object")
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


def payloads(value: Any) -> dict[str, Any]:
    """A `Payloads` message, or the list of its values as shorthand has it."""
    if isinstance(value, dict):
        value = value.get("payloads")
        if value is None:
            return {}
    if not isinstance(value, list):
        wrong = WrongError(value, "a list")
        wrong.path.append("payloads")
        raise wrong
    return {"payloads": [payload(each) for each in value]}


def _of_value(value: Any) -> dict[str, Any]:
    """A payload of which the value alone is given."""
    if value is None:
        return {"metadata": {_ENCODING: b"binary/null"}}
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
