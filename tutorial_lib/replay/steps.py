"""What a recording is made of: one frozen step for each time that the code worked on a workflow task.

A recording holds plain data only (numbers, texts, tuples), never an object of the workflow: it can be
drawn, compared and kept after the worker that made it is gone. All texts are shortened where they are
recorded, so a step's size does not depend on that of the learner's values.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from tutorial_lib.replay.phrases import COMMAND_PHRASES, JOB_PHRASES

if TYPE_CHECKING:
    from tutorial_lib.history.events import Event, History

_MOST_LINES = 8  # of a call that is shown on one line

_WITH_ID = {"start_child_workflow_execution", "schedule_activity", "schedule_local_activity"}

Texts = Mapping[str, str]
"""Names and their values as shortened `repr` texts, in the order of the code."""


class Line(NamedTuple):
    """One line of the learner's code that ran."""

    file: str
    """The code's file: a path, or the kernel's name for a cell. A key of `Recording.sources`."""
    function: str
    """Qualified name, for example `Order.run`."""
    line: int
    resumed: bool = False
    """The coroutine went on in the middle of this line: it came back from an `await`."""
    changed: tuple[tuple[str, str], ...] = ()
    """With `Detail(values=True)`: locals that changed since this function's line before, in this step, and
    attributes of the workflow's object, as `self.name`, that changed since any line before."""


class Write(NamedTuple):
    """What one line changed, with `Detail(values=True)`; seen as soon as it runs no longer."""

    at: int
    """Index of the line in `Step.lines`. A line that calls others changes some before and some after them."""
    values: tuple[tuple[str, str], ...]
    """Locals of its function, and attributes of the workflow's object as `self.name`."""


class Place(NamedTuple):
    """A span of lines in the learner's code."""

    file: str
    function: str
    line: int
    end: int
    """Last line of the statement; equal to `line` for most."""


@dataclasses.dataclass(frozen=True, slots=True)
class Frame:
    """One function of a suspended task: it waits at an `await`."""

    place: Place
    locals: Texts
    """Local variables, without `self`."""


@dataclasses.dataclass(frozen=True, slots=True)
class Task:
    """A coroutine of the workflow that has not ended: the main one, a handler, a `gather` branch."""

    name: str
    """The SDK's or the learner's name: `run`, `signal: approve`, `update: add`, or the function's name."""
    frames: tuple[Frame, ...]
    """Outermost first; the last one holds the await that the task stands at."""


@dataclasses.dataclass(frozen=True, slots=True)
class Job:
    """Something that Core delivered to the workflow in this step."""

    kind: str
    """Core's own name: `initialize_workflow`, `resolve_activity`, `fire_timer`, `signal_workflow` ..."""
    name: str = ""
    """Workflow type, activity type, signal or update name, patch id; empty where there is none."""
    status: str = ""
    """`completed`, `failed`, `cancelled`, `backoff`, `started` ... where the kind has several outcomes."""
    seq: int | None = None
    """Core's number of the activity, timer or child that this answers."""
    event_id: int | None = None
    """The event that this delivery comes from. None where the history has none (a rejected update)."""
    protocol_instance_id: str = ""
    """Of an update: what joins it to its events."""
    is_local: bool = False
    """Of an activity's result: it was a local activity."""

    @property
    def text(self) -> str:
        """A short plain phrase: `activity charge completed`."""
        return " ".join(
            word for word in (JOB_PHRASES.get(self.kind, self.kind), self.name, self.status) if word
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Command:
    """Something that the workflow's code asked the server for in this step."""

    kind: str
    """Core's own name: `schedule_activity`, `start_timer`, `complete_workflow_execution` ..."""
    name: str = ""
    """Activity type, child workflow type, signal or update name, patch id; empty where there is none."""
    detail: str = ""
    """What else distinguishes two commands: a timer's length, a child's workflow id, an id that the code gave
    to an activity; of an update `accepted`, `rejected`, `completed` or `failed`."""
    seq: int | None = None
    place: Place | None = None
    """The line that asked for it; for a workflow's end the line that returned or raised."""
    event_id: int | None = None
    """The event that it became. None: no event (a local activity), the task is open, or the code diverged."""
    protocol_instance_id: str = ""

    @property
    def text(self) -> str:
        """A short plain phrase: `schedule activity charge`, `start timer 5 s`."""
        detail = f"(id {self.detail})" if self.detail and self.kind in _WITH_ID else self.detail
        return " ".join(
            word for word in (COMMAND_PHRASES.get(self.kind, self.kind), self.name, detail) if word
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Waiting:
    """Something open at the end of a step, that the workflow may be waiting for."""

    kind: str
    """`timer`, `activity`, `local activity`, `child`, `nexus`, `signal`, `cancel` or `condition`."""
    name: str = ""
    """Activity or child type, a timer's length, or a condition's own source text."""
    seq: int | None = None
    event_id: int | None = None
    """The event that opened it."""
    place: Place | None = None
    """The line that asked for it; of a condition, where its function stands."""

    @property
    def text(self) -> str:
        """A short plain phrase: `activity charge`, `condition self.done`."""
        return f"{self.kind} {self.name}".rstrip()


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """One activation: Core delivered `jobs`, the code ran `lines`, and answered with `commands`.

    As a rule that is one workflow task. A task with local activities takes several steps with one
    `started_id`; a task that failed has no step on replay; queries and evictions are no steps. Where a local
    activity outlives the very first task, a replay delivers that task and the next as one, as Core does.
    """

    number: int
    """Index in `Recording.steps`."""
    started_id: int
    """Event id of the WorkflowTaskStarted: the code knows the events up to this one and no later one. Where
    there is none (see `begun`, and a live task whose update was rejected), the last event that it knows."""
    completed_id: int | None
    """Event id of the WorkflowTaskCompleted. None: the task is open, or it failed."""
    replaying: bool
    """The events' commands are known already; False only for the newest task of a live recording."""
    life: int
    """How often the workflow had been rebuilt from its history before: 0 in a replay, one more with each
    task under `max_cached_workflows=0`. Each life starts at the first event again."""
    time: float
    """What `workflow.now()` said, in seconds since the run's start."""
    jobs: tuple[Job, ...] = ()
    lines: tuple[Line, ...] = ()
    """What ran, in order."""
    writes: tuple[Write, ...] = ()
    """With `Detail(values=True)`: what those lines changed, in the order in which it happened."""
    state: Texts = dataclasses.field(default_factory=dict)
    """The attributes of `self` at the end of the step."""
    changed: tuple[str, ...] = ()
    """The names in `state` that are new or different since the step before."""
    tasks: tuple[Task, ...] = ()
    """What is suspended at the end of the step, in order of creation."""
    commands: tuple[Command, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    failure: str | None = None
    """Why the workflow task failed (`KeyError: 'x'`), when the code raised what fails no workflow."""
    failed_at: Place | None = None
    """The learner's line that raised it."""
    last: Place | None = None
    """The last line that ran."""
    truncated: bool = False
    """More lines ran than a recording keeps (`max_lines`)."""
    begun: bool = True
    """False: the history ends before a worker began with this task. Core shows what one would do."""
    thinned: bool = False
    """Lines, tasks and state were dropped: a long recording keeps its memory small (`max_detailed`)."""


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """A file or cell whose lines ran, as it was when it was recorded."""

    file: str
    label: str
    """How a reader finds it: `Cell In[3]` or `shop.py`."""
    lines: tuple[str, ...]
    """All its lines, the first one at index 0, without line ends; empty when the source is gone."""


@dataclasses.dataclass(frozen=True, slots=True)
class Divergence:
    """Where the code and the history part: a non-determinism error, with its line."""

    step: int
    """Number of the step; the index in `Recording.steps`."""
    expected: Event | None
    """The event that the history has next. None: the history has nothing more for this task."""
    command: Command | None
    """What the code produced instead. None: it produced nothing for the expected event."""
    place: Place | None
    """The line to look at: the command's, or where the code stands that asks for nothing."""
    source: str
    """The call that begins there, on one line."""
    message: str
    """Core's own message, `[TMPRL1100] ...`."""
    ids: tuple[str, str] | None = None
    """What differs where event and command are of one type: the history's id and the code's, of an activity,
    a timer or a child; of a Nexus operation its service and endpoint. None: something else differs."""

    @property
    def file(self) -> str | None:
        """The file or cell of the line to look at."""
        return self.place.file if self.place else None

    @property
    def line(self) -> int | None:
        """The line to look at."""
        return self.place.line if self.place else None


@dataclasses.dataclass(frozen=True)
class Recording:
    """A replay, or a live run, in steps."""

    history: History
    steps: tuple[Step, ...]
    divergence: Divergence | None
    error: str | None
    """What ended the replay early: Core's message, a failed workflow task, a deadline. None: all is well."""
    seconds: float
    """How long the replay took; 0.0 for a live recording."""
    sources: Mapping[str, Source] = dataclasses.field(default_factory=dict)
    """By `Line.file`, in the order in which they first ran."""

    @property
    def lives(self) -> tuple[tuple[Step, ...], ...]:
        """The steps of each life of the workflow's instance."""
        groups = itertools.groupby(self.steps, lambda step: step.life)
        return tuple(tuple(steps) for _life, steps in groups)

    def source_line(self, file: str, line: int) -> str:
        """Text of a line, stripped; empty when its source is gone."""
        found = self.sources.get(file)
        return found.lines[line - 1].strip() if found and 0 < line <= len(found.lines) else ""

    def call_from(self, file: str, line: int) -> str:
        """The call that begins in a line, on one line; the line alone if it does not close soon."""
        first = text = self.source_line(file, line)
        if not first:
            return ""
        for part in self.sources[file].lines[line : line + _MOST_LINES]:
            if _open_brackets(text) <= 0:
                break
            text = f"{text} {part.strip()}"
        text = re.sub(r"(?<=[(\[{]) |,? (?=[)\]}])", "", text)
        return first if _open_brackets(text) or "#" in text else text

    def step_of(self, event_id: int) -> Step | None:
        """The step that delivered an event, or whose command became it."""
        for step in self.steps:
            linked = [job.event_id for job in step.jobs] + [one.event_id for one in step.commands]
            if event_id in (step.started_id, step.completed_id, *linked):
                return step
        return None


def _open_brackets(text: str) -> int:
    return sum((char in "([{") - (char in ")]}") for char in text)
