"""Two recordings side by side: which steps belong together, and where the two first differ."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tutorial_lib.replay.steps import Recording, Step
from tutorial_lib.views.stepper import words

Axis = list[list[int | None]]

_ADDRESS = re.compile(
    r"\bat 0x[0-9a-f]+"
)  # of an object without a repr of its own: another one at each replay


def same_run(recordings: Sequence[Recording]) -> bool:
    """Whether the recordings are of one and the same history."""
    first = recordings[0].history
    return all(
        each.history.run_id == first.run_id and len(each.history.events) == len(first.events)
        for each in recordings
    )


def axis_of(recordings: Sequence[Recording]) -> Axis:
    """The ticks of the slider: for each the index of each recording's step, None where it has none.

    Steps of one run belong together by their workflow task, whatever else the code did before; steps of
    different runs by their number.
    """
    keys = [
        _keys(each.steps) if _one_run(recordings) else list(range(len(each.steps))) for each in recordings
    ]
    places = [{key: index for index, key in enumerate(each)} for each in keys]
    ticks: list[Any] = sorted({key for each in keys for key in each})
    return [[place.get(key) for place in places] for key in ticks]


def _one_run(recordings: Sequence[Recording]) -> bool:
    return len({each.history.run_id for each in recordings}) == 1


def _keys(steps: Sequence[Step]) -> list[Any]:
    """Life, workflow task, and which step of it."""
    seen: dict[tuple[int, int], int] = {}
    keys = []
    for step in steps:
        task = (step.life, step.started_id)
        seen[task] = seen.get(task, -1) + 1
        keys.append((*task, seen[task]))
    return keys


def first_difference(
    recordings: Sequence[Recording], axis: Axis, labels: Sequence[str] = ()
) -> dict[str, Any] | None:
    """The first tick at which the two sides differ.

    Returns:
        {"tick": its index, "told": a sentence}, or None if they never do.
    """
    if len(recordings) < 2:  # noqa: PLR2004 - two sides
        return None
    names = [f"\u201c{label}\u201d" for label in labels] or ["the left code", "the right code"]
    for tick, pair in enumerate(axis):
        steps = [
            each.steps[index] if index is not None else None
            for each, index in zip(recordings, pair, strict=True)
        ]
        left, right = steps
        if left is None or right is None:
            there, gone = names if right is None else reversed(names)
            return {"tick": tick, "told": _sentence(f"{there} goes on; {gone} goes no further.")}
        if told := _difference(left, right, names):
            return {"tick": tick, "told": _sentence(told)}
    return None


def _difference(left: Step, right: Step, names: Sequence[str]) -> str:
    """How two steps differ, in a sentence; empty if they do not."""
    asks = [[words.asked(command) for command in step.commands] for step in (left, right)]
    if asks[0] != asks[1]:
        told = [words.listed(words.counted(each), "more commands") or "asks for nothing new" for each in asks]
        return f"{names[0]} {told[0]}; {names[1]} {told[1]}."
    if (left.failure is None) != (right.failure is None):
        return f"in {names[0 if left.failure else 1]} the workflow task fails."
    waits = [
        [words.waits_for(each) for each in step.waiting if each.kind != "condition"] for step in (left, right)
    ]
    if waits[0] != waits[1]:
        told = [words.listed(words.counted(each)) or "nothing" for each in waits]
        return f"{names[0]} waits for {told[0]}; {names[1]} for {told[1]}."
    for name in dict.fromkeys((*left.state, *right.state)):
        values = [_ADDRESS.sub("", step.state.get(name, "not there")) for step in (left, right)]
        if values[0] != values[1]:
            return f"the attribute `self.{name}` is {values[0]} on the left and {values[1]} on the right."
    return ""


def _sentence(words_: str) -> str:
    return words_[:1].upper() + words_[1:]
