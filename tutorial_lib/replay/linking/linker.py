"""Joins steps and history: the event of each job and of each command, and where they part.

Inputs are found by what they answer (an activity's scheduled event, a timer's started event); outputs by the
workflow task that made them, in the order of its commands, as Core does it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from temporalio.api.history.v1 import HistoryEvent

from tutorial_lib.replay.linking.command_events import (
    CANCELLED_BY,
    CANCELS,
    ENDINGS,
    becomes,
    fits,
    ids_of,
    is_deprecated_patch,
    is_of_patch,
    local_activity_of,
)
from tutorial_lib.replay.linking.event_index import EventIndex, Opened
from tutorial_lib.replay.recording.jobs import OPENERS
from tutorial_lib.replay.steps import Command, Job, Step, Waiting

_Index = tuple[int, int]
"""Number of a step, and index of one of its commands."""


@dataclasses.dataclass(frozen=True)
class Mismatch:
    """A command that the history does not have, or an event that no command explains."""

    step: int
    expected: int | None
    command: Command | None
    certain: bool = True
    """False where a command can lack an event for good reasons."""


class StepLinker:
    """Links the steps of one life of a run: Core counts activities and timers from 1 in each.

    Args:
        answers: The run's history.
    """

    def __init__(self, answers: EventIndex) -> None:
        self._answers = answers
        self._opened: Opened = {}
        self._taken: set[int] = set()  # events that jobs were about
        self._local_seqs: set[int] = set()
        self._queue: list[tuple[_Index, Command]] = []
        self._mismatches: list[Mismatch] = []

    def link(self, steps: Sequence[Step]) -> tuple[list[Step], list[Mismatch]]:
        """The same steps with event ids, and all mismatches."""
        linked: list[Step] = []
        ids: dict[_Index, int] = {}
        for group, until in _tasks(steps):
            started = group[0].started_id
            if started in self._answers.completed:
                ids |= self._match(group, list(self._answers.made_between(started, until)))
            for step in group:
                found = dataclasses.replace(
                    step,
                    completed_id=self._answers.completed.get(started),
                    jobs=tuple(self._job(job, step.started_id) for job in step.jobs),
                    waiting=tuple(map(self._waiting, step.waiting)),
                )
                linked.append(self._begun(found))
        return [_with_events(step, ids) for step in linked], self._mismatches

    def _job(self, job: Job, known: int) -> Job:
        found = self._answers.source_of(job, self._opened, known, self._taken)
        if found is not None:
            self._taken.add(found)
        return dataclasses.replace(job, event_id=found)

    def _begun(self, step: Step) -> Step:
        """The step with the start of its task, where Core had the last event of the history instead.

        At the end of a history Core delivers all that is left: to a task that ended without a result, or, as
        a next one would get it, what no task was started for.
        """
        start = self._answers.newest_start(step.started_id)
        if start is None or start == step.started_id:
            return step
        if any(start < (job.event_id or 0) <= step.started_id for job in step.jobs):
            return dataclasses.replace(step, begun=False)
        if start in self._answers.completed:  # a task that left no event: its update was rejected
            return step
        return dataclasses.replace(step, started_id=start)

    def _waiting(self, waiting: Waiting) -> Waiting:
        found = self._opened.get((waiting.kind, waiting.seq or 0))
        return dataclasses.replace(waiting, event_id=found) if found else waiting

    def _match(self, group: Sequence[Step], made: Sequence[HistoryEvent]) -> dict[_Index, int]:
        """Matches commands with the events that a workflow task made.

        Core keeps commands in a queue; each event must fit the one at its head. A command may so wait for
        the event of a later task: calls that ran in turn may be made at once without anybody noticing.
        """
        self._queue += self._sent(group)
        ids: dict[_Index, int] = {}
        orphan = next((event.event_id for event in made if self._is_orphan(event)), None)
        for event in made:
            if local_activity_of(event) is not None or self._may_lack_a_command(event):
                continue
            self._drop_unheard(event)
            if not self._queue or not fits(self._queue[0][1], event):
                index, command = self._queue[0] if self._queue else ((group[-1].number, 0), None)
                # Of the last task, `made` has all that follows: an orphan may be of a task long after it.
                expected = min(orphan or event.event_id, event.event_id)
                self._mismatches.append(Mismatch(index[0], expected, command))
                self._queue.clear()
                return ids
            index, command = self._queue.pop(0)
            ids[index] = event.event_id
            if command.kind in OPENERS:
                self._opened[OPENERS[command.kind], command.seq or 0] = event.event_id
        if self._queue:
            index, command = self._queue[0]
            self._mismatches.append(Mismatch(index[0], orphan, command, certain=orphan is not None))
        elif orphan:
            self._mismatches.append(Mismatch(group[-1].number, orphan, None))
        return ids

    def _sent(self, group: Sequence[Step]) -> Iterator[tuple[_Index, Command]]:
        """The commands of a workflow task that become events, in order."""
        commands = list(_in_order(group))
        unsent = _cancelled_at_once(command for _, command in commands)
        for index, command in commands:
            if command.kind == "schedule_local_activity":
                self._check_local(index[0], command)
            if becomes(command) is None or _key(command) in unsent:
                continue
            yield index, command

    def _drop_unheard(self, event: HistoryEvent) -> None:
        """Takes commands off the queue's head that the server may have heard nothing of."""
        while self._queue and not fits(self._queue[0][1], event):
            index, command = self._queue[0]
            if command.kind not in CANCELS and command.detail != "deprecated":
                return
            self._mismatches.append(Mismatch(index[0], event.event_id, command, certain=False))
            del self._queue[0]

    def _may_lack_a_command(self, event: HistoryEvent) -> bool:
        """Whether Core made this event by itself, or does not mind that nothing asks for it."""
        asked = bool(self._queue) and fits(self._queue[0][1], event)
        return is_of_patch(event) or (is_deprecated_patch(event) and not asked)

    def _check_local(self, step: int, command: Command) -> None:
        """A local activity runs before its marker is written, so it is found by its number."""
        self._local_seqs.add(command.seq or 0)
        marker = self._answers.marker_of(command.seq)
        recorded = local_activity_of(marker) if marker is not None else None
        if marker is None or recorded is None:
            return
        if recorded[1] != command.name or ids_of(command, marker) is not None:
            self._mismatches.append(Mismatch(step, marker.event_id, command))

    def _is_orphan(self, event: HistoryEvent) -> bool:
        """Whether this is the marker of a local activity that the code did not ask for."""
        local = local_activity_of(event)
        return local is not None and local[0] not in self._local_seqs


def _with_events(step: Step, ids: dict[_Index, int]) -> Step:
    commands = tuple(
        dataclasses.replace(command, event_id=ids.get((step.number, index)))
        for index, command in enumerate(step.commands)
    )
    return dataclasses.replace(step, commands=commands)


def _tasks(steps: Sequence[Step]) -> Iterator[tuple[list[Step], int | None]]:
    """The steps of each workflow task, and where the next task with steps starts."""
    groups: list[list[Step]] = []
    for step in steps:
        if groups and groups[-1][0].started_id == step.started_id:
            groups[-1].append(step)
        else:
            groups.append([step])
    for number, group in enumerate(groups):
        yield group, groups[number + 1][0].started_id if number + 1 < len(groups) else None


def _in_order(group: Sequence[Step]) -> Iterator[tuple[_Index, Command]]:
    """The commands of a workflow task; what ends the workflow is the last, wherever the code asked for it."""
    commands = [((step.number, index), it) for step in group for index, it in enumerate(step.commands)]
    yield from (one for one in commands if one[1].kind not in ENDINGS)
    yield from (one for one in commands if one[1].kind in ENDINGS)


def _cancelled_at_once(commands: Iterable[Command]) -> set[tuple[str, int]]:
    """What was asked for and cancelled in one task: both commands."""
    keys = {_key(command) for command in commands}
    both = set()
    for kind, seq in keys:
        opener = CANCELLED_BY.get(kind)
        if opener and (opener, seq) in keys:
            both |= {(kind, seq), (opener, seq)}
    return both


def _key(command: Command) -> tuple[str, int]:
    return command.kind, command.seq or 0
