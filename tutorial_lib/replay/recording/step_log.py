"""The steps of one run as they are made, kept so that a long run does not fill the memory."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from temporalio.bridge.proto.workflow_activation import RemoveFromCache

from tutorial_lib.replay.steps import Line, Place, Step, Task


class StepLog:
    """All lives of one run.

    What repeats is kept once: a loop runs the same lines and most attributes stay as they were. Of a run with
    more than `max_detailed` steps, the first and the last ones keep all they have, those between only what
    links them to the history.

    Args:
        max_detailed: How many steps keep their lines, tasks and state.
        on_step: Called with each step, on the thread that worked on it.
    """

    def __init__(self, max_detailed: int, on_step: Callable[[Step], None] | None = None) -> None:
        self.steps: list[Step] = []
        self.nondeterminism: str | None = None
        """Core's message, if that is what ended the newest life."""
        self._half = max(1, max_detailed // 2)
        self._on_step = on_step
        self._life = -1
        self._new_life = True
        self._lines: dict[tuple[Line, ...], tuple[Line, ...]] = {}
        self._each: dict[Any, Any] = {}

    def begin_life(self) -> None:
        """The workflow is built from the first event on."""
        self._life += 1
        self._new_life = True
        self.nondeterminism = None

    def evict(self, job: Any) -> None:
        """The workflow is taken out of the cache."""
        if job.reason == RemoveFromCache.EvictionReason.NONDETERMINISM:
            self.nondeterminism = job.message

    def append(self, step: Step) -> None:
        """Adds the newest step."""
        before = {} if self._new_life or not self.steps else self.steps[-1].state
        self._new_life = False
        step = dataclasses.replace(
            step,
            number=len(self.steps),
            life=max(self._life, 0),
            state=self._same(step.state, before),
            changed=tuple(name for name, text in step.state.items() if before.get(name) != text),
            tasks=tuple(map(self._shared_task, step.tasks)),
        )
        self.steps.append(step)
        thin = len(self.steps) - self._half - 1
        if thin >= self._half:
            self.steps[thin] = _thinned(self.steps[thin])
        if self._on_step is not None:
            self._on_step(step)

    def fail(self, message: str, place: Place | None) -> None:
        """Marks the newest step as failed."""
        if self.steps:
            newest = self.steps[-1]
            self.steps[-1] = dataclasses.replace(newest, failure=message, failed_at=place or newest.last)

    def shared(self, lines: Sequence[Line]) -> tuple[Line, ...]:
        """The lines, the same objects as those of earlier steps where they are equal."""
        key = tuple(lines)
        if key not in self._lines:
            if len(self._lines) > _MOST_SHARED:
                self._lines.clear()
            self._lines[key] = tuple(self._each.setdefault(line, line) for line in key)
            if len(self._each) > _MOST_SHARED:
                self._each.clear()
        return self._lines[key]

    def _shared_task(self, task: Task) -> Task:
        if len(self._each) > _MOST_SHARED:
            self._each.clear()
        key = (task.name, tuple((frame.place, tuple(frame.locals.items())) for frame in task.frames))
        found: Task = self._each.setdefault(key, task)
        return found

    @staticmethod
    def _same(now: Mapping[str, str], before: Mapping[str, str]) -> Mapping[str, str]:
        if now == before:
            return before
        return {name: before[name] if before.get(name) == text else text for name, text in now.items()}


_MOST_SHARED = 10_000  # different lines, line sequences and tasks that are remembered


def _thinned(step: Step) -> Step:
    return dataclasses.replace(step, lines=(), writes=(), state={}, changed=(), tasks=(), thinned=True)
