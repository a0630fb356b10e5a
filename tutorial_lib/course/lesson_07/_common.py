"""What the exercises of lesson 07 share."""

from __future__ import annotations

from temporalio import activity

LESSON = "lesson-07"


@activity.defn
async def charge_card(customer: str) -> None:
    """Charges through the old bank."""
