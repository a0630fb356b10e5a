"""What the stepper shows, as plain JSON: `side_of` for one recording, `layout` for one or two side by side.

Five thousand events must open in a moment and travel in a notebook, so that everything that repeats is
kept once: texts, runs of lines and suspended tasks are in one list (`pool`) and are meant by their index;
files and lines are numbers; of `self` a step holds what changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tutorial_lib.history.explain import explain
from tutorial_lib.replay.steps import Divergence, Recording
from tutorial_lib.views.stepper import words
from tutorial_lib.views.stepper.compare import axis_of, first_difference, same_run
from tutorial_lib.views.stepper.sources import files_of
from tutorial_lib.views.stepper.steps import Pool, Steps


def layout(*recordings: Recording, labels: Sequence[str] = ()) -> dict[str, Any]:
    """One recording, or two versions of the code in lock-step.

    Args:
        recordings: One or two.
        labels: What to call two sides.

    Returns:
        "sides": `side_of` each; of two with the same history only the first has "events".
        "axis": the ticks of the slider: for each the index of each side's step, or None.
        "differs": None, or the first tick at which two sides differ: {"tick", "told"}.
        "start": the tick to open with.
    """
    sides = [side_of(recording) for recording in recordings]
    for side, label in zip(sides, labels, strict=False):
        side["label"] = label
    axis = axis_of(recordings)
    differs = first_difference(recordings, axis, labels)
    if len(recordings) > 1 and same_run(recordings):
        sides[1]["events"] = None
    diverged = [
        tick
        for tick, steps in enumerate(axis)
        for side, step in zip(sides, steps, strict=True)
        if side["divergence"] and side["divergence"]["step"] == step
    ]
    start = differs["tick"] if differs else min(diverged, default=0)
    return {"sides": sides, "axis": axis, "differs": differs, "start": start}


def side_of(recording: Recording) -> dict[str, Any]:
    """One recording.

    Returns:
        "workflow", "status", "summary" (a sentence), "label", "tasks" and "lives" (how many), "pool";
        "files": see `stepper_sources.files_of`;
        "events": for each (pool) type, name and sentence, event n at index n-1;
        "spans": for each event the id of the one that opened what it belongs to, or 0;
        "closed": id of the event that closed the run, or None;
        "steps": see `stepper_steps.Steps`; "divergence": see `_divergence`;
        "error": what else ended the replay early.
    """
    pool = Pool()
    history = recording.history
    builder = Steps(recording, pool)
    side = {
        "workflow": history.workflow_type,
        "status": history.status,
        "summary": words.summary(recording),
        "label": "",
        "tasks": words.begun(recording.steps),
        "lives": max((step.life for step in recording.steps), default=0) + 1,
        "files": files_of(recording),
        "events": [
            pool.add((event.type, event.label, explain(event, history, names=False)))
            for event in history.events
        ],
        "spans": [event.opened_by or 0 for event in history.events],
        "closed": history.events[-1].id if history.closed else None,
        "steps": builder.steps(),
        "divergence": _divergence(recording, builder),
        "error": recording.error if recording.divergence is None else None,
    }
    return {**side, "pool": pool.values}


def _divergence(recording: Recording, builder: Steps) -> dict[str, Any] | None:
    """Where code and history part: step, event, file, line, and both sides in words."""
    found: Divergence | None = recording.divergence
    if found is None:
        return None
    file, line = builder.place(found.place)
    event = found.expected
    differs = words.beside(found)[0].replace("`", "")
    return {
        "step": found.step,
        "event": event.id if event else None,
        "file": file,
        "line": line,
        "told": words.parting(found),
        "expected": f"event {event.id}  {event.type} {event.label}".rstrip() + differs
        if event
        else "nothing more",
        "produced": words.produced(found) or "no command for it",
        "source": found.source,
        "core": found.message,
    }
