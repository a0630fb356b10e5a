"""Histories through payload codec and external storage: their payloads, made readable before conversion."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload, Payloads, SearchAttributes
from temporalio.api.history.v1 import HistoryEvent
from temporalio.converter import DataConverter

from tutorial_lib import sdk


def decodes(converter: DataConverter) -> bool:
    """Whether a data converter does more with payloads than to convert them."""
    return converter.payload_codec is not None or converter.external_storage is not None


async def decoded(events: Iterable[HistoryEvent], converter: DataConverter) -> list[HistoryEvent]:
    """Copies of events whose payloads are fetched and decoded; what is refused stays as it was.

    Args:
        events: As the server keeps them: encrypted, compressed, or stored elsewhere.
        converter: The workers' data converter.
    """
    copies = []
    for event in events:
        copy = HistoryEvent()
        copy.CopyFrom(event)
        await _decode(copy, converter)
        copies.append(copy)
    return copies


async def _decode(message: Message, converter: DataConverter) -> None:
    if isinstance(message, SearchAttributes):  # the server reads these: they are never encoded
        return
    if isinstance(message, Payloads):
        readable = await _tried(list(message.payloads), converter)
        del message.payloads[:]
        message.payloads.extend(readable)
    elif isinstance(message, Payload):
        readable = await _tried([message], converter)
        if len(readable) == 1:
            message.CopyFrom(readable[0])
    else:
        for inner in _messages(message):
            await _decode(inner, converter)


async def _tried(payloads: list[Payload], converter: DataConverter) -> list[Payload]:
    try:
        return await sdk.received(converter, payloads)
    except Exception:  # noqa: BLE001 - another key, or not encoded at all: a history must be shown all the same
        return payloads


def _messages(message: Message) -> list[Any]:
    found: list[Any] = []
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            if field.message_type.fields_by_name["value"].message_type is not None:
                found.extend(value.values())
        elif field.is_repeated:
            found.extend(value)
        else:
            found.append(value)
    return found
