"""The steps of a recording as small JSON: what repeats is kept once, of `self` a step holds what changed."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from tutorial_lib.history.events import Event
from tutorial_lib.replay.steps import Command, Job, Line, Place, Recording, Step, Task, Waiting
from tutorial_lib.views.stepper import words

_VALUES = reprlib.Repr()
_VALUES.maxstring = _VALUES.maxother = 120
_VALUES.maxlist = _VALUES.maxdict = _VALUES.maxtuple = 8
_SHOWN = ("result", "input", "details", "last_failure")  # the payload that a delivery is about, in this order


class Pool:
    """A list of JSON values, each in it once."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._known: dict[Any, int] = {}

    def add(self, value: Any) -> int:
        """The index of a value: a text, a number, or a tuple of such."""
        index = self._known.setdefault(value, len(self.values))
        if index == len(self.values):
            self.values.append(value)
        return index


class Steps:
    """Steps as small JSON. Keys that would hold nothing are left out.

    n: number of the workflow task, from 1     part: [which, of how many] steps of that task, if several
    s: id of the WorkflowTaskStarted           u: last event that is known after the step
    r: 1 if replaying                          life: index of the life, if not the first
    at: workflow.now(), seconds                story: (pool) the step in sentences
    j: jobs [kind, words, event, value]        t: (pool) lines that ran: file, line, file, -line (resumed) ...
    f: (pool) suspended tasks                  d: changes of self: name -> (pool) value, or None
    c: commands [kind, words, file, line, event]   w: open things [words, file, line]
    v: [index in t, (pool) names and values]   x: [why the task failed, file, line]
    o: likewise, but what that line changed, in the order in which it happened
    cut, thin: 1 if lines or all details are missing
    next: 1 if no worker has begun with that task; s is the last event that is known then
    """

    def __init__(self, recording: Recording, pool: Pool) -> None:
        self._recording = recording
        self._pool = pool
        self._files = {file: number for number, file in enumerate(recording.sources)}

    def steps(self) -> list[dict[str, Any]]:
        """All steps."""
        steps = self._recording.steps
        numbers = words.task_numbers(steps)
        parts = _parts(steps)
        before: Mapping[str, str] = {}
        life = 0
        found = []
        for step, number, part in zip(steps, numbers, parts, strict=True):
            rebuilt = step.life != life
            if rebuilt:  # a new instance: all of its attributes are new
                before, life = {}, step.life
            shown = self._step(step, before, is_last=part[0] == part[1])
            if rebuilt:
                shown["story"] = self._pool.add(f"{words.REBUILT} {self._pool.values[shown['story']]}")
            shown["n"] = number
            if part[1] > 1:
                shown["part"] = part
            if not step.thinned:
                before = step.state
            found.append(shown)
        return found

    def place(self, place: Place | None) -> tuple[int | None, int | None]:
        """File number and line."""
        if place is None or place.file not in self._files:
            return None, None
        return self._files[place.file], place.line

    def _step(self, step: Step, before: Mapping[str, str], *, is_last: bool) -> dict[str, Any]:
        divergence = self._recording.divergence
        diverged = divergence if divergence and divergence.step == step.number else None
        until = self._until(step) if is_last else step.started_id
        shown = {
            "s": step.started_id,
            "u": until if until != step.started_id else None,
            "r": int(step.replaying),
            "life": step.life,
            "at": round(step.time, 3),
            "story": self._pool.add(words.story(step, diverged)),
            "j": [self._job(job) for job in step.jobs],
            "t": self._pool.add(self._trace(step.lines)) if step.lines else None,
            "v": self._values(step.lines),
            "o": self._writes(step),
            "f": [self._task(task) for task in step.tasks],
            "d": self._changes(step.state, before) if not step.thinned else None,
            "c": [self._command(command) for command in step.commands],
            "w": [self._open(waiting) for waiting in step.waiting],
            "x": [step.failure, *self.place(step.failed_at)] if step.failure else None,
            "cut": int(step.truncated),
            "thin": int(step.thinned),
            "next": int(not step.begun),
        }
        return {key: value for key, value in shown.items() if value}

    def _until(self, step: Step) -> int:
        made = [command.event_id for command in step.commands if command.event_id]
        return max([step.started_id, step.completed_id or 0, *made])

    def _job(self, job: Job) -> list[Any]:
        event = self._event(job.event_id)
        value = _value(event) if event else ""
        return [
            self._pool.add(words.delivered(job)),
            job.event_id or 0,
            *([self._pool.add(value)] if value else []),
        ]

    def _event(self, event_id: int | None) -> Event | None:
        events = self._recording.history.events
        return events[event_id - 1] if event_id and event_id <= len(events) else None

    def _trace(self, lines: Sequence[Line]) -> tuple[int, ...]:
        flat: list[int] = []
        for line in lines:
            if line.file in self._files:
                flat += (self._files[line.file], -line.line if line.resumed else line.line)
        return tuple(flat)

    def _values(self, lines: Sequence[Line]) -> list[int]:
        kept = [line for line in lines if line.file in self._files]
        found = []
        for index, line in enumerate(kept):
            if line.changed:
                found += [index, self._pool.add(tuple(part for pair in line.changed for part in pair))]
        return found

    def _writes(self, step: Step) -> list[int]:
        kept = (index for index, line in enumerate(step.lines) if line.file in self._files)
        numbers = {index: number for number, index in enumerate(kept)}
        found = []
        for index, values in step.writes:
            if index in numbers:
                found += [numbers[index], self._pool.add(tuple(part for pair in values for part in pair))]
        return found

    def _task(self, task: Task) -> int:
        frames = tuple(
            (
                frame.place.function,
                self._files.get(frame.place.file, -1),
                frame.place.line,
                frame.place.end,
                tuple(part for pair in frame.locals.items() for part in pair),
            )
            for frame in task.frames
        )
        return self._pool.add((task.name, frames))

    def _changes(self, state: Mapping[str, str], before: Mapping[str, str]) -> dict[str, int | None]:
        changed: dict[str, int | None] = {
            name: self._pool.add(value) for name, value in state.items() if before.get(name) != value
        }
        return changed | dict.fromkeys(name for name in before if name not in state)

    def _command(self, command: Command) -> list[Any]:
        file, line = self.place(command.place)
        return [self._pool.add(words.asked(command)), file, line, command.event_id or 0]

    def _open(self, waiting: Waiting) -> int:
        return self._pool.add((words.waits_for(waiting), *self.place(waiting.place)))


def _parts(steps: Sequence[Step]) -> list[tuple[int, int]]:
    """For each step: which one of how many of its workflow task it is, from 1."""
    sizes: list[int] = []
    for before, step in pairwise([None, *steps]):
        if step is None:
            continue
        if before and (before.started_id, before.life) == (step.started_id, step.life):
            sizes[-1] += 1
        else:
            sizes.append(1)
    return [(which, size) for size in sizes for which in range(1, size + 1)]


def _value(event: Event) -> str:
    """The value that an event brings, shortened."""
    if event.failure:
        return _VALUES.repr(str(event.failure.root))[1:-1]
    for field in _SHOWN:
        if values := event.payloads.get(field):
            return ", ".join(map(_VALUES.repr, values))
    return ""
