"""The four timeouts of an activity: where each begins and ends, and live over its real attempts."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final, Self

from temporalio.client import Client

from tutorial_lib.views.execution.activity_view import ActivityView
from tutorial_lib.views.execution.tries import ObservedActivity
from tutorial_lib.views.kit.svg import Picture
from tutorial_lib.views.timeouts.layout import timeouts_layout
from tutorial_lib.views.timeouts.options import Options
from tutorial_lib.views.timeouts.picture import timeouts_picture

PATIENCE: Final = 60.0  # seconds that `over` waits


class Timeouts(ActivityView):
    """The timeouts of an activity, over its attempts. Made by `lab.timeouts(...)`."""

    script = "timeouts"

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
        view._options = options
        await view._follow_activity(client, workflow_id, run_id, activity)
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

    def drawn(self, run: ObservedActivity | None) -> dict[str, Any]:
        """The options over what has been seen of the activity."""
        options = self._options or (Options.seen(run) if run else None)
        return timeouts_layout(options or Options(), run) if options or run else _NOTHING


_NOTHING: Final = timeouts_layout(Options()) | {"options": "No activity is scheduled yet.", "warning": ""}
