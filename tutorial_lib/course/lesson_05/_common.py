"""What the exercises of lesson 05 share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from temporalio import activity
from temporalio.client import (
    WorkflowHandle,
)

from tutorial_lib.exercises.bench import Bench
from tutorial_lib.exercises.ledger import Ledger

LESSON = "lesson-05"


Handle = WorkflowHandle[Any, Any]


async def confirmed(bench: Bench, handle: Handle) -> None:
    await handle.signal("confirm")
    await bench.ended(handle)


def charge(ledger: Ledger) -> Callable[..., Any]:
    @activity.defn(name="charge")
    async def charge(payment: str) -> None:
        ledger.add(f"charge {payment}")

    return charge
