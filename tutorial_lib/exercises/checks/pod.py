"""A container for a learner's worker program: it can be told to go, and killed."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

from temporalio.client import Client

from tutorial_lib.cells.failures.log import message_of, place_of
from tutorial_lib.exercises.checks.threads import Interrupted, interrupt


class Pod:
    """Runs a learner's program on a thread and loop of its own, as a container would.

    Args:
        work: The program.
        client: Its client.
        task_queue: Its queue.
    """

    ADVICE = "`sigterm` is an event that the check sets; `work` has to wait for it, and to end by returning"

    def __init__(
        self,
        work: Callable[[Client, str, asyncio.Event], Coroutine[Any, Any, Any]],
        client: Client,
        task_queue: str,
    ) -> None:
        self.failure = ""
        """What `work` raised, and where."""
        self.done = False
        """Whether the program has ended."""
        self._over = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._sigterm = asyncio.Event()
        self._task: asyncio.Task[Any] | None = None
        self._given = work, client, task_queue
        self._thread = threading.Thread(target=self._main, name="worker.py", daemon=True)
        self._thread.start()

    def say_sigterm(self) -> None:
        """Set the event in the program's own loop."""
        self._tell(self._sigterm.set)

    async def gone(self, seconds: float) -> bool:
        """Whether it ends in time."""
        return await becomes(lambda: self.done, seconds)

    async def kill(self) -> None:
        """End it, and what it left behind; code that does not yield is interrupted."""
        self._over.set()
        if self._task is not None:
            self._tell(self._task.cancel)
        if not await becomes(lambda: not self._thread.is_alive(), 1.5):
            interrupt(self._thread)
            await becomes(lambda: not self._thread.is_alive(), 1.5)

    def _tell(self, action: Callable[[], Any]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: it has ended
            self._loop.call_soon_threadsafe(action)

    def _main(self) -> None:
        asyncio.set_event_loop(self._loop)
        with contextlib.suppress(asyncio.CancelledError, Interrupted):
            self._loop.run_until_complete(self._program())
        self.done = True
        self._over.wait()  # until then nothing moves here, as in a process that has gone
        with contextlib.suppress(asyncio.CancelledError, Interrupted):
            self._loop.run_until_complete(_left_behind(self._loop))
        self._loop.close()

    async def _program(self) -> None:
        self._task = asyncio.current_task()
        work, client, task_queue = self._given
        try:
            await work(client, task_queue, self._sigterm)
        except (asyncio.CancelledError, Interrupted):
            raise  # that was us
        except BaseException as error:  # noqa: BLE001 - SystemExit too: a program's way to end
            where = place_of(error)
            self.failure = message_of(error) + (f" ({where})" if where else "")


async def _left_behind(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what a program did not wait for: its worker, above all."""
    tasks = asyncio.all_tasks(loop) - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=1)


async def becomes(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether something becomes true in time."""
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:  # noqa: ASYNC110 - a thread, it sets no event
        await asyncio.sleep(0.02)
    return condition()
