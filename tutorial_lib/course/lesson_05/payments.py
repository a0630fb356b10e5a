"""Payments that wait to be confirmed, and an activity that notes each charge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from temporalio import activity
from temporalio.client import (
    WorkflowHandle,
)

from tutorial_lib.exercises.checks.ledger import Ledger
from tutorial_lib.exercises.checks.workbench import Workbench

Handle = WorkflowHandle[Any, Any]


async def confirmed(bench: Workbench, handle: Handle) -> None:
    """Confirm a payment, and wait for its end."""
    await handle.signal("confirm")
    await bench.ended(handle)


def charge(ledger: Ledger) -> Callable[..., Any]:
    """An activity `charge` that notes each payment in a ledger."""

    @activity.defn(name="charge")
    async def charge(payment: str) -> None:
        ledger.add(f"charge {payment}")

    return charge
