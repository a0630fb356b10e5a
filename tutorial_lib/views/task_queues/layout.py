"""Task queues as plain data for a picture: the queue that nobody polls is the first, with the likely typo.

Drawn by static/view.js and by `task_queues_picture`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from tutorial_lib.stage.likely_names import likely, typo
from tutorial_lib.views.task_queues.facts import Queue, Side

NOBODY: Final = "nobody polls"
NO_WORKER: Final = "no worker"  # nothing waits yet, but something will
SYMBOLS: Final = {
    NOBODY: "▲",
    NO_WORKER: "△",
    "work waits": "◐",
    "polled": "●",
    "left over": "○",
    "quiet": "○",
}

Row = dict[str, Any]
_KINDS: Final = (("workflow", "workflow tasks"), ("activity", "activity tasks"))


def task_queues_layout(queues: Sequence[Queue], names: Mapping[str, str] | None = None) -> list[Row]:
    """What the view of task queues shows, problems first.

    Args:
        queues: The queues.
        names: What to call pollers, by identity; others are "another process".

    Returns:
        A dict for each queue: "name", "verdict" (a key of `SYMBOLS`), "symbol", "advice" (a sentence; "" if
        all is well), "elsewhere" (whether that is about work in another namespace), and for "workflow" and
        "activity" a dict of "pollers" (names), "identities", "backlog", "since", "needed" (how many depend on
        it) and "stuck".
    """
    rows = [_row(queue, queues, names or {}) for queue in queues]
    return sorted(rows, key=lambda row: (list(SYMBOLS).index(row["verdict"]), row["name"]))


def sentence(rows: Sequence[Row]) -> str:
    """The queues in words, the same at each run: no counts, no identities."""
    if not rows:
        return "Task queues: none is in use."
    return "Task queues. " + " ".join(_words(row) for row in rows)


def _row(queue: Queue, queues: Sequence[Queue], names: Mapping[str, str]) -> Row:
    verdict = _verdict(queue)
    return {
        "name": queue.name,
        "verdict": verdict,
        "symbol": SYMBOLS[verdict],
        "advice": _advice(queue, verdict, queues),
        "elsewhere": bool(queue.workflow.waits_in),
        **{kind: _side(getattr(queue, kind), names) for kind, _ in _KINDS},
    }


def _side(side: Side, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "pollers": [names.get(identity, "another process") for identity in side.pollers],
        "identities": list(side.pollers),
        "backlog": side.backlog,
        "since": round(side.since),
        "needed": len(side.needed_by),
        "stuck": side.stuck,
    }


def _verdict(queue: Queue) -> str:
    sides = (queue.workflow, queue.activity)
    if any(side.stuck for side in sides):
        return NOBODY
    if any(side.needed_by and not side.pollers for side in sides):
        return NO_WORKER
    if any(side.backlog and side.pollers for side in sides):
        return "work waits"
    if any(side.pollers for side in sides):
        return "polled"
    return "left over" if any(side.backlog for side in sides) else "quiet"


def _advice(queue: Queue, verdict: str, queues: Sequence[Queue]) -> str:
    if verdict == NOBODY:
        return " ".join(
            _stuck_words(queue, kind, words, queues) for kind, words in _KINDS if getattr(queue, kind).stuck
        )
    if verdict == NO_WORKER:
        return "Nobody polls. Nothing waits yet, but what is open needs a worker here sooner or later."
    if queue.workflow.waits_in:
        there = ", ".join(map(repr, queue.workflow.waits_in))
        return (
            f"Work for {queue.name!r} waits in namespace {there}, where nobody polls. This is namespace "
            f"{queue.namespace!r}: a client that starts work for these workers needs it."
        )
    return {
        "work waits": "Its workers are busy, or slower than work comes in.",
        "left over": "What waits here belongs to executions that are over.",
        "quiet": "Nobody polls and nothing waits.",
    }.get(verdict, "")


def _stuck_words(queue: Queue, kind: str, words: str, queues: Iterable[Queue]) -> str:
    """What is wrong with a side of a queue, and the likely reason."""
    name = queue.name
    if there := getattr(queue, kind).polled_in:
        return (
            f"Its {words} wait: start a worker here. The one that polls {name!r} in namespace "
            f"{', '.join(map(repr, there))} cannot see them: its client needs namespace={queue.namespace!r}."
        )
    polled = [other.name for other in queues if other.name != name and getattr(other, kind).pollers]
    if near := likely(name, polled):
        return f"Its {words} wait. A worker polls {near!r}: {typo(name, near)}"
    if polled:
        listed = ", ".join(map(repr, sorted(polled)))
        return f"Its {words} wait. Workers poll {listed}: start one here."
    return f"Its {words} wait: start a worker here, and they go on at once."


def _words(row: Row) -> str:
    if row["verdict"] == NOBODY:
        return f"{row['name']!r}: {row['symbol']} {NOBODY}. {row['advice']}"
    # Whether work waits for a moment where workers are is a matter of luck: the text does not say it.
    word = "polled" if row["verdict"] == "work waits" else row["verdict"]
    if row["elsewhere"]:
        return f"{row['name']!r}: {word}. {row['advice']}"
    return f"{row['name']!r}: {word}."
