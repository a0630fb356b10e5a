"""The event history as a table: searchable, with a sentence for each event and the decoded payloads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from tutorial_lib.history.events import Event
from tutorial_lib.views.execution.lanes import Lanes
from tutorial_lib.views.execution.past import Past
from tutorial_lib.views.execution.view import ExecutionView
from tutorial_lib.views.execution.words import alt_text
from tutorial_lib.views.kit.svg import Picture
from tutorial_lib.views.table.layout import EventRow, Rows
from tutorial_lib.views.table.picture import draw_table


class HistoryTable(ExecutionView):
    """The events of an execution, one a row.

    `HistoryTable.of(history)` shows a history, `HistoryTable.follow(client, workflow_id)` one that grows.
    """

    script: ClassVar[str] = "table"

    def __init__(self, past: Past, *, link: str = "", lanes: Lanes | None = None) -> None:
        self._events: list[Event] = []
        self._rows: Sequence[EventRow] = []
        super().__init__(past, link=link, lanes=lanes)

    def add(self, events: Sequence[Event]) -> Sequence[Mapping[str, Any]]:
        """Take in further events. Returns their rows."""
        if not self._lanes_are_full:
            self._lanes.add(events)  # what the alternative text tells of
        count = len(self._events)
        self._events += events
        rows = Rows(self._events, self._past.say, count)
        self._rows = [*self._rows, *rows] if self._follower or count else rows
        return rows

    def records(self) -> Sequence[Mapping[str, Any]]:
        """All rows."""
        return self._rows

    def picture(self) -> Picture:
        """The first and the last rows as they are now; no names of workers, which name machines."""
        with self._lock:
            told = alt_text(self._lanes, running=self.running, what="Event history")
            rows = Rows(self._events, partial(self._past.say, names=False))
            return Picture(draw_table(rows, self.head), told)
