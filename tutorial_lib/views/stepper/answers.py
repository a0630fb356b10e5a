"""Answers of a history that can be changed in the stepper: which events have one, and what was typed."""

from __future__ import annotations

import ast
import json
from typing import Any, Final

from tutorial_lib.errors import TutorialError
from tutorial_lib.history.events import Event, History

# The events that `replay.what_if` can change, and the payload that is changed.
_PAYLOADS: Final = {
    "ActivityTaskCompleted": "result",
    "ChildWorkflowExecutionCompleted": "result",
    "NexusOperationCompleted": "result",
    "WorkflowExecutionSignaled": "input",
    "WorkflowExecutionStarted": "input",
}
_LONGEST: Final = 400  # characters of a value that is offered for a change


class NoValueError(TutorialError):
    """What was typed is no value."""


def answers_of(history: History) -> dict[str, str]:
    """The value of each event that can have another, as Python writes it; by the event's id."""
    texts = {event.id: _text(event) for event in history.events if event.type in _PAYLOADS}
    return {str(number): text for number, text in texts.items() if text}


def _text(event: Event) -> str:
    """The value of an event; "" if it has none, or one that cannot be typed."""
    values = event.payloads.get(_PAYLOADS[event.type], ())
    several = len(values) > 1
    text = repr(tuple(values)) if several else repr(values[0]) if values else "None"
    try:
        return text if len(text) <= _LONGEST and ast.literal_eval(text) is not ... else ""
    except (ValueError, SyntaxError):
        return ""


def value_of(text: str) -> Any:
    """The value that was typed, in Python or in JSON.

    Raises:
        NoValueError: If it is neither.
    """
    for read in (ast.literal_eval, json.loads):
        try:
            return read(text.strip())
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
    raise NoValueError(f"{text!r} is no value", "write text in quotes: 'sold out'; or 500, True, ['a', 'b']")
