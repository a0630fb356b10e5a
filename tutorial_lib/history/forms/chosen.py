"""The events of one history in parsed JSON, oldest first, whatever holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tutorial_lib.errors import HistoryError
from tutorial_lib.history.from_protobuf import AS_WRITTEN
from tutorial_lib.history.json_values import WrongError

_SHOWN = 5  # histories that a message names
_STARTED = "workflowExecutionStartedEventAttributes"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The events of one history.

    Attributes:
        events: Oldest first.
        more: Whether the server has more of them than the file, which is a page of its answer.
    """

    events: list[Any]
    more: bool = False


def chosen_events(data: object, which: int | str | None = None) -> Chosen:
    """The events of one history.

    Args:
        data: {"events": [...]}, {"history": {"events": [...]}}, the list of events itself, or a list of such
            histories; each may be in several pieces, the next of which begins with the next event.
        which: Which history of several: its number from 1, or its workflow id; None for the only one.

    Raises:
        HistoryError: If it is something else, several histories of which none was chosen, or of Cadence.
    """
    histories = _histories(data)
    chosen = histories[_choice(histories, which)]
    if any(isinstance(event, dict) and _of_cadence(event) for event in chosen.events[:3]):
        raise HistoryError(
            "this is a history of Cadence, whose workers take decision tasks; Temporal's take workflow tasks",
            "the course reads histories of Temporal: `temporal workflow show -w ID -o json > history.json`",
        )
    return Chosen(chosen.events[::-1], chosen.more) if _newest_first(chosen.events) else chosen


def _histories(data: object) -> list[Chosen]:
    """The histories that are given, each in one piece."""
    if isinstance(data, list) and data and all(map(_has_events, data)):
        pieces = [Chosen(_events(each), _has_more(each)) for each in data]
    elif isinstance(data, list) and data and all(map(_is_event, data)):
        ascending = _number(data[0]) == 1
        starts = [0, *(k for k in range(1, len(data)) if ascending and _number(data[k]) == 1)]
        pieces = [Chosen(data[a:b]) for a, b in pairwise([*starts, len(data)])]
    else:
        return [Chosen(_events(data), _has_more(data))]
    histories = pieces[:1]
    for piece in pieces[1:]:
        if _goes_on(histories[-1].events, piece.events):
            histories[-1] = Chosen(histories[-1].events + piece.events, piece.more)
        else:
            histories.append(piece)
    return histories


def _inner(data: object) -> object:
    if isinstance(data, dict) and isinstance(data.get("history"), dict):
        return data["history"]
    return data


def _is_event(data: object) -> bool:
    return isinstance(data, dict) and "eventId" in data


def _has_events(data: object) -> bool:
    inner = _inner(data)
    if isinstance(inner, list):
        return bool(inner) and all(map(_is_event, inner))
    return isinstance(inner, dict) and isinstance(inner.get("events"), list)


def _has_more(data: object) -> bool:
    """Whether this is an answer of the server's after which there are others."""
    return isinstance(data, dict) and bool(data.get("nextPageToken") or data.get("next_page_token"))


def _events(history: object) -> list[Any]:
    inner = _inner(history)
    events = inner.get("events") if isinstance(inner, dict) else inner
    if not isinstance(events, list):
        wrong = WrongError(inner, '{"events": [...]}')
        raise HistoryError(f"no history in this JSON: {wrong}", AS_WRITTEN)
    return events


def _goes_on(before: Sequence[Any], after: Sequence[Any]) -> bool:
    """Whether events continue those of another piece, oldest or newest first."""
    if not before or not after:
        return False
    first, last, following = _number(before[0]), _number(before[-1]), _number(after[0])
    return (1 <= first <= last and following == last + 1) or (1 < last <= first and following == last - 1)


def _choice(histories: Sequence[Chosen], which: int | str | None) -> int:
    """The index of the history that was chosen."""
    many = len(histories)
    which = None if which == "" else which
    named = [k for k in range(many) if which is None or _workflow_id(histories[k].events) == which]
    number = _as_number(which)
    if len(named) == 1:
        return named[0]
    if number is not None and 1 <= number <= many:
        return number - 1
    told = "one history" if many == 1 else f"{many} histories"
    if not named:
        asked = f"of workflow id {which!r}" if number is None else f"number {number}"
        raise HistoryError(f"no history {asked} among {told}", f"there is: {_listed(histories)}")
    what = (
        f"{told} are in one file" if which is None else f"{len(named)} of {told} have workflow id {which!r}"
    )
    raise HistoryError(
        f"{what}: {_listed(histories)}",
        "choose one: `tutorial show FILE --which 1`, or `tutorial_lib.history.read_history(FILE, which=1)`",
    )


def _as_number(which: int | str | None) -> int | None:
    """The number that a choice may be: a workflow id may have digits only, too."""
    if isinstance(which, str):
        return int(which) if which.isdecimal() and len(which) < 10 else None  # noqa: PLR2004 - no list is so long
    return which


def _listed(histories: Sequence[Chosen]) -> str:
    """E.g. "1 (Order order-1, 40 events), 2 (...) and 7 more"."""
    told = [f"{k} ({_told(each.events)})" for k, each in enumerate(histories[:_SHOWN], 1)]
    more = f" and {len(histories) - _SHOWN} more" if len(histories) > _SHOWN else ""
    return ", ".join(told) + more


def _told(events: Sequence[Any]) -> str:
    kind = _started(events).get("workflowType")
    names = [kind.get("name") if isinstance(kind, dict) else "", _workflow_id(events)]
    named = " ".join(str(name)[:60] for name in names if name)
    return f"{named + ', ' if named else ''}{len(events)} {'event' if len(events) == 1 else 'events'}"


def _workflow_id(events: Sequence[Any]) -> str:
    return str(_started(events).get("workflowId") or "")


def _started(events: Sequence[Any]) -> dict[str, Any]:
    """The attributes of the event that starts a run, first or last in the list; {} if there is none."""
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
