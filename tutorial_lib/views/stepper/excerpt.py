"""What of a step fits a picture: the lines of code it is about, the events around it, the attributes then."""

from __future__ import annotations

from typing import Any, Final

_MOST: Final = 24  # lines of code that are shown
_AROUND: Final = 2  # lines shown around those that are marked

CodeRow = tuple[int, list[str], str, str, bool]  # line (0: a gap), runs, mark, note, asked for a command
EventRow = tuple[str, str, str, str, str]  # kind, symbol, number, type and name, words


def excerpt(side: dict[str, Any], step: dict[str, Any]) -> list[CodeRow]:
    """The lines that a step is about: those that ran or wait, with some around them."""
    marks = _marks(side, step)
    texts = {
        (number, first + k): runs
        for number, file in enumerate(side["files"])
        for first, lines in file["parts"]
        for k, runs in enumerate(lines)
    }
    # The places that matter most first; what ran fills the room that is left.
    order = sorted(marks, key=lambda place: _RANK.index(marks[place][0]))
    shown: set[tuple[int, int]] = set()
    for file, line in order:
        near = {(file, each) for each in range(line - _AROUND, line + _AROUND + 1)} & texts.keys()
        if len(shown | near) <= _MOST:
            shown |= near
    rows: list[CodeRow] = []
    before: tuple[int, int] | None = None
    for place in sorted(shown):
        if before and (before[0], before[1] + 1) != place:
            rows.append((0, [], "", "", False))
        mark, note = marks.get(place, ("", ""))
        asked = any((file, line) == place for _, file, line, _ in step.get("c", []))
        rows.append((place[1], texts[place], mark, note, asked))
        before = place
    return rows


_RANK = ["diverged", "waits", "asked", "ran"]


def _marks(side: dict[str, Any], step: dict[str, Any]) -> dict[tuple[int, int], tuple[str, str]]:
    pool = side["pool"]
    marks: dict[tuple[int, int], tuple[str, str]] = {}
    flat = pool[step["t"]] if "t" in step else ()
    for file, line in zip(flat[::2], flat[1::2], strict=True):
        marks[file, abs(line)] = ("ran", "")
    for _, file, line, event in step.get("c", []):
        if line:
            marks[file, line] = ("asked", f"◆ event {event}" if event else "◆ asked")
    for index in step.get("f", []):
        frames = pool[index][1]
        if frames:
            _, file, first, last, _ = frames[-1]
            for line in range(first, last + 1):
                note = marks.get((file, line), ("", ""))[1]
                words = "❚❚ waits here" if line == first else ""
                marks[file, line] = ("waits", "   ".join(filter(None, (note, words))))
    failed = step.get("x")
    if failed and failed[2]:
        marks[failed[1], failed[2]] = ("diverged", "! fails here")
    parts = side["divergence"]
    if parts and parts["line"] and side["steps"][parts["step"]] is step:
        marks[parts["file"], parts["line"]] = ("diverged", "≠ parts here")
    return marks


def event_rows(pairs: list[tuple[dict[str, Any], dict[str, Any]]], room: int) -> list[EventRow]:
    """The events around a step: what was delivered, what the commands became, what is not yet known."""
    side, step = pairs[0]
    pool, events = side["pool"], side["events"]
    delivered = {job[1] for job in step.get("j", [])}
    made = {event: line for _, _, line, event in step.get("c", []) if event}
    until = step.get("u", step["s"])
    parts = side["divergence"]
    expected = parts["event"] if parts and side["steps"][parts["step"]] is step else None
    until = max(until, expected or 0)
    total = len(events)
    last = min(total, max(until + 2, room - 1))
    rows: list[EventRow] = []
    for event in range(max(1, last - room + 2), last + 1):
        if event == until + 1:
            rows.append(("divider", "", "", "not yet known", ""))
        kind, symbol, words = "past", "", ""
        if event == expected:
            kind, symbol, words = "diverged", "≠", "expected here"
        elif event in delivered:
            kind, symbol, words = "in", "→", "delivered now"
        elif event in made:
            kind, symbol = "asked", "◆"
            words = f"asked in line {made[event]}" if made[event] else "asked now"
        elif event > until:
            kind = "unknown"
        type_, named, _ = pool[events[event - 1]]
        name = f"{type_} {named}"
        rows.append((kind, symbol, str(event), name.rstrip(), words))
    if until == total:
        rows.append(("divider", "", "", "end of the history", ""))
    return rows


def state_at(side: dict[str, Any], step: dict[str, Any]) -> dict[str, str]:
    """The attributes of self after a step, put together from the changes of the steps before."""
    state: dict[str, str] = {}
    life = 0
    for each in side["steps"]:
        if each.get("life", 0) != life:
            state, life = {}, each.get("life", 0)
        for name, value in each.get("d", {}).items():
            if value is None:
                state.pop(name, None)
            else:
                state[name] = side["pool"][value]
        if each is step:
            break
    return state
