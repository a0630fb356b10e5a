"""A retry policy drawn as the attempts it will make, and the real attempts laid over it as they are made."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Self

from temporalio.client import Client
from temporalio.common import RetryPolicy

from tutorial_lib.views.execution.activity_view import ActivityView
from tutorial_lib.views.execution.tries import ObservedActivity
from tutorial_lib.views.kit.svg import Picture
from tutorial_lib.views.retry_chart.layout import retry_chart_layout
from tutorial_lib.views.retry_chart.picture import retry_chart_picture


class RetryChart(ActivityView):
    """A chart of a `RetryPolicy`. Made by `lab.retry_chart(policy)`."""

    script = "retry_chart"

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
        view._policy = policy
        await view._follow_activity(client, workflow_id, run_id, activity)
        return view

    def picture(self) -> Picture:
        """The chart as it is now."""
        return retry_chart_picture(self.chart)

    def drawn(self, run: ObservedActivity | None) -> dict[str, Any]:
        """The policy's attempts, and those that have been seen."""
        return retry_chart_layout(self._policy or (run.policy if run else RetryPolicy()), run)
