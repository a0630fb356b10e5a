"""What is open in a namespace: executions and activities, who works on what, who has it cached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Activity:
    """An activity that has been scheduled and is not over.

    Attributes:
        name: Its type.
        queue: Its task queue.
        worker: Identity of the worker that runs its attempt; "" while none does.
        attempt: Number of the attempt that runs or is the next.
    """

    name: str
    queue: str
    worker: str
    attempt: int


@dataclass(frozen=True, slots=True)
class LatestTask:
    """The latest workflow task of an execution.

    Attributes:
        worker: Identity of its worker, which has the execution in its cache; "" if the task failed.
        at: When it was given to the worker or returned, in seconds since the epoch.
    """

    worker: str = ""
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Execution:
    """An open workflow execution.

    Attributes:
        id: Workflow id.
        run_id: Run id.
        type: Workflow type.
        queue: Task queue of its workflow tasks.
        task: Its latest workflow task.
        working: Whether a worker works on a workflow task of it now.
        activities: Its pending activities.
    """

    id: str
    run_id: str
    type: str
    queue: str
    task: LatestTask = LatestTask()
    working: bool = False
    activities: tuple[Activity, ...] = ()


@dataclass(frozen=True, slots=True)
class Census:
    """All that is open in a namespace.

    Attributes:
        executions: Open executions, oldest first.
        activities: Standalone activities that are not over.
        complete: Whether these are all; else the newest.
    """

    executions: tuple[Execution, ...] = ()
    activities: tuple[Activity, ...] = ()
    complete: bool = True


def running_by_worker(census: Census) -> Mapping[str, tuple[str, ...]]:
    """Names of the activities whose attempts run, by the identity of their worker."""
    found: dict[str, tuple[str, ...]] = {}
    for activity in (*(a for each in census.executions for a in each.activities), *census.activities):
        if activity.worker:
            found[activity.worker] = (*found.get(activity.worker, ()), activity.name)
    return found
