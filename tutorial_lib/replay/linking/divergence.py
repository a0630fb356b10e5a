"""Finds where code and history part, once Core has reported that they do.

Core's message names the event and the command, not the line of code. The recording has the line: the
first command of the failed task that has no event, or the await where the code waits instead of asking.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from tutorial_lib.history.events import History
from tutorial_lib.replay.linking.command_events import ids_of
from tutorial_lib.replay.linking.linker import Mismatch
from tutorial_lib.replay.steps import Divergence, Place, Step


def find_divergence(
    history: History,
    steps: Sequence[Step],
    mismatches: Sequence[Mismatch],
    message: str,
    call_from: Callable[[str, int], str],
) -> Divergence | None:
    """The divergence that Core's message is about.

    Args:
        history: What was replayed.
        steps: The steps of the life that failed, linked.
        mismatches: What linking could not match in them.
        message: Core's.
        call_from: Text of the call that begins in a line of a file.
    """
    if not steps:
        return None
    mismatch = _choose(steps, mismatches)
    step = steps[-1] if mismatch is None else next(step for step in steps if step.number == mismatch.step)
    command = mismatch.command if mismatch else None
    place = command.place if command is not None and command.place else _stands_at(step)
    return Divergence(
        step=step.number,
        expected=history.event(mismatch.expected) if mismatch and mismatch.expected else None,
        command=command,
        ids=_ids(history, mismatch),
        place=place,
        source=call_from(place.file, place.line) if place else "",
        message=message,
    )


def _ids(history: History, mismatch: Mismatch | None) -> tuple[str, str] | None:
    if mismatch is None or mismatch.command is None or not mismatch.expected:
        return None
    return ids_of(mismatch.command, history.source.events[mismatch.expected - 1])


def _choose(steps: Sequence[Step], mismatches: Sequence[Mismatch]) -> Mismatch | None:
    """The mismatch to show: in the task at which Core stopped, which is the last one with a step.

    Linking is stricter than Core here and there, so an earlier one need not be the reason. Of those in that
    task, Core sees first what the history has first.
    """
    last = {step.number for step in steps if step.started_id == steps[-1].started_id}
    for wanted in (True, False):
        sure = [one for one in mismatches if one.certain or not wanted]
        found = [one for one in sure if one.step in last] or sure[-1:]
        if found:
            return min(found, key=lambda one: one.expected or math.inf)
    return None


def _stands_at(step: Step) -> Place | None:
    """The await at which the code that ran last waits; its last line, if it ended."""
    ran = {(line.file, line.function) for line in step.lines}
    for task in step.tasks:
        place = task.frames[-1].place
        if (place.file, place.function) in ran:
            return place
    return step.last
