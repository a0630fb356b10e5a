"""Whether a worker has an order in its hands: it reports that with a heartbeat."""

from __future__ import annotations

from typing import Any

from temporalio.client import WorkflowHandle


async def heartbeats(handle: WorkflowHandle[Any, Any]) -> bool:
    """Whether a worker has reported that an activity of this order is in its hands."""
    pending = (await handle.describe()).raw_description.pending_activities
    return any(each.HasField("last_heartbeat_time") for each in pending)
