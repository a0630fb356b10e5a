"""The events of one history in parsed JSON, oldest first, whatever holds them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from tutorial_lib.errors import HistoryError
from tutorial_lib.history.from_protobuf import AS_WRITTEN
from tutorial_lib.history.json_values import WrongError

_SHOWN = 5  # histories that a message names
_STARTED = "workflowExecutionStartedEventAttributes"


def chosen_events(data: object, which: int | str | None = None) -> list[Any]:
    """The events of one history, oldest first.

    Args:
        data: {"events": [...]}, {"history": {"events": [...]}}, the list of events itself, or a list of such
            histories.
        which: Which history of a list: its number from 1, or its workflow id; None for the only one.

    Raises:
        HistoryError: If it is something else, a list of several of which none was chosen, or of Cadence.
    """
    histories = _histories(data)
    events = _events(histories[_choice(histories, which)])
    if any(isinstance(event, dict) and _of_cadence(event) for event in events[:3]):
        raise HistoryError(
            "this is a history of Cadence, whose workers take decision tasks; Temporal's take workflow tasks",
            "the course reads histories of Temporal: `temporal workflow show -w ID -o json > history.json`",
        )
    return events[::-1] if _newest_first(events) else events


def _histories(data: object) -> Sequence[object]:
    """The histories in a list of them; else the one that is given."""
    if isinstance(data, list) and data and all(_has_events(each) for each in data):
        return data
    return [data]


def _inner(data: object) -> object:
    if isinstance(data, dict) and isinstance(data.get("history"), dict):
        return data["history"]
    return data


def _has_events(data: object) -> bool:
    inner = _inner(data)
    return isinstance(inner, dict) and isinstance(inner.get("events"), list)


def _events(history: object) -> list[Any]:
    inner = _inner(history)
    events = inner.get("events") if isinstance(inner, dict) else inner
    if not isinstance(events, list):
        wrong = WrongError(inner, '{"events": [...]}')
        raise HistoryError(f"no history in this JSON: {wrong}", AS_WRITTEN)
    return events


def _choice(histories: Sequence[object], which: int | str | None) -> int:
    """The index of the history that was chosen."""
    many = len(histories)
    if isinstance(which, int):
        fitting = [which - 1] if 1 <= which <= many else []
    else:
        fitting = [k for k in range(many) if not which or _workflow_id(histories[k]) == which]
    if len(fitting) == 1:
        return fitting[0]
    told = "one history" if many == 1 else f"{many} histories"
    if not fitting:
        asked = f"number {which}" if isinstance(which, int) else f"of workflow id {which!r}"
        raise HistoryError(f"no history {asked} among {told}", f"there is: {_listed(histories)}")
    raise HistoryError(
        f"{len(fitting)} histories are in one file: {_listed(histories)}",
        "choose one: `tutorial show FILE --which 1`, or `lab.history(json.load(open(FILE))[0])` in a cell",
    )


def _listed(histories: Sequence[object]) -> str:
    """E.g. "1 (Order order-1, 40 events), 2 (...) and 7 more"."""
    told = [f"{k} ({_told(each)})" for k, each in enumerate(histories[:_SHOWN], 1)]
    more = f" and {len(histories) - _SHOWN} more" if len(histories) > _SHOWN else ""
    return ", ".join(told) + more


def _told(history: object) -> str:
    events = _events(history)
    started = _started(history)
    kind = started.get("workflowType")
    names = [kind.get("name") if isinstance(kind, dict) else "", _workflow_id(history)]
    named = " ".join(str(name)[:60] for name in names if name)
    return f"{named + ', ' if named else ''}{len(events)} {'event' if len(events) == 1 else 'events'}"


def _workflow_id(history: object) -> str:
    return str(_started(history).get("workflowId") or "")


def _started(history: object) -> dict[str, Any]:
    """The attributes of the event that starts a run, first or last in the list; {} if there is none."""
    events = _events(history)
    for event in (*events[:1], *events[-1:]):
        found = event.get(_STARTED) if isinstance(event, dict) else None
        if isinstance(found, dict):
            return found
    return {}


def _of_cadence(event: dict[str, Any]) -> bool:
    kind = event.get("eventType") or event.get("event_type")
    return isinstance(kind, str) and kind.upper().replace("_", "").removeprefix("EVENTTYPE").startswith(
        "DECISIONTASK"
    )


def _newest_first(events: Sequence[Any]) -> bool:
    """Whether the events are numbered downwards, as `temporal workflow show --reverse` has them."""
    if not events or _number(events[0]) < 2 or _number(events[-1]) != 1:  # noqa: PLR2004 - 1 is the oldest
        return False
    return all(a == b + 1 for a, b in pairwise(map(_number, events)))


def _number(event: Any) -> int:
    try:
        return int(event["eventId"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return -1
