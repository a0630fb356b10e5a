"""What the workflows of lesson 10 have done: letters, by mail. A module of its own, and a light one."""

from __future__ import annotations

from temporalio import activity

__all__ = ["send_letter"]


@activity.defn
async def send_letter(letter: str) -> str:
    """Sends a letter."""
    return f"{letter}: sent"
