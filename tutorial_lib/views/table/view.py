"""The event history as a table: searchable, with a sentence for each event and the decoded payloads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from tutorial_lib.history.events import Event
from tutorial_lib.views.execution.past import Past
from tutorial_lib.views.execution.view import ExecutionView
from tutorial_lib.views.execution.words import alt_text
from tutorial_lib.views.kit.svg import Picture
from tutorial_lib.views.table.layout import EventRow, row_of
from tutorial_lib.views.table.picture import draw_table, drawn


class HistoryTable(ExecutionView):
    """The events of an execution, one a row.

    `HistoryTable.of(history)` shows a history, `HistoryTable.follow(client, workflow_id)` one that grows.
    """

    script: ClassVar[str] = "table"

    def __init__(self, past: Past, *, link: str = "") -> None:
        self._rows: list[EventRow] = []
        self._events: list[Event] = []
        super().__init__(past, link=link)

    def add(self, events: Sequence[Event]) -> Sequence[Mapping[str, Any]]:
        """Take in further events. Returns their rows."""
        self._lanes.add(events)  # what the alternative text tells of
        count = len(self._rows)
        rows = [row_of(event, count + k, self._past.say(event)) for k, event in enumerate(events)]
        self._rows += rows
        self._events += events
        return rows

    def records(self) -> Sequence[Mapping[str, Any]]:
        """All rows."""
        return self._rows

    def picture(self) -> Picture:
        """The first and the last rows as they are now; no names of workers, which name machines."""
        with self._lock:
            told = alt_text(self._lanes, running=self.running, what="Event history")
            rows = list(self._rows)
            for k in drawn(len(rows)):
                rows[k] = EventRow(**{**rows[k], "says": self._past.say(self._events[k], names=False)})
            return Picture(draw_table(rows, self.head), told)
