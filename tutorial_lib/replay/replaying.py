"""Replays one history on a thread of its own, and always comes back.

A replay has three ways not to end: code that loops without an `await`, Core waiting for events that a
mutilated history does not have, and a workflow that does not let itself be torn down. Each ends here with a
sentence that says so.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import contextvars
import threading
import time
from collections.abc import Coroutine, Sequence
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, WorkflowRunner

from tutorial_lib.replay.quiet import quiet_runtime, quiet_thread
from tutorial_lib.replay.recording.guard import Guard

_LOOK = 0.1  # seconds between two looks at a replay that takes long
_SECOND_TRY = 0.5  # seconds after which code that survived an interruption gets the next one
_GIVE_UP = 5.0  # seconds after the first interruption; the thread is left to itself then


async def replay(
    history: WorkflowHistory,
    workflows: Sequence[type],
    runners: tuple[WorkflowRunner, WorkflowRunner],
    guard: Guard,
    *,
    deadline: float,
    options: dict[str, Any],
) -> BaseException | None:
    """Replays a history.

    Args:
        history: What to replay.
        workflows: The classes to replay it with.
        runners: For workflows that are sandboxed, and for those that say they are not.
        guard: What the runners report to.
        deadline: Seconds that the code may take for one workflow task. Three times that may pass without
            anything happening at all.
        options: More options of the SDK's `Replayer`.

    Returns:
        Why it failed; None if code and history agree.
    """
    run = _Thread(_replayed(history, workflows, runners, options))
    try:
        return await _until_over(run, guard, deadline)
    except BaseException:  # the cell was interrupted: so is the replay
        guard.interrupt("the replay was cancelled")
        run.cancel()
        raise


async def _until_over(run: _Thread, guard: Guard, deadline: float) -> BaseException | None:
    interrupted = 0.0
    over = asyncio.wrap_future(run.over)
    while not run.over.done():
        await asyncio.wait([over], timeout=_LOOK)
        now = time.monotonic()
        if guard.working > (deadline if not interrupted else _SECOND_TRY):
            guard.interrupt(
                f"the code ran for {deadline:g} s without coming to an await{{place}}; "
                "a live worker gives up on it after 2 s"
            )
            interrupted = interrupted or now
        given_up = interrupted and now - interrupted > _GIVE_UP
        if not run.over.done() and (given_up or guard.idle > 3 * deadline):
            run.cancel()
            return TimeoutError(
                guard.stopped or f"nothing happened for {3 * deadline:g} s; the replay was given up"
            )
    return run.over.result()


async def _replayed(
    history: WorkflowHistory,
    workflows: Sequence[type],
    runners: tuple[WorkflowRunner, WorkflowRunner],
    options: dict[str, Any],
) -> BaseException | None:
    replayer = Replayer(
        workflows=workflows,
        workflow_runner=runners[0],
        unsandboxed_workflow_runner=runners[1],
        runtime=quiet_runtime(),
        debug_mode=True,
        **options,
    )
    try:
        result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    except Exception as error:  # noqa: BLE001 - the caller tells it in its own words
        return error
    return result.replay_failure


class _Thread:
    """Runs a coroutine on a daemon thread with a loop of its own, which a stuck replay does not outlive."""

    def __init__(self, coroutine: Coroutine[Any, Any, BaseException | None]) -> None:
        self.over: concurrent.futures.Future[BaseException | None] = concurrent.futures.Future()
        self._coroutine = coroutine
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[BaseException | None] | None = None
        # What the workflow prints goes where the caller's own prints go: to its cell.
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(self._run,), name="replay", daemon=True).start()

    def cancel(self) -> None:
        """Asks the replay to end; it may be beyond hearing."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: it has ended
            self._loop.call_soon_threadsafe(lambda: self._task and self._task.cancel())

    def _run(self) -> None:
        try:
            with quiet_thread():
                self._task = self._loop.create_task(self._coroutine)
                found = self._loop.run_until_complete(self._task)
        except BaseException as error:  # noqa: BLE001 - a panic of Core's is no Exception
            found = error
        with contextlib.suppress(Exception):
            self._tidy()
        self.over.set_result(found)

    def _tidy(self) -> None:
        """Ends what the SDK's replayer leaves behind on the loop."""
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()
