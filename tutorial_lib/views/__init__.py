"""What you see: pictures of what happened, from one layout each.

A view is a pure layout (plain dicts), a static SVG drawn from it (an `<img>` with a real alternative text,
which survives untrusted notebooks, GitHub and nbconvert) and a thin widget that draws the same layout live.
Names are imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutorial_lib.lazy import lazy_names

if TYPE_CHECKING:
    from tutorial_lib.views.failure.view import FailureChain
    from tutorial_lib.views.fleet.view import Fleet
    from tutorial_lib.views.heard.view import WhoHeard
    from tutorial_lib.views.kit.page import standalone_html
    from tutorial_lib.views.kit.svg import Picture
    from tutorial_lib.views.kit.view import View
    from tutorial_lib.views.retry_chart.view import RetryChart
    from tutorial_lib.views.stepper.view import Stepper
    from tutorial_lib.views.table.view import HistoryTable
    from tutorial_lib.views.task_queues.view import TaskQueues
    from tutorial_lib.views.timeline.view import Timeline
    from tutorial_lib.views.timeouts.view import Timeouts

__all__ = [
    "FailureChain",
    "Fleet",
    "HistoryTable",
    "Picture",
    "RetryChart",
    "Stepper",
    "TaskQueues",
    "Timeline",
    "Timeouts",
    "View",
    "WhoHeard",
    "standalone_html",
]

__getattr__ = lazy_names(
    __name__,
    {
        "FailureChain": "failure.view",
        "Fleet": "fleet.view",
        "HistoryTable": "table.view",
        "Picture": "kit.svg",
        "RetryChart": "retry_chart.view",
        "Stepper": "stepper.view",
        "TaskQueues": "task_queues.view",
        "Timeline": "timeline.view",
        "Timeouts": "timeouts.view",
        "View": "kit.view",
        "WhoHeard": "heard.view",
        "standalone_html": "kit.page",
    },
)
