"""A view of one workflow execution: of its history as it is, or live as it grows."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Self

from temporalio.client import Client

from tutorial_lib.history.events import Event, History
from tutorial_lib.history.follow import Follower, FollowState
from tutorial_lib.stage.clock import ServerClock, clock_of
from tutorial_lib.views.execution.lanes import WORKFLOW, Lanes
from tutorial_lib.views.execution.past import Past
from tutorial_lib.views.execution.words import SYMBOLS, waits
from tutorial_lib.views.kit.growing import Growing

# How long `follow` waits for what has happened already, in seconds.
FIRST_LOOK: Final = 2.0  # in all
CATCHING_UP: Final = 0.6  # after the first events
QUIET: Final = 0.15  # without further ones

_EXECUTION = re.compile(r"(.*/workflows/[^/]+)(/.*)?")


class ExecutionView(Growing):
    """What timeline and history table have in common.

    Args:
        past: Explains the events.
        link: Address of the execution in the Web UI, or "".
        lanes: Those of another view of the same history, filled; None for lanes of its own.
    """

    def __init__(self, past: Past, *, link: str = "", lanes: Lanes | None = None) -> None:
        self._past = past
        self._lanes = lanes or Lanes(past.say)
        self._lanes_are_full = lanes is not None
        self._link = link
        self._clock = ServerClock()
        self._run_ids: dict[int, str] = {}
        self._follower: Follower | None = None
        self._over = threading.Event()
        self._first_batch = self._last_batch = 0.0
        super().__init__()

    @classmethod
    def of(cls, history: History, *, link: str = "", beside: ExecutionView | None = None) -> Self:
        """The view of a history.

        Args:
            history: The history.
            link: Address of the execution in the Web UI; none is shown if empty.
            beside: Another view of the same history, whose work need not be done twice.
        """
        if beside is None:
            view = cls(Past(history), link=link)
        else:
            past, lanes = beside._past, beside._lanes  # noqa: SLF001 - of the same kind
            view = cls(past, link=link, lanes=lanes)
        view._run_ids[0] = history.run_id
        view._take(history.events, history.workflow_id, history.started, running=not history.closed)
        return view

    @classmethod
    def follow(
        cls,
        client: Client,
        workflow_id: str,
        run_id: str | None = None,
        *,
        link: str = "",
        over: bool = False,
    ) -> Self:
        """The view of an execution while it runs, across continue-as-new.

        Args:
            client: Client of its namespace; it may be in use on other loops.
            workflow_id: Workflow id.
            run_id: First run to show; the latest one if None.
            link: Address of the execution in the Web UI; none is shown if empty.
            over: Whether it is known to have ended, its last run as well.

        Returns:
            The view with what has happened so far; of an execution that is over, with everything, however
            long a busy machine takes for that.
        """
        view = cls(Past(), link=link)
        view._follow(client, workflow_id, run_id)
        view._catch_up(over=over)
        return view

    @property
    def running(self) -> bool:
        """Whether the execution has not ended, as far as is known here."""
        return bool(self.head.get("running", True))

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the execution has ended.

        Args:
            timeout: Seconds to wait at most; without end if None.

        Returns:
            Whether that is so.
        """
        return self._follower is None or self._follower.wait(timeout)

    def close(self) -> None:
        """Stop following, and leave every page."""
        if self._follower is not None:
            self._follower.stop()
        super().close()

    def add(self, events: Sequence[Event]) -> Sequence[Mapping[str, Any]]:
        """Take in further events. Returns the records that are new or changed."""
        raise NotImplementedError

    def _follow(self, client: Client, workflow_id: str, run_id: str | None) -> None:
        self._clock = clock_of(client)
        self._follower = Follower(client, workflow_id, run_id, on_events=self._on_events)

    def _catch_up(self, *, over: bool) -> None:
        begun = time.monotonic()
        while not self._over.wait(0.01):
            if over and not self.head.get("trouble"):
                continue
            now = time.monotonic()
            first, last = self._first_batch, self._last_batch
            if now - begun > FIRST_LOOK or (first and (now - last > QUIET or now - first > CATCHING_UP)):
                return

    def _on_events(self, events: Sequence[Event], state: FollowState) -> None:
        """Called on the follower's thread."""
        self._past.add(events, state)
        self._run_ids |= _run_ids(events)
        if state.run_id:
            self._run_ids[state.run] = state.run_id
        running = state.status == "Running"
        self._take(events, state.workflow_id, state.started, running=running, state=state)
        if events:
            self._last_batch = time.monotonic()
            self._first_batch = self._first_batch or self._last_batch
        if state.ended:
            self._over.set()

    def _take(
        self,
        events: Sequence[Event],
        workflow_id: str,
        started: datetime | None,
        *,
        running: bool,
        state: FollowState | None = None,
    ) -> None:
        with self._lock:
            self._lanes.zero = started.timestamp() if started else 0.0
            changed = self.add(events)
            live = state is not None and not state.ended
            head = {
                **self._told(),
                "id": workflow_id,
                "running": running,
                "live": live,
                "trouble": _trouble(state),
            }
            # That time has passed is no news: the records tell it.
            if {**head, "end": 0} != {**self.head, "end": 0}:
                self.head = head
            if changed or not live:
                self.grow(changed, last=not live)

    def now(self) -> float:
        """The time on the clock of the lanes, which is the server's; 0 while nothing has happened."""
        return self._clock.now() - self._lanes.zero if self._lanes.zero else 0.0

    def _told(self) -> dict[str, Any]:
        """The part of `head` that the lanes know."""
        main = self._lanes.lanes[WORKFLOW] if self._lanes.lanes else None
        inside = _EXECUTION.fullmatch(self._link)
        ids = [self._run_ids.get(run, "") for run in range(len(self._lanes.runs))]
        return {
            "title": main["name"] if main else "",
            "state": f"{SYMBOLS[main['mood']]} {main['state']}" if main else "",
            "mood": main["mood"] if main else "none",
            "waits": waits(self._lanes) if main else "",
            "started": self._lanes.zero,
            "runs": [round(start, 6) for start in self._lanes.runs],
            "end": self._lanes.end,
            "link": self._link,
            # Each run's events have pages of their own in the Web UI.
            "events": [f"{inside[1]}/{each}/history/events/{{id}}" for each in ids]
            if inside and all(ids)
            else [],
        }


def _run_ids(events: Sequence[Event]) -> dict[int, str]:
    """Run ids by the number of the run, as far as the events have them."""
    found = {}
    for event in events:
        if event.id == 1 and (own := event.attributes.get("original_execution_run_id")):
            found[event.run] = str(own)
        if following := event.attributes.get("new_execution_run_id"):
            found[event.run + 1] = str(following)
    return found


def _trouble(state: FollowState | None) -> str:
    if state is None or (state.connected and not state.error):
        return ""
    return state.error or "The server does not answer; this goes on when it does."
