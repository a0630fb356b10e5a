"""The timeline of a workflow execution, live or afterwards: a lane for each activity, timer, child ..."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from temporalio.client import Client

from tutorial_lib.history.events import Event
from tutorial_lib.history.follow import FollowState
from tutorial_lib.views.execution.lanes import Pending
from tutorial_lib.views.execution.view import ExecutionView
from tutorial_lib.views.execution.words import alt_text
from tutorial_lib.views.kit.svg import Picture
from tutorial_lib.views.timeline.pending import PendingWatch
from tutorial_lib.views.timeline.picture import draw_timeline


class Timeline(ExecutionView):
    """What a workflow execution did when.

    `Timeline.of(history)` shows a history, `Timeline.follow(client, workflow_id)` an execution as it runs.
    """

    script: ClassVar[str] = "timeline"
    _watch: PendingWatch | None = None

    def add(self, events: Sequence[Event]) -> Sequence[Mapping[str, Any]]:
        """Take in further events. Returns the lanes and workflow tasks that changed."""
        return self._lanes.records() if self._lanes_are_full else self._lanes.add(events)

    def records(self) -> Sequence[Mapping[str, Any]]:
        """All lanes and all workflow tasks."""
        return self._lanes.records()

    def picture(self) -> Picture:
        """The lanes as they are now."""
        with self._lock:
            return Picture(draw_timeline(self._lanes, self.head), alt_text(self._lanes, running=self.running))

    def close(self) -> None:
        """Stop following, and leave every page."""
        if self._watch is not None:
            self._watch.stop()
        super().close()

    def _follow(self, client: Client, workflow_id: str, run_id: str | None) -> None:
        self._lanes.watched = True
        super()._follow(client, workflow_id, run_id)
        self._watch = PendingWatch(
            client,
            workflow_id,
            needed=lambda: self._lanes.pending,
            tell=self._on_pending,
            where=lambda: (self._run_ids.get(max(self._run_ids, default=0), ""), self._lanes.zero),
        )

    def _on_events(self, events: Sequence[Event], state: FollowState) -> None:
        super()._on_events(events, state)
        if state.ended and self._watch is not None:
            self._watch.stop()

    def _on_pending(self, pending: list[Pending]) -> None:
        """Called on the watch's thread."""
        with self._lock:
            if changed := self._lanes.tell(pending):
                self.grow(changed)
