"""What you see: pictures of what happened, from one layout each.

A view is a pure layout (plain dicts), a static SVG drawn from it (an `<img>` with a real alternative text,
which survives untrusted notebooks, GitHub and nbconvert) and a thin widget that draws the same layout live.
Names are imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutorial_lib._lazy import lazy_names

if TYPE_CHECKING:
    from tutorial_lib.views._svg import Picture
    from tutorial_lib.views._view import View
    from tutorial_lib.views.fleet import Fleet
    from tutorial_lib.views.page import standalone_html
    from tutorial_lib.views.retry_chart import RetryChart
    from tutorial_lib.views.stepper import Stepper
    from tutorial_lib.views.table import HistoryTable
    from tutorial_lib.views.task_queues import TaskQueues
    from tutorial_lib.views.timeline import Timeline

__all__ = [
    "Fleet",
    "HistoryTable",
    "Picture",
    "RetryChart",
    "Stepper",
    "TaskQueues",
    "Timeline",
    "View",
    "standalone_html",
]

__getattr__ = lazy_names(
    __name__,
    {
        "Fleet": "fleet",
        "HistoryTable": "table",
        "Picture": "_svg",
        "RetryChart": "retry_chart",
        "Stepper": "stepper",
        "TaskQueues": "task_queues",
        "Timeline": "timeline",
        "View": "_view",
        "standalone_html": "page",
    },
)
