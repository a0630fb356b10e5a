"""The four timeouts of an activity: where each begins and ends, and live over its real attempts."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final, Self

import traitlets
from temporalio.client import Client

from tutorial_lib.stage.clock import clock_of
from tutorial_lib.views.execution.tries import ActivityReader
from tutorial_lib.views.kit.following import LiveView
from tutorial_lib.views.kit.svg import Picture
from tutorial_lib.views.timeouts.layout import timeouts_layout
from tutorial_lib.views.timeouts.options import Options
from tutorial_lib.views.timeouts.picture import timeouts_picture

EVERY = 0.1  # seconds between looks: an attempt or a heartbeat between two looks is not seen
SLOW = 0.25  # the same, while nothing changes
PATIENCE: Final = 60.0  # seconds that `over` waits


class Timeouts(LiveView):
    """The timeouts of an activity, over its attempts. Made by `lab.timeouts(...)`.

    Attributes:
        chart: What it shows, as `timeouts_layout` makes it.
    """

    script = "timeouts"
    chart: Any = traitlets.Dict().tag(sync=True)

    @classmethod
    def of(cls, options: Options) -> Self:
        """The picture of options alone, before anything runs.

        Args:
            options: What an activity is to be called with.
        """
        return cls(chart=timeouts_layout(options))

    @classmethod
    async def follow(
        cls,
        options: Options | None,
        client: Client,
        workflow_id: str,
        run_id: str | None = None,
        *,
        activity: str = "",
    ) -> Self:
        """A picture that follows an activity of an execution until it is over.

        Args:
            options: What it was called with; what the server has if None.
            client: Client of the namespace.
            workflow_id: The execution.
            run_id: Its run; the latest if None.
            activity: Type or id of the activity; if "", the pending one with most attempts, else the latest.

        Raises:
            RPCError: If the server does not answer, or knows no such execution.
        """
        view = cls()
        view._clock = clock_of(client)
        view._options = options
        view._reader = ActivityReader(client, workflow_id, run_id, activity)
        if await view._look() is not None:
            view._follow(view._look, fast=EVERY, slow=SLOW)
        return view

    async def over(self) -> Self:
        """Wait until the activity is over, a minute at most; then the picture is whole."""
        until = time.monotonic() + PATIENCE
        while self.live and time.monotonic() < until:  # noqa: ASYNC110 - the watch is another thread
            await asyncio.sleep(0.02)
        return self

    def picture(self) -> Picture:
        """The timeouts as they are now."""
        return timeouts_picture(self.chart)

    async def _look(self) -> bool | None:
        run = await self._reader.read()
        options = self._options or (Options.seen(run) if run else None)
        chart = timeouts_layout(options or Options(), run) if options or run else _NOTHING
        news = bool(chart != self.chart)
        if news:
            self.chart = chart
        return None if self._reader.over else news


_NOTHING: Final = timeouts_layout(Options()) | {"options": "No activity is scheduled yet.", "warning": ""}
