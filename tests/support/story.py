"""Events by hand, with times that nobody's machine decides."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from temporalio.client import WorkflowHistory

from tutorial_lib.history.events import Event, Failure, History
from tutorial_lib.history.kinds import KIND_OF

POLICY = {"initial_interval_seconds": 1.0, "backoff_coefficient": 2.0, "maximum_interval_seconds": 100.0}


def happen(number: int, type_: str, time: float, name: str = "", **more: Any) -> Event:
    """An event."""
    return Event(id=number, type=type_, kind=KIND_OF.get(type_, "other"), time=time, name=name, **more)


def history(*events: Event, **more: Any) -> History:
    """A history of events."""
    told = {"workflow_id": "order-1", "run_id": "run-1", "workflow_type": "Order", "task_queue": "orders"}
    return History(
        **{**told, **more},
        started=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        events=events,
        source=WorkflowHistory("order-1", []),
    )


def scheduled(number: int, time: float, name: str, **attributes: Any) -> Event:
    """An activity that was scheduled."""
    told = {"activity_id": str(number), "retry_policy": POLICY, **attributes}
    return happen(number, "ActivityTaskScheduled", time, name, attributes=told)


def order() -> list[Event]:
    """An order: its charge takes three attempts, its shipping fails, a reminder is canceled."""
    failure = Failure("no such address", type="BadAddress")
    return [
        happen(1, "WorkflowExecutionStarted", 0.0, "Order"),
        happen(2, "WorkflowTaskScheduled", 0.0),
        happen(3, "WorkflowTaskStarted", 0.1, opened_by=2),
        happen(4, "WorkflowTaskCompleted", 0.2, opened_by=2),
        scheduled(5, 0.2, "charge"),
        happen(6, "TimerStarted", 0.2, "1", attributes={"start_to_fire_seconds": 60.0}, summary="reminder"),
        happen(7, "WorkflowExecutionSignaled", 1.0, "hurry", payloads={"input": ("birthday",)}),
        happen(8, "ActivityTaskStarted", 3.6, "charge", opened_by=5, attempt=3),
        happen(9, "ActivityTaskCompleted", 4.0, "charge", opened_by=5, payloads={"result": ("paid",)}),
        happen(10, "WorkflowTaskScheduled", 4.0),
        happen(11, "WorkflowTaskStarted", 4.05, opened_by=10),
        happen(12, "WorkflowTaskCompleted", 4.1, opened_by=10),
        scheduled(13, 4.1, "ship"),
        happen(14, "ActivityTaskStarted", 4.3, "ship", opened_by=13, attempt=1),
        happen(
            15,
            "ActivityTaskFailed",
            4.8,
            "ship",
            opened_by=13,
            failure=Failure("activity failed", cause=failure),
        ),
        happen(16, "WorkflowTaskScheduled", 4.8),
        happen(17, "WorkflowTaskStarted", 4.85, opened_by=16),
        happen(18, "WorkflowTaskCompleted", 4.9, opened_by=16),
        happen(19, "TimerCanceled", 4.9, "1", opened_by=6),
        happen(20, "WorkflowExecutionCompleted", 5.0, "Order", opened_by=1, payloads={"result": ("kept",)}),
    ]
