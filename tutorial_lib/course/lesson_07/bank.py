"""The old bank, which the exercises of this lesson move away from."""

from __future__ import annotations

from temporalio import activity


@activity.defn
async def charge_card(customer: str) -> None:
    """Charges through the old bank."""
