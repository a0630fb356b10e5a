"""What a file or a text holds, as parsed JSON or protobuf; for what is no history, a sentence of its own."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from google.protobuf.message import DecodeError
from temporalio.api.history.v1 import History as HistoryProto

from tutorial_lib.errors import HistoryError
from tutorial_lib.history.forms.strangers import is_workflow_id
from tutorial_lib.history.from_protobuf import AS_WRITTEN

_MARKS: Final = (  # byte order marks; that of UTF-32 begins like that of UTF-16
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TABLE: Final = re.compile(r"^\s*(\d+\s+\S+\s+)?(WorkflowExecutionStarted|Progress:|Event ID)", re.MULTILINE)
_SPACE: Final = re.compile(r"[ \t\n\r]*")


def file_content(path: Path) -> object:
    """What a file holds: a protobuf history, or parsed JSON.

    Raises:
        HistoryError: If it is neither, with what it is instead.
    """
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL character
        reason = getattr(error, "strerror", None) or error
        named = str(path)
        hint = f"for an execution, lab.client.get_workflow_handle({named!r}); for a file, its whole path"
        raise HistoryError(
            f"cannot read {named[:200]!r}: {reason}", hint if is_workflow_id(named) else AS_WRITTEN
        ) from None
    if (found := _protobuf(data)) is not None:
        return found
    text = _text(data, path)
    del data  # of 200,000 events it is 70 MB, and the text is as much
    return text_content(text, path.name)


def text_content(text: str, name: str = "") -> object:
    """The JSON in a text, parsed.

    Args:
        text: The text.
        name: Name of the file that it is from; "" if it is from none.

    Raises:
        HistoryError: If it is no JSON, with what it is instead.
    """
    what = name or "this text"
    start = text.lstrip()[:1]
    if name and not start:
        raise HistoryError(f"{what} is empty", AS_WRITTEN)
    if start == "<":
        raise HistoryError(
            f"{what} is a web page (HTML), not a history",
            "in the Web UI, open the execution and take Download instead of saving the page",
        )
    if start not in {"{", "["} and _TABLE.search(text):
        raise HistoryError(
            f"{what} is the table that `temporal workflow show` prints for people",
            "have it as JSON: temporal workflow show -w ID -o json > history.json",
        )
    return _json(text, name)


def _protobuf(data: bytes) -> HistoryProto | None:
    """A history in protobuf's own form; None if it is something else."""
    if data[:1] != b"\n":  # field 1, the events; a text may begin like this too
        return None
    try:
        found = HistoryProto.FromString(data)
    except DecodeError:
        return None
    return found if found.events and found.events[0].event_id else None


def _text(data: bytes, path: Path) -> str:
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise HistoryError(f"{path} is not a text file, and not protobuf either", AS_WRITTEN) from None


def _json(text: str, name: str) -> object:
    try:
        return _guarded(text, json.loads)
    except json.JSONDecodeError as error:
        wrong = error
    if wrong.msg == "Extra data" and text[wrong.pos] in "{[":
        try:
            return _guarded(text, _documents)
        except json.JSONDecodeError as error:
            wrong = error
    if wrong.pos >= len(text.rstrip()) or text.rstrip()[-1:] not in {"}", "]"}:
        if name and text.lstrip()[:1] not in {"{", "["}:
            raise HistoryError(f"{name} holds no JSON", AS_WRITTEN)
        raise HistoryError(f"the JSON ends too early, after {len(text)} characters", AS_WRITTEN)
    raise HistoryError(f"not JSON: {wrong.msg} (line {wrong.lineno}, column {wrong.colno})", AS_WRITTEN)


def _documents(text: str) -> list[object]:
    """One JSON document after the other: `-o jsonl` has an event a line, `cat` makes a file of several."""
    decoder, found = json.JSONDecoder(), []
    place = _after_space(text, 0)
    while place < len(text):
        document, end = decoder.raw_decode(text, place)
        found.append(document)
        place = _after_space(text, end)
    return found


def _after_space(text: str, place: int) -> int:
    space = _SPACE.match(text, place)
    return space.end() if space else place


def _guarded(text: str, parse: Callable[[str], object]) -> object:
    """Parsed JSON.

    Raises:
        json.JSONDecodeError: If it is no JSON.
        HistoryError: If Python refuses it.
    """
    try:
        return parse(text)
    except RecursionError:
        raise HistoryError("this JSON is nested too deep to be a history", AS_WRITTEN) from None
    except json.JSONDecodeError:
        raise
    except ValueError:
        raise HistoryError(
            "this JSON has a number of more digits than Python reads (4,300)", AS_WRITTEN
        ) from None
