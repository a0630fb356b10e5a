"""The task queues of a namespace, live: who polls each, what waits, and the queue that nobody polls."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

import traitlets
from temporalio.client import Client

from tutorial_lib.stage.clock import clock_of
from tutorial_lib.stage.workers.workers import Workers, worker_name
from tutorial_lib.views.kit.following import LiveView
from tutorial_lib.views.kit.grid import Cell, Grid
from tutorial_lib.views.kit.svg import Picture
from tutorial_lib.views.task_queues.layout import NO_WORKER, NOBODY, Row, sentence, task_queues_layout
from tutorial_lib.views.task_queues.reader import QueueReader

FAST, SLOW = 0.5, 2.0  # seconds between looks: while things change, and when nothing does

_COLUMNS = (
    ("Task queue", 170),
    ("State", 130),
    ("Workflow tasks", 160),
    ("Activity tasks", 160),
    ("What it means", 300),
)
_COLOURS = {NOBODY: "failed", NO_WORKER: "warning", "work waits": "warning", "polled": "done"}


class TaskQueues(LiveView):
    """The task queues that workflows or workers of a namespace use. Made by `await lab.task_queues()`.

    Attributes:
        rows: A dict for each queue, as `task_queues_layout` makes it.
    """

    script = "task_queues"
    rows: Any = traitlets.List().tag(sync=True)

    @classmethod
    async def follow(cls, client: Client, workers: Workers, since: datetime | None = None) -> Self:
        """A view of a namespace's task queues that follows them until `close`.

        Args:
            client: Client of the namespace.
            workers: The lab's workers.
            since: Queues of executions that are over count if they were started after this; now if None.

        Raises:
            RPCError: If the server does not answer.
        """
        view = cls()
        view._clock = clock_of(client)
        view._workers = workers
        view._reader = QueueReader(client, workers, since or clock_of(client).date())
        await view.look()
        view._follow(view.look, fast=FAST, slow=SLOW)
        return view

    async def look(self) -> bool:
        """Read the queues now. Returns whether something has changed."""
        queues = await self._reader.read()
        names = {worker.identity: worker_name(worker) for worker in self._workers}
        rows = task_queues_layout(queues, names)
        news = bool(rows != self.rows)
        if news:
            self.rows = rows
        return news

    def picture(self) -> Picture:
        """The table as it is now."""
        cells = [_cells(row) for row in self.rows]
        notes = [] if cells else [Cell("No queue is in use.", "muted")]
        return Picture(Grid("Task queues", _COLUMNS, cells, notes).svg(), sentence(self.rows))


def _cells(row: Row) -> list[Cell]:
    word = f"{row['symbol']} {row['verdict']}"
    return [
        Cell(row["name"], strong=True),
        Cell(word, _COLOURS.get(row["verdict"], "muted"), strong=True),
        _side(row["workflow"]),
        _side(row["activity"]),
        Cell(row["advice"]),
    ]


def _side(side: dict[str, Any]) -> Cell:
    pollers = ", ".join(side["pollers"]) or (NOBODY if side["stuck"] else "—")
    waits = f"\n{side['backlog']} waiting" if side["backlog"] else ""
    return Cell(pollers + waits, "failed" if side["stuck"] else "ink" if side["pollers"] else "muted")
