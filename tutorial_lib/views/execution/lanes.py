"""The lanes of a timeline: which events belong together, as plain dicts that Python and JavaScript draw.

A lane is an activity, a timer, a child workflow, an update ...; signals and other single events share a lane
by name; all workflow tasks are one lane. Events arrive in batches: each batch changes few lanes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from tutorial_lib.history.events import Event
from tutorial_lib.history.kinds import CLOSED_TASKS, CLOSING, LOCAL_ACTIVITY
from tutorial_lib.views.execution.attempts import Attempts, Bar, Pending
from tutorial_lib.views.execution.lane_kinds import (
    LEFT_OPEN,
    Lane,
    TaskMark,
    fate_of,
    fate_of_local,
    policy_of,
    title_of,
    tried,
)
from tutorial_lib.views.execution.local_marker import LocalMarker

__all__ = ["TASKS", "WORKFLOW", "Lane", "Lanes", "Pending", "TaskMark"]


# What opens a lane of its own, and the lane's kind.
_OPENERS: Final = {
    "ActivityTaskScheduled": "activity",
    "TimerStarted": "timer",
    "StartChildWorkflowExecutionInitiated": "child",
    "NexusOperationScheduled": "nexus",
    "WorkflowExecutionUpdateAccepted": "update",
    "SignalExternalWorkflowExecutionInitiated": "external",
    "RequestCancelExternalWorkflowExecutionInitiated": "external",
}

# Single events that say the same share a lane, one for each name.
_POINTS: Final = {"signal": "signal", "marker": "marker", "properties": "properties"}

WORKFLOW, TASKS = 0, 1  # the first two lanes


# What is said of an execution whose tasks the server holds back, and of one that goes on.
_PAUSES: Final = {"WorkflowExecutionPaused": "paused", "WorkflowExecutionUnpaused": "running"}

_WORDS: Final = {
    "wait": "waiting",
    "run": "running",
    "backoff": "retrying",
    "failed": "retrying",
    "unseen": "retrying",
    "unknown": "scheduled",
}


class Lanes:
    """Groups events into lanes as they arrive.

    Args:
        say: Returns one plain sentence for an event.

    Attributes:
        lanes: The lanes so far; `WORKFLOW` and `TASKS` are the first two.
        tasks: The workflow tasks so far.
        runs: When each run of the chain started.
        end: Time of the latest event.
        watched: Whether `tell` will have what the server reports of activities that are not over.
        zero: Start of the first run by the clock, in seconds since 1970; 0 if it is not known.
    """

    def __init__(self, say: Callable[[Event], str]) -> None:
        self.lanes: list[Lane] = []
        self.tasks: list[TaskMark] = []
        self.runs: list[float] = []
        self.end = 0.0
        self.zero = 0.0
        self._say = say
        self.watched = False
        self._homes: dict[tuple[int, int], int] = {}  # (run, event id) -> lane, or -1 - task
        self._groups: dict[tuple[str, str], int] = {}
        self._attempts: dict[int, Attempts] = {}
        self._by_activity: dict[str, int] = {}
        self._retried: dict[tuple[int, str, float | None], int] = {}  # local activities in a long pause
        self._over = (TASKS + 1, 0)  # lanes and tasks of runs that have ended: nothing happens there any more
        self._admitted: dict[tuple[int, str], int] = {}
        self._changed: dict[str, Lane | TaskMark] = {}

    def add(self, events: Iterable[Event]) -> list[Lane | TaskMark]:
        """Take in further events. Returns the lanes and tasks that changed, in their new state."""
        self._changed = {}
        for event in events:
            self.end = max(self.end, event.time)
            self._place(event)
        return list(self._changed.values())

    def tell(self, pending: Iterable[Pending]) -> list[Lane | TaskMark]:
        """Take in what the server reports of activities that are not over. Returns the lanes that changed."""
        self._changed = {}
        for each in pending:
            lane = self._by_activity.get(each.activity_id)
            if lane is not None and self._attempts[lane].tell(each):
                self._redraw(lane)
        return list(self._changed.values())

    def records(self) -> list[Lane | TaskMark]:
        """Everything, as `add` would return it for all events at once."""
        return [*self.lanes, *self.tasks]

    @property
    def pending(self) -> bool:
        """Whether an activity is not over."""
        return any(self._attempts[at].ended is None for at in self._by_activity.values())

    # ---- where an event goes -------------------------------------------------------------------------

    def _place(self, event: Event) -> None:
        if not self.lanes:
            self._begin(event)
        if event.kind == "workflow":
            self._workflow(event)
        elif event.type.startswith("WorkflowTask"):
            self._task(event)
        elif (
            event.opened_by is not None
            and (home := self._homes.get((event.run, event.opened_by))) is not None
        ):
            self._follow(home, event)
        elif (admitted := self._admitted_of(event)) is not None:
            self._follow(admitted, event)
        elif event.type in _OPENERS:
            self._open(_OPENERS[event.type], event)
        elif event.kind == "marker" and event.name in LOCAL_ACTIVITY:
            self._local(event)
        elif event.type == "WorkflowExecutionUpdateAdmitted":
            self._admit(event)
        else:
            self._point(event)

    def _begin(self, event: Event) -> None:
        self._new("workflow", event.name or "workflow", event)
        tasks = self._new("task", "workflow tasks", event)
        tasks["mood"], tasks["state"], tasks["summary"] = "none", "", ""
        self._changed |= {f"lane {each['lane']}": each for each in self.lanes}

    def _workflow(self, event: Event) -> None:
        lane = self.lanes[WORKFLOW]
        if event.run >= len(self.runs):
            self.runs.append(event.time)
            lane["state"], lane["mood"], lane["end"] = "running", "open", None
            lane["bars"] = [*lane["bars"], Bar(event.time, None, "run", f"run {event.run + 1}")]
        elif event.type in CLOSING and (fate := fate_of(event)):
            lane["state"], lane["mood"] = fate
            lane["end"] = event.time
            *rest, last = lane["bars"]
            lane["bars"] = [*rest, Bar(last[0], event.time, last[2], last[3])]
            lane["note"] = event.failure.root.message if event.failure else lane["note"]
            self._leave_open(event.time)
        elif event.type in _PAUSES:
            lane["state"] = _PAUSES[event.type]
        self._note(lane, event)

    def _task(self, event: Event) -> None:
        number = len(self.tasks)
        if event.opened_by is not None:
            number = -1 - self._homes.get((event.run, event.opened_by), -1 - number)
        if number >= len(self.tasks) or number < 0:
            number = len(self.tasks)
            self.tasks.append(
                TaskMark(
                    task=number,
                    scheduled=event.time,
                    started=None,
                    ended=None,
                    state="scheduled",
                    mood="open",
                    events=[],
                )
            )
        task = self.tasks[number]
        self._homes[event.run, event.id] = -1 - number
        if event.type.endswith("Started"):
            task["started"], task["state"] = event.time, "running"
        elif (cause := event.attributes.get("cause")) in CLOSED_TASKS:
            task["ended"] = event.time
            task["state"], task["mood"] = CLOSED_TASKS[str(cause)], "off"
        elif fate := fate_of(event):
            task["ended"] = event.time
            task["state"], task["mood"] = fate
        task["events"].append(self._entry(event))
        self._changed[f"task {number}"] = task

    def _open(self, kind: str, event: Event) -> None:
        lane = self._new(kind, title_of(event), event)
        at = lane["lane"]
        self._homes[event.run, event.id] = at
        if kind == "activity":
            self._attempts[at] = Attempts(event.time, policy_of(event), self.watched)
            self._by_activity[str(event.attributes.get("activity_id", ""))] = at
        self._note(lane, event)
        self._redraw(at)

    def _follow(self, at: int, event: Event) -> None:
        if at < 0:
            self._task(event)
            return
        self._homes[event.run, event.id] = at
        lane = self.lanes[at]
        attempts = self._attempts.get(at)
        if event.type.endswith(("Started", "UpdateAccepted")):
            lane["state"] = "running"
            if attempts:
                attempts.start(event.attempt or 1, event.time)
        elif fate := fate_of(event, external=lane["kind"] == "external"):
            lane["state"], lane["mood"] = fate
            lane["end"] = event.time
            if attempts:
                attempts.end(event.time, tried=tried(event, attempts.policy))
            if event.failure:
                lane["note"] = event.failure.root.message
        self._note(lane, event)
        self._redraw(at)

    def _admit(self, event: Event) -> None:
        """An update that a reset kept: the new run has yet to accept it."""
        self._open("update", event)
        lane = self.lanes[-1]
        lane["state"] = "admitted"
        self._admitted[event.run, str(event.attributes.get("update_id"))] = lane["lane"]
        self._redraw(lane["lane"])

    def _admitted_of(self, event: Event) -> int | None:
        """The lane of an update that is accepted after it was admitted."""
        if event.type != "WorkflowExecutionUpdateAccepted":
            return None
        return self._admitted.get((event.run, str(event.attributes.get("update_id"))))

    def _leave_open(self, at: float) -> None:
        """A run has ended: what it still waited for ends with it."""
        lanes, tasks = self._over
        self._over = len(self.lanes), len(self.tasks)
        for lane in self.lanes[lanes:]:
            if lane["mood"] == "open":
                lane["state"], lane["mood"] = LEFT_OPEN
                lane["end"] = at
                if attempts := self._attempts.get(lane["lane"]):
                    attempts.end(at)
                self._redraw(lane["lane"])
        for task in self.tasks[tasks:]:
            if task["ended"] is None:
                task["ended"] = at
                task["state"], task["mood"] = LEFT_OPEN
                self._changed[f"task {task['task']}"] = task

    def _local(self, event: Event) -> None:
        """A local activity is a marker, written with its workflow task; the worker notes when it ran.

        After a long pause its next attempt has a marker of its own.
        """
        marker = LocalMarker.of(event)
        key = (event.run, event.label, marker.begun)
        at = self._retried.pop(key, None)
        lane = self._new("local", event.label, event) if at is None else self.lanes[at]
        at = lane["lane"]
        ended = self._clock(marker.ended, event.time)
        if at not in self._attempts:
            lane["start"] = min(self._clock(marker.begun, ended), ended)
        lane["attempt"] = number = event.attempt or 1
        lane["note"] = event.failure.root.message if event.failure else ""
        lane["state"], lane["mood"] = fate_of_local(event, again=marker.pause is not None)
        if marker.pause is not None:
            failed = self._attempts.setdefault(at, Attempts(lane["start"]))
            failed.fail(number, ended, lane["note"], marker.pause)
            self._retried[key] = at
        else:
            lane["end"] = ended
            if attempts := self._attempts.get(at):
                attempts.start(number, min(attempts.due, ended))
                attempts.end(ended)
        self._homes[event.run, event.id] = at
        self._note(lane, event)
        self._redraw(at)

    def _clock(self, moment: float | None, latest: float) -> float:
        """A time by the worker's clock as seconds since the start; the server's clock may be another."""
        if moment is None or not self.zero:
            return latest
        seconds = moment - self.zero
        return seconds if 0 <= seconds <= latest else latest

    def _point(self, event: Event) -> None:
        kind = _POINTS.get(event.kind, "other")
        name = title_of(event)
        at = self._groups.get((kind, name))
        if at is None:
            lane = self._new(kind, name, event)
            self._groups[kind, name] = at = lane["lane"]
            lane["state"], lane["mood"] = "", "none"
        lane = self.lanes[at]
        lane["end"] = event.time
        self._homes.setdefault((event.run, event.id), at)
        self._note(lane, event)

    # ---- the parts -----------------------------------------------------------------------------------

    def _new(self, kind: str, name: str, event: Event) -> Lane:
        lane = Lane(
            lane=len(self.lanes),
            kind=kind,
            name=name,
            summary=event.summary,
            note="",
            state="waiting" if kind == "activity" else "running",
            mood="open",
            start=event.time,
            end=None,
            attempt=1,
            bars=[],
            events=[],
        )
        self.lanes.append(lane)
        return lane

    def _note(self, lane: Lane, event: Event) -> None:
        lane["events"].append(self._entry(event))
        self._changed[f"lane {lane['lane']}"] = lane

    def _entry(self, event: Event) -> tuple[float, str, str]:
        label = f"{event.run + 1}:{event.id}" if event.run else str(event.id)
        return (round(event.time, 6), label, self._say(event))

    def _redraw(self, at: int) -> None:
        lane = self.lanes[at]
        if attempts := self._attempts.get(at):
            lane["attempt"] = attempts.last
            lane["bars"] = attempts.bars()
            if lane["mood"] == "open":
                lane["state"] = _WORDS[lane["bars"][-1][2]]
        elif lane["kind"] != "task":
            style = "run"
            lane["bars"] = [Bar(lane["start"], lane["end"], style, lane["state"])]
        self._changed[f"lane {at}"] = lane
