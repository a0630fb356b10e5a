"""The timeline in words: the words beside a bar, and the whole as a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from tutorial_lib.views.execution.lane_kinds import Lane
from tutorial_lib.views.execution.lanes import TASKS, WORKFLOW, Lanes
from tutorial_lib.views.kit.time import duration

SYMBOLS: Final = {"good": "✓", "bad": "✗", "off": "⊘", "open": "▸", "none": ""}
WORDS: Final = {
    "activity": ("activity", "activities"),
    "local": ("local activity", "local activities"),
    "timer": ("timer", "timers"),
    "child": ("child workflow", "child workflows"),
    "signal": ("signal", "signals"),
    "update": ("update", "updates"),
    "nexus": ("Nexus operation", "Nexus operations"),
    "external": ("message to another workflow", "messages to other workflows"),
}
MOST_NAMES: Final = 5  # of a kind, in the sentence


def verdict(lane: Lane) -> str:
    """The words beside a bar: symbol and word, never a colour alone."""
    tries = f" · attempt {lane['attempt']}" if lane["attempt"] > 1 else ""
    if lane["mood"] == "open":
        return f"▸ {lane['state']}{tries}"
    if lane["mood"] == "none" or lane["end"] is None:
        return ""
    if lane["mood"] == "good":
        word = f"✓ {lane['state']} · " if lane["kind"] == "workflow" else "✓ " if tries else ""
        return f"{word}{duration(lane['end'] - lane['start'])}{tries}"
    why = f": {line(lane['note'], 60)}" if lane["note"] else ""
    return f"{SYMBOLS[lane['mood']]} {lane['state']}{why}{tries}"


def alt_text(lanes: Lanes, *, running: bool, what: str = "Timeline") -> str:
    """What a view shows, in a sentence or two that are the same for each run of the same workflow.

    Args:
        lanes: All that happened.
        running: Whether the execution runs: how far it has got is left out then.
        what: The kind of view.
    """
    if not lanes.lanes:
        return f"{what} of a workflow execution that has no events yet."
    main = lanes.lanes[WORKFLOW]
    if running:
        return f"{what} of workflow {main['name']}, which is still running."
    runs = f" in {len(lanes.runs)} runs" if len(lanes.runs) > 1 else ""
    parts = [_told(kind, [lane for lane in lanes.lanes if lane["kind"] == kind]) for kind in WORDS]
    told = "; ".join(part for part in parts if part)
    why = f" ({line(main['note'])})" if main["mood"] == "bad" and main["note"] else ""
    return f"{what} of workflow {main['name']}: {main['state']}{why}{runs}." + (f" {told}." if told else "")


def waits(lanes: Lanes) -> str:
    """What a running execution waits for; "" if a lane shows it, and of one that is over."""
    main = lanes.lanes[WORKFLOW]
    if main["mood"] != "open":
        return ""
    if main["state"] == "paused":
        return "its workflow tasks are held back while it is paused"
    task = lanes.tasks[-1] if lanes.tasks else None
    if task is None or task["scheduled"] < lanes.runs[-1]:
        return "its first workflow task is not due yet"
    if task["mood"] == "bad":
        return f"its workflow task {task['state']} and is tried again"
    if task["started"] is None:
        return "waits for a worker"
    shown = task["ended"] is None or any(lane["mood"] == "open" for lane in lanes.lanes[TASKS + 1 :])
    return "" if shown else "waits for a signal, an update or a cancellation"


def _told(kind: str, lanes: Sequence[Lane]) -> str:
    """E.g. "3 activities: charge completed at attempt 3, ship completed (2)"."""
    if not lanes:
        return ""
    if kind == "signal":
        many = sum(len(lane["events"]) for lane in lanes)
        names = Counter({lane["name"]: len(lane["events"]) for lane in lanes})
    else:
        many = len(lanes)
        names = Counter(_fate(lane) for lane in lanes)
    told = [f"{name} ({times})" if times > 1 and many > 1 else name for name, times in names.items()]
    more = len(told) - MOST_NAMES
    if more > 1:
        told = [*told[:MOST_NAMES], f"{more} more"]
    return f"{many} {WORDS[kind][many != 1]}: {', '.join(told)}"


def _fate(lane: Lane) -> str:
    tries = f" at attempt {lane['attempt']}" if lane["attempt"] > 1 else ""
    state = "not over" if lane["mood"] == "open" else lane["state"]
    return f"{lane['name']} {state}{tries}"


def line(words: str, most: int = 80) -> str:
    """The first line of a message, cut to a length in characters."""
    first = words.strip().split("\n", 1)[0]
    return first if len(first) <= most else first[: most - 1] + "…"
