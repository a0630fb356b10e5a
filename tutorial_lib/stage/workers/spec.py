"""What a worker is to run, wherever it does: in this kernel or in a process of its own."""

from __future__ import annotations

import concurrent.futures
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.client import Client
from temporalio.worker import Plugin, Worker

THREADS = 32  # sync activities that run at once, unless the caller brings an executor


@dataclass(frozen=True)
class WorkerSpec:
    """What a worker is to run, wherever it does.

    Attributes:
        task_queue: Task queue that it polls.
        workflows: Workflow classes.
        activities: Activities.
        options: Further arguments of `temporalio.worker.Worker`.
        name: What to call it among its like.
    """

    task_queue: str
    workflows: Sequence[type] = ()
    activities: Sequence[Callable[..., Any]] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""

    @property
    def queue_type(self) -> TaskQueueType.ValueType:
        """The kind of task by which the server knows this worker as a poller."""
        if self.workflows:
            return TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
        return TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY

    def identity(self, client: Client) -> str:
        """The name by which the server knows this worker as a poller."""
        return str(self.options.get("identity") or client.identity)

    def make(self, client: Client, *plugins: Plugin) -> Worker:
        """The SDK's worker; sync activities get a thread pool unless one is given.

        Args:
            client: What it is to use.
            plugins: More plugins, after those of the options.
        """
        options = dict(self.options)
        options["plugins"] = [*options.get("plugins", ()), *plugins]
        options["identity"] = self.identity(client)
        if "activity_executor" not in options and any(not is_async(a) for a in self.activities):
            options["activity_executor"] = concurrent.futures.ThreadPoolExecutor(
                THREADS, thread_name_prefix="activity"
            )
            options.setdefault("max_concurrent_activities", THREADS)
        return Worker(
            client,
            task_queue=self.task_queue,
            workflows=list(self.workflows),
            activities=list(self.activities),
            **options,
        )


def is_async(activity: Callable[..., Any]) -> bool:
    """Whether an activity (a function, a method, a callable object) is a coroutine function."""
    function = activity if inspect.isroutine(activity) else getattr(activity, "__call__", activity)  # noqa: B004
    return inspect.iscoroutinefunction(inspect.unwrap(function))
