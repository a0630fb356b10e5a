"""Activities that exceed a timeout each, in a module that the sandbox can import."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy


@dataclass
class Call:
    """A call of `work`, in seconds; 0 leaves a timeout out."""

    lasts: float = 5.0
    silent_after: float = 0.0
    fails: int = 0
    start_to_close: float = 0.0
    schedule_to_close: float = 0.0
    schedule_to_start: float = 0.0
    heartbeat: float = 0.0
    attempts: int = 0
    wait: float = 0.2
    task_queue: str = ""

    def options(self) -> workflow.ActivityConfig:
        """The options that it is called with."""
        lengths = {
            "start_to_close_timeout": self.start_to_close,
            "schedule_to_close_timeout": self.schedule_to_close,
            "schedule_to_start_timeout": self.schedule_to_start,
            "heartbeat_timeout": self.heartbeat,
        }
        config = {name: timedelta(seconds=each) for name, each in lengths.items() if each}
        policy = RetryPolicy(
            initial_interval=timedelta(seconds=self.wait),
            backoff_coefficient=1,
            maximum_attempts=self.attempts,
        )
        return workflow.ActivityConfig(retry_policy=policy, **config)  # type: ignore[typeddict-item]


@activity.defn
async def work(call: Call) -> str:
    """Fails so many times; then lasts, with heartbeats for a while."""
    if activity.info().attempt <= call.fails:
        raise RuntimeError("the bank is closed")
    for tick in range(int(call.lasts * 20)):
        if tick < call.silent_after * 20:
            activity.heartbeat(tick)
        await asyncio.sleep(0.05)
    return "done"


@workflow.defn
class Works:
    @workflow.run
    async def run(self, call: Call) -> str:
        return await workflow.execute_activity(
            work, call, task_queue=call.task_queue or None, **call.options()
        )
