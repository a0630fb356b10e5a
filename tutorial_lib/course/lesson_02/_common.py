"""What the exercises of lesson 02 share."""

from __future__ import annotations

from typing import Any

from temporalio.client import WorkflowHandle

LESSON = "lesson-02"


async def heartbeats(handle: WorkflowHandle[Any, Any]) -> bool:
    """Whether a worker has said that an activity of this order is in its hands."""
    pending = (await handle.describe()).raw_description.pending_activities
    return any(each.HasField("last_heartbeat_time") for each in pending)
