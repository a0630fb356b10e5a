"""Whether a worker has an order in its hands: what it says of that is a heartbeat."""

from __future__ import annotations

from typing import Any

from temporalio.client import WorkflowHandle


async def heartbeats(handle: WorkflowHandle[Any, Any]) -> bool:
    """Whether a worker has said that an activity of this order is in its hands."""
    pending = (await handle.describe()).raw_description.pending_activities
    return any(each.HasField("last_heartbeat_time") for each in pending)
