"""A retry policy drawn as the attempts it will make, and the real attempts laid over it as they are made."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Self

import traitlets
from temporalio.client import Client
from temporalio.common import RetryPolicy

from tutorial_lib.stage.clock import clock_of
from tutorial_lib.views.execution.tries import ActivityReader
from tutorial_lib.views.kit.following import LiveView
from tutorial_lib.views.kit.svg import Picture
from tutorial_lib.views.retry_chart.layout import retry_chart_layout
from tutorial_lib.views.retry_chart.picture import retry_chart_picture

EVERY = 0.1  # seconds between looks: an attempt between two looks is not seen
SLOW = 0.25  # the same, while nothing changes


class RetryChart(LiveView):
    """A chart of a `RetryPolicy`. Made by `lab.retry_chart(policy)`.

    Attributes:
        chart: What it shows, as `retry_chart_layout` makes it.
    """

    script = "retry_chart"
    chart: Any = traitlets.Dict().tag(sync=True)

    @classmethod
    def of(cls, policy: RetryPolicy, *, schedule_to_close_timeout: timedelta | None = None) -> Self:
        """The chart of a policy alone.

        Args:
            policy: The policy.
            schedule_to_close_timeout: That of the activity, which ends the retries.
        """
        limit = schedule_to_close_timeout.total_seconds() if schedule_to_close_timeout else None
        return cls(chart=retry_chart_layout(policy, None, limit))

    @classmethod
    async def follow(
        cls,
        policy: RetryPolicy | None,
        client: Client,
        workflow_id: str,
        run_id: str | None = None,
        *,
        activity: str = "",
    ) -> Self:
        """A chart that follows an activity of an execution until it is over.

        Args:
            policy: The policy to draw; the one that the server has if None.
            client: Client of the namespace.
            workflow_id: The execution.
            run_id: Its run; the latest if None.
            activity: Type or id of the activity; if "", the pending one with most attempts, else the latest.

        Raises:
            RPCError: If the server does not answer, or knows no such execution.
        """
        view = cls()
        view._clock = clock_of(client)
        view._policy = policy
        view._reader = ActivityReader(client, workflow_id, run_id, activity)
        if await view._look() is not None:
            view._follow(view._look, fast=EVERY, slow=SLOW)
        return view

    def picture(self) -> Picture:
        """The chart as it is now."""
        return retry_chart_picture(self.chart)

    async def _look(self) -> bool | None:
        run = await self._reader.read()
        chart = retry_chart_layout(self._policy or (run.policy if run else RetryPolicy()), run)
        news = bool(chart != self.chart)
        if news:
            self.chart = chart
        return None if self._reader.over else news
