"""Replays one history on a thread of its own, and always returns.

A replay has three ways not to end: code that loops without an `await`, Core waiting for events that a
mutilated history does not have, and a workflow that does not let itself be torn down. Each ends here with a
sentence on that.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import time
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, WorkflowRunner

from tutorial_lib import sdk
from tutorial_lib.background import Background
from tutorial_lib.interrupted import end
from tutorial_lib.replay.quiet import quiet_runtime, quiet_thread
from tutorial_lib.replay.recording.guard import Guard

_LOOK = 0.1  # seconds between two looks at a replay that takes long
_NEXT_TRY = 0.02  # seconds until code that caught an interruption gets the next one
_AFTERWARDS = 0.5  # seconds that the rest of an interrupted replay may take: its record, its teardown
_SILENCE = 5.0  # seconds that may pass in any case: a busy machine takes some to begin a replay
_GIVE_UP = 5.0  # seconds after the first interruption; nobody waits for the thread any longer then


async def replay(
    history: WorkflowHistory,
    runners: tuple[WorkflowRunner, WorkflowRunner],
    guard: Guard,
    *,
    deadline: float,
    options: dict[str, Any],
) -> BaseException | None:
    """Replays a history.

    Args:
        history: What to replay.
        runners: For workflows that are sandboxed, and for those that opted out.
        guard: What the runners report to.
        deadline: Seconds that the code may take for one workflow task. Three times that, or `_SILENCE`, may
            pass without anything happening at all.
        options: The other options of the SDK's `Replayer`, `workflows` among them.

    Returns:
        Why it failed; None if code and history agree.
    """
    await asyncio.to_thread(sdk.load_build_id)  # not in the time that the code may take
    over: concurrent.futures.Future[BaseException | None] = concurrent.futures.Future()
    run = Background(
        "replay",
        lambda: _replayed(history, runners, options),
        outcome=over,
        # What the workflow prints goes where the caller's own prints go: to its cell.
        context=contextvars.copy_context(),
    ).start()
    try:
        return await _until_over(over, guard, deadline)
    finally:
        if not over.done():  # given up, or the cell was interrupted: so is the replay
            run.cancel()
            end(run.thread, lambda: guard.interrupt("the replay was cancelled"))


async def _until_over(
    over: concurrent.futures.Future[BaseException | None],
    guard: Guard,
    deadline: float,
) -> BaseException | None:
    interrupted, silence = 0.0, max(3 * deadline, _SILENCE)
    waiting = asyncio.wrap_future(over)
    waiting.add_done_callback(lambda done: done.cancelled() or done.exception())  # asked of `over`, not of it
    while not over.done():
        await asyncio.wait([waiting], timeout=_NEXT_TRY if interrupted else _LOOK)
        now = time.monotonic()
        if guard.working > (0.0 if guard.tries else _AFTERWARDS if interrupted else deadline):
            guard.interrupt(
                f"the code ran for {deadline:g} s without coming to an await{{place}}; "
                "a live worker gives up on it after 2 s"
            )
            interrupted = interrupted or now
        given_up = interrupted and now - interrupted > _GIVE_UP
        if not over.done() and (given_up or guard.idle > silence):
            return TimeoutError(
                guard.stopped or f"nothing happened for {silence:g} s; the replay was given up"
            )
    return over.exception() or over.result()


async def _replayed(
    history: WorkflowHistory,
    runners: tuple[WorkflowRunner, WorkflowRunner],
    options: dict[str, Any],
) -> BaseException | None:
    with quiet_thread():
        replayer = Replayer(
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
