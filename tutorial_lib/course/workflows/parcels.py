"""The smallest workflow there is, to be started in wrong places by the exercises of lesson 03.

A module of its own, and a light one: the sandbox imports it for each execution.
"""

from __future__ import annotations

from temporalio import workflow

__all__ = ["ShipParcel"]


@workflow.defn
class ShipParcel:
    """Ships at once."""

    @workflow.run
    async def run(self, order_id: str) -> str:
        """Record that it is shipped."""
        return f"{order_id} is shipped"
