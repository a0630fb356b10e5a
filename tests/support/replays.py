"""Histories of the workflows in orders.py, of any length, without a server; and their replays."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from tests.support import orders
from tutorial_lib.replay.recorder import record_replay
from tutorial_lib.replay.steps import Recording

LINES = Path(orders.__file__).read_text(encoding="utf-8").splitlines()


def line_of(version: type, text: str) -> int:
    """Number of the first line with this text in a class of orders.py."""
    start = LINES.index(f"class {version.__name__}:")
    return next(number for number, line in enumerate(LINES[start:], start + 1) if text in line)


async def replayed(version: type, parcels: int = 3, **options: Any) -> Recording:
    """The replay of a history of `Order` with a version of its code."""
    return await record_replay(history(parcels), [version], **options)


def history(parcels: int, *, closed: bool = True, run_id: str = "run-1") -> str:
    """A history of `Order`, as `temporal workflow show -o json` writes it: 4 + 6 * parcels + 1 events."""
    events: list[tuple[str, dict[str, Any]]] = []

    def add(kind: str, **attributes: Any) -> str:
        events.append((kind, attributes))
        return str(len(events))

    def task() -> str:
        scheduled = add("WorkflowTaskScheduled", taskQueue={"name": "orders"}, attempt=1)
        started = add("WorkflowTaskStarted", scheduledEventId=scheduled, identity="worker@host")
        return add("WorkflowTaskCompleted", scheduledEventId=scheduled, startedEventId=started)

    add(
        "WorkflowExecutionStarted",
        workflowType={"name": "Order"},
        workflowId="order-1",
        taskQueue={"name": "orders"},
        input=_payload(parcels),
        originalExecutionRunId=run_id,
        firstExecutionRunId=run_id,
        attempt=1,
    )
    completed = task()
    for number in range(parcels):
        scheduled = add(
            "ActivityTaskScheduled",
            activityId=str(number + 1),
            activityType={"name": "ship"},
            taskQueue={"name": "orders"},
            input=_payload(number),
            workflowTaskCompletedEventId=completed,
        )
        started = add("ActivityTaskStarted", scheduledEventId=scheduled, identity="worker@host", attempt=1)
        add(
            "ActivityTaskCompleted",
            scheduledEventId=scheduled,
            startedEventId=started,
            result=_payload(f"parcel {number}"),
        )
        completed = task()
    if closed:
        add(
            "WorkflowExecutionCompleted",
            result=_payload(parcels),
            workflowTaskCompletedEventId=completed,
        )
    else:
        del events[-3:]  # the last task is still to come
    return json.dumps({"events": [_event(number, *event) for number, event in enumerate(events, start=1)]})


def ends_otherwise(parcels: int, until: int, *events: tuple[str, dict[str, Any]]) -> str:
    """That history until one of its events, and then others."""
    kept = json.loads(history(parcels))["events"][:until]
    return json.dumps({"events": kept + [_event(until + n, *each) for n, each in enumerate(events, 1)]})


def _event(number: int, kind: str, attributes: dict[str, Any]) -> dict[str, Any]:
    snake = "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in kind)
    return {
        "eventId": str(number),
        "eventTime": f"2026-01-02T03:{number // 60 % 60:02}:{number % 60:02}Z",
        "eventType": f"EVENT_TYPE{snake}",
        f"{kind[0].lower()}{kind[1:]}EventAttributes": attributes,
    }


def _payload(value: object) -> dict[str, Any]:
    def encoded(data: bytes) -> str:
        return base64.b64encode(data).decode()

    data = encoded(json.dumps(value).encode())
    return {"payloads": [{"metadata": {"encoding": encoded(b"json/plain")}, "data": data}]}
