"""A view of one activity of an execution, followed until it is over."""

from __future__ import annotations

from typing import Any, Final

import traitlets
from temporalio.client import Client

from tutorial_lib.stage.clock import clock_of
from tutorial_lib.views.execution.tries import ActivityReader, ObservedActivity
from tutorial_lib.views.kit.following import LiveView

EVERY: Final = 0.1  # seconds between looks: an attempt or a heartbeat between two looks is not seen
SLOW: Final = 0.25  # the same, while nothing changes


class ActivityView(LiveView):
    """What a chart of an activity's retries and one of its timeouts have in common.

    Attributes:
        chart: What it shows, as the subclass's `drawn` makes it.
    """

    chart: Any = traitlets.Dict().tag(sync=True)

    def drawn(self, run: ObservedActivity | None) -> dict[str, Any]:
        """Makes what is shown of an activity; None: nothing has been scheduled yet."""
        raise NotImplementedError

    async def _follow_activity(
        self, client: Client, workflow_id: str, run_id: str | None, activity: str
    ) -> None:
        """Look once, then again and again until the activity is over.

        Raises:
            RPCError: If the server does not answer, or knows no such execution.
        """
        self._clock = clock_of(client)
        self._reader = ActivityReader(client, workflow_id, run_id, activity)
        if await self._look() is not None:
            self._follow(self._look, fast=EVERY, slow=SLOW)

    async def _look(self) -> bool | None:
        chart = self.drawn(await self._reader.read())
        news = bool(chart != self.chart)
        if news:
            self.chart = chart
        return None if self._reader.over else news
