"""Any history as a `History`: from a handle, the SDK, protobuf, JSON text, a dict or a file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from temporalio.api.history.v1 import History as HistoryProto
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHandle, WorkflowHistory
from temporalio.converter import DataConverter

from tutorial_lib import sdk
from tutorial_lib.background import run_apart
from tutorial_lib.errors import HistoryError
from tutorial_lib.history.codec import decoded, decodes
from tutorial_lib.history.decode import Decoder
from tutorial_lib.history.events import Event, History
from tutorial_lib.history.forms.chosen import chosen_events
from tutorial_lib.history.forms.content import file_content, text_content
from tutorial_lib.history.forms.strangers import instead_of
from tutorial_lib.history.from_json import parse
from tutorial_lib.history.from_protobuf import AS_WRITTEN, RunReader, Unknown
from tutorial_lib.history.protobuf_values import moment

Source = WorkflowHistory | HistoryProto | dict[str, Any] | str | os.PathLike[str]


def read_history(
    source: Source,
    *,
    data_converter: DataConverter | None = None,
    which: int | str | None = None,
) -> History:
    """Read a history that is at hand.

    Args:
        source: What the SDK fetched, a protobuf history, JSON text, the same parsed, or a file's path.
        data_converter: Decodes the payloads; the SDK's default one if None.
        which: Which history, if the JSON is a list of several: its number from 1, or its workflow id.

    Raises:
        HistoryError: If it is not a whole history, or one of several and none was chosen.
    """
    given = _given(source, which)
    events = given.events
    converter = data_converter or DataConverter.default
    readable = events
    if decodes(converter):  # that is async, and this may be called in a loop
        readable = run_apart("codec", lambda: decoded(events, converter))
    decoder = Decoder(converter.payload_converter)
    history = make_history(events, readable, decoder, workflow_id=given.workflow_id, unknown=given.unknown)
    return replace(history, more=given.more and not history.closed)


async def fetch_history(
    handle: WorkflowHandle[Any, Any], *, data_converter: DataConverter | None = None
) -> History:
    """Fetch the history of the run that a handle is about: `run_id`, or else the run that it started.

    Args:
        handle: The execution. A handle with neither run id means the latest run.
        data_converter: Decodes the payloads; the client's own one if None.

    Raises:
        RPCError: If there is no such run or no server.
    """
    client = sdk.client_of(handle)
    run_id = sdk.run_of(handle)
    converter = data_converter or client.data_converter
    fetched = await client.get_workflow_handle(handle.id, run_id=run_id).fetch_history()
    readable: Sequence[HistoryEvent] = fetched.events
    if decodes(converter):
        readable = await decoded(fetched.events, converter)
    return make_history(
        fetched.events,
        readable,
        Decoder(converter.payload_converter),
        workflow_id=handle.id,
        run_id=run_id or "",
    )


def make_history(
    events: Sequence[HistoryEvent],
    readable: Sequence[HistoryEvent],
    decoder: Decoder,
    *,
    workflow_id: str = "",
    run_id: str = "",
    unknown: dict[int, Unknown] | None = None,
) -> History:
    """A `History` of protobuf events.

    Args:
        events: As the server keeps them: what a replay needs.
        readable: The same after the codec.
        decoder: Decodes payloads.
        workflow_id: Workflow id, for servers that do not write it into the history.
        run_id: Run id if known; a history that was reset has only part of it.
        unknown: What is known of events of unknown type, by id.
    """
    if not events:
        raise HistoryError("the history has no events", AS_WRITTEN)
    reader = RunReader(decoder, unknown=unknown)
    read = reader.read(readable)
    first = read[0]
    started = moment(reader.zero or 0)
    if started is None:
        raise HistoryError(f"event 1 has a time that is none: {events[0].event_time.seconds} s", AS_WRITTEN)
    own_id = str(first.attributes.get("workflow_id") or workflow_id)
    return History(
        workflow_id=own_id,
        run_id=run_id or _run_id(read),
        workflow_type=first.name,
        task_queue=str(first.attributes.get("task_queue", "")),
        started=started,
        events=read,
        source=WorkflowHistory(own_id, tuple(events)),
        unreadable=dict(decoder.unreadable),
    )


def _run_id(events: Sequence[Event]) -> str:
    """The run that a history is of: a reset copies the beginning of another run, and notes that."""
    resets = (
        event.attributes.get("new_run_id") for event in reversed(events) if event.type == "WorkflowTaskFailed"
    )
    return str(
        next((run for run in resets if run), events[0].attributes.get("original_execution_run_id", ""))
    )


@dataclass(frozen=True, slots=True)
class _Given:
    """What a source holds."""

    events: Sequence[HistoryEvent]
    workflow_id: str = ""
    unknown: dict[int, Unknown] = field(default_factory=dict)
    more: bool = False


def _given(source: Source, which: int | str | None) -> _Given:
    given: object = source
    if isinstance(given, str):
        given = text_content(given) if given.lstrip()[:1] in {"{", "[", "<", ""} else Path(given)
    if isinstance(given, os.PathLike):
        given = file_content(Path(given))
    if isinstance(given, WorkflowHistory):
        return _Given(given.events, given.workflow_id)
    if isinstance(given, HistoryProto):
        return _Given(list(given.events))
    if isinstance(given, (dict, list)):
        chosen = chosen_events(given, which)
        events, unknown = parse(chosen.events)
        return _Given(events, unknown=unknown, more=chosen.more)
    raise HistoryError(*instead_of(given))
