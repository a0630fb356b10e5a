"""Workflows that leave every sort of event: activities, timers, signals and updates.

Children, Nexus, patches and the like are in `more_workflows`; `cases` starts them all.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import timedelta

from temporalio import workflow
from temporalio.common import Priority, RawValue, RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.workflow import ActivityCancellationType

from tests.replay.activities import (
    NEVER,
    SOON,
    add,
    beats_until_cancelled,
    completes_elsewhere,
    declines,
    fails_at_first,
    greet,
    never_beats,
    sleeps,
)

QUICK = RetryPolicy(initial_interval=timedelta(milliseconds=20), backoff_coefficient=1.0)
SHORT = timedelta(milliseconds=50)


@workflow.defn
class Nothing:
    @workflow.run
    async def run(self) -> None:
        return


@workflow.defn
class OneActivity:
    @workflow.run
    async def run(self, name: str) -> str:
        return await workflow.execute_activity(
            greet,
            name,
            start_to_close_timeout=SOON,
            summary="say hello",
            priority=Priority(priority_key=2, fairness_key="gold", fairness_weight=2.0),
        )


@workflow.defn
class Sequential:
    def __init__(self) -> None:
        self.total = 0

    @workflow.run
    async def run(self, numbers: list[int]) -> int:
        for number in numbers:
            self.total = await workflow.execute_activity(
                add, args=[self.total, number], start_to_close_timeout=SOON
            )
        return self.total


@workflow.defn
class Concurrent:
    def __init__(self) -> None:
        self.got: list[str] = []

    async def one(self, name: str) -> None:
        text = await workflow.execute_activity(greet, name, start_to_close_timeout=SOON)
        self.got.append(text)

    @workflow.run
    async def run(self) -> list[str]:
        async with asyncio.TaskGroup() as group:
            for name in ("Ada", "Bob"):
                group.create_task(self.one(name))
        await asyncio.gather(self.one("Cy"), self.one("Di"))
        return sorted(self.got)


@workflow.defn
class Retried:
    @workflow.run
    async def run(self) -> int:
        return await workflow.execute_activity(
            fails_at_first, 2, start_to_close_timeout=SOON, retry_policy=QUICK
        )


@workflow.defn
class Fails:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(declines, "card", start_to_close_timeout=SOON)


@workflow.defn
class Compensates:
    @workflow.run
    async def run(self) -> list[str]:
        undo = ["hotel"]
        try:
            await workflow.execute_activity(declines, "flight", start_to_close_timeout=SOON)
        except ActivityError as error:
            undo.append(type(error.cause).__name__)
            for name in undo:
                await workflow.execute_activity(greet, f"undo {name}", start_to_close_timeout=SOON)
        return undo


@workflow.defn
class TimesOut:
    @workflow.run
    async def run(self) -> list[str]:
        once = RetryPolicy(maximum_attempts=1)
        waits = [
            workflow.execute_activity(
                never_beats, 1.0, start_to_close_timeout=timedelta(seconds=0.2), retry_policy=once
            ),
            workflow.execute_activity(
                never_beats,
                1.0,
                start_to_close_timeout=SOON,
                heartbeat_timeout=timedelta(seconds=0.2),
                retry_policy=once,
            ),
            workflow.execute_activity(
                greet,
                "nobody",
                task_queue="a-queue-that-nobody-polls",
                start_to_close_timeout=SOON,
                schedule_to_start_timeout=timedelta(seconds=0.2),
            ),
            workflow.execute_activity(never_beats, 1.0, schedule_to_close_timeout=timedelta(seconds=0.2)),
        ]
        results = await asyncio.gather(*waits, return_exceptions=True)
        return [str(getattr(result, "cause", result)) for result in results]


@workflow.defn
class CancelsActivities:
    @workflow.run
    async def run(self) -> list[str]:
        outcomes = []
        for kind in (
            ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            ActivityCancellationType.TRY_CANCEL,
            ActivityCancellationType.ABANDON,
        ):
            handle = workflow.start_activity(
                beats_until_cancelled,
                1.0,
                start_to_close_timeout=SOON,
                heartbeat_timeout=timedelta(seconds=0.2),
                cancellation_type=kind,
            )
            await asyncio.sleep(0.1)
            handle.cancel()
            try:
                outcomes.append(await handle)
            except ActivityError as error:
                outcomes.append(type(error.cause).__name__)
        return outcomes


@workflow.defn
class CancelledAtOnce:
    """Asked for and cancelled in one workflow task: the server hears of neither."""

    @workflow.run
    async def run(self) -> str:
        sleeping = asyncio.create_task(asyncio.sleep(100))
        handle = workflow.start_activity(greet, "x", start_to_close_timeout=SOON)
        await asyncio.sleep(0)
        sleeping.cancel()
        handle.cancel()
        return await workflow.execute_activity(greet, "y", start_to_close_timeout=SOON)


@workflow.defn
class CompletedElsewhere:
    @workflow.run
    async def run(self) -> str:
        return await workflow.execute_activity(completes_elsewhere, start_to_close_timeout=SOON)


@workflow.defn
class Timers:
    def __init__(self) -> None:
        self.done = False

    @workflow.run
    async def run(self) -> str:
        await asyncio.sleep(0.05)
        await workflow.sleep(SHORT, summary="a short rest")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.05)  # short: a timer  # noqa: TID251 - samples have it
        try:
            await workflow.wait_condition(lambda: self.done, timeout=SHORT)
        except TimeoutError:
            self.done = True
        async with asyncio.timeout(100):
            await workflow.wait_condition(lambda: self.done, timeout=100)
        return await asyncio.wait_for(self.quick(), 100)  # noqa: TID251 - the same

    async def quick(self) -> str:
        await asyncio.sleep(0.01)
        return "in time"


@workflow.defn
class Signals:
    def __init__(self) -> None:
        self.got: list[str] = []
        self.others: dict[str, int] = {}

    @workflow.run
    async def run(self) -> list[str]:
        await workflow.wait_condition(lambda: len(self.got) >= 3 and bool(self.others))
        workflow.set_signal_handler("late", self.got.append)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self.got

    @workflow.signal
    def say(self, text: str) -> None:
        self.got.append(text)

    @workflow.signal(name="slow-say")
    async def say_slowly(self, text: str) -> None:
        await asyncio.sleep(0.02)
        self.got.append(await workflow.execute_activity(greet, text, start_to_close_timeout=SOON))

    @workflow.signal(dynamic=True)
    def anything(self, name: str, values: Sequence[RawValue]) -> None:
        self.others[name] = len(values)

    @workflow.query
    def so_far(self) -> list[str]:
        return self.got


@workflow.defn
class Updates:
    @workflow.init
    def __init__(self, opened_with: int) -> None:
        self.entries = [opened_with]
        self.lock = asyncio.Lock()
        self.closed = False

    @workflow.run
    async def run(self, opened_with: int) -> int:
        await workflow.wait_condition(lambda: self.closed)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return sum(self.entries) - opened_with

    @workflow.update
    async def deposit(self, amount: int) -> int:
        async with self.lock:
            total = await workflow.execute_activity(
                add, args=[sum(self.entries), amount], start_to_close_timeout=SOON
            )
            self.entries.append(amount)
        return total

    @deposit.validator
    def is_positive(self, amount: int) -> None:
        if amount <= 0:
            raise ValueError("amounts are positive")

    @workflow.update
    async def withdraw(self, amount: int) -> int:
        await asyncio.sleep(0.02)
        if amount > sum(self.entries):
            raise ApplicationError("not covered", type="NotCovered")
        self.entries.append(-amount)
        return sum(self.entries)

    @workflow.update
    def close(self) -> str:
        self.closed = True
        return "closed"


@workflow.defn
class Coordination:
    """asyncio's own tools; none of them leaves an event by itself."""

    @workflow.run
    async def run(self) -> list[int]:
        queue: asyncio.Queue[int] = asyncio.Queue()
        gate = asyncio.Semaphore(1)

        async def producer(number: int) -> None:
            async with gate:
                await asyncio.sleep(0.01)
                await queue.put(number)

        tasks = [asyncio.create_task(producer(number)) for number in range(3)]
        got = [await queue.get() for _ in tasks]
        for done in workflow.as_completed(tasks):
            await done
        first, rest = await workflow.wait(
            [asyncio.create_task(producer(3)), asyncio.create_task(producer(4))],
            return_when=asyncio.FIRST_COMPLETED,
        )
        for one in rest:
            one.cancel()
        return [*got, len(first)]


@workflow.defn
class LocalActivities:
    @workflow.run
    async def run(self) -> list[object]:
        quick = {"start_to_close_timeout": NEVER}
        one = await workflow.execute_local_activity(greet, "near", **quick)
        two, three = await asyncio.gather(
            workflow.execute_local_activity(add, args=[1, 2], **quick),
            workflow.execute_local_activity(add, args=[3, 4], **quick),
        )
        attempts = await workflow.execute_local_activity(fails_at_first, 1, retry_policy=QUICK, **quick)
        backed_off = await workflow.execute_local_activity(
            fails_at_first,
            1,
            retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=200)),
            local_retry_threshold=timedelta(milliseconds=100),
            **quick,
        )
        # A local activity's failure comes without an ActivityError around it.
        with contextlib.suppress(ApplicationError):
            await workflow.execute_local_activity(declines, "near", **quick)
        far = await workflow.execute_activity(greet, "far", start_to_close_timeout=SOON)
        return [one, two, three, attempts, backed_off, far]


@workflow.defn
class LongLocalActivity:
    """Longer than 80 % of its workflow task's timeout, 10 s: the worker asks for another task meanwhile."""

    @workflow.run
    async def run(self) -> str:
        await workflow.execute_activity(greet, "first", start_to_close_timeout=NEVER)
        long = await workflow.execute_local_activity(sleeps, 8.5, start_to_close_timeout=NEVER)
        far = await workflow.execute_activity(greet, "far", start_to_close_timeout=SOON)
        return f"{long} {far}"


@workflow.defn
class BeginsWithALongLocalActivity:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_local_activity(sleeps, 8.5, start_to_close_timeout=NEVER)
        await workflow.execute_activity(greet, "far", start_to_close_timeout=SOON)


ALL = [
    Nothing,
    OneActivity,
    Sequential,
    Concurrent,
    Retried,
    Fails,
    Compensates,
    TimesOut,
    CancelsActivities,
    CancelledAtOnce,
    CompletedElsewhere,
    Timers,
    Signals,
    Updates,
    Coordination,
    LocalActivities,
    LongLocalActivity,
    BeginsWithALongLocalActivity,
]
