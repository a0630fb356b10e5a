"""Activities whose answer is late, each in another way: what `lesson_09.which_fires` asks about."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.common import RetryPolicy


@dataclass
class Story:
    """An activity's options, in seconds, and what happens to it.

    Attributes:
        options: The timeouts, by name.
        attempts: How many the retry policy allows; 0 is no limit.
        lasts: How long an attempt works.
        beats: For how long of it it sends heartbeats.
        fails: Whether each attempt fails at once.
        wait: Between two attempts.
        polled: Whether a worker polls its task queue.
    """

    options: dict[str, float] = field(default_factory=dict)
    attempts: int = 0
    lasts: float = 4.0
    beats: float = 0.0
    fails: bool = False
    wait: float = 1.0
    polled: bool = True


@activity.defn
async def work(story: Story) -> str:
    """Work as the story has it."""
    if story.fails:
        raise RuntimeError("the scale is broken")
    for tick in range(int(story.lasts * 10)):
        if tick < story.beats * 10:
            activity.heartbeat()
        await asyncio.sleep(0.1)
    return "done"


@workflow.defn
class Tell:
    """Runs the activity of a story."""

    @workflow.run
    async def run(self, story: Story) -> str:
        """Run `work` with its options."""
        wait = timedelta(seconds=story.wait)
        options: dict[str, Any] = {
            f"{name}_timeout": timedelta(seconds=length) for name, length in story.options.items()
        }
        if not story.polled:
            options["task_queue"] = f"{workflow.info().task_queue}-nobody"
        return await workflow.execute_activity(
            work,
            story,
            retry_policy=RetryPolicy(
                initial_interval=wait, backoff_coefficient=1, maximum_attempts=story.attempts
            ),
            **options,
        )
