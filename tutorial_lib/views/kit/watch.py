"""Looking again and again, on a thread of its own: a view goes on while a cell blocks the kernel.

Nothing here keeps a kernel alive: the threads are daemons, and end before the interpreter does, because the
SDK's core can crash one that is ending (sdk-python #300).
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import threading
import weakref
from collections.abc import Awaitable, Callable

from temporalio.service import RPCError

STOP_DEADLINE = 2.0  # seconds for a look that runs to end
BEAT_EVERY = 2.0  # seconds

_watches: weakref.WeakSet[Watch] = weakref.WeakSet()


class Watch:
    """Calls an asynchronous function over and over, until that says that there is nothing more to see.

    Args:
        look: Returns True if it saw something new, False if not, None if it is the last look.
        fast: Seconds between looks as long as there is news.
        slow: Seconds between looks, at most, when there is none.
        lost: Called with the reason when a look fails because the server does not answer; it goes on.
        beat: Called every two seconds, however long a look takes.
    """

    def __init__(
        self,
        look: Callable[[], Awaitable[bool | None]],
        *,
        fast: float,
        slow: float,
        lost: Callable[[str], None] = lambda _: None,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._look = look
        self._fast, self._slow = fast, slow
        self._lost, self._beat = lost, beat
        self._loop = asyncio.new_event_loop()
        self._soon = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="view", daemon=True)
        _watches.add(self)

    @property
    def alive(self) -> bool:
        """Whether it still looks."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def soon(self) -> None:
        """Look at once: something has happened that the next look should not wait for."""
        self._call(self._soon.set)

    def stop(self) -> None:
        """Look no more. Returns when it has ended."""
        if self._thread.ident is None:  # never started
            self._loop.close()
            return
        self._call(lambda: self._task and self._task.cancel())
        if self.alive and threading.current_thread() is not self._thread:
            self._thread.join(STOP_DEADLINE)

    def _call(self, function: Callable[[], object]) -> None:
        with contextlib.suppress(RuntimeError):  # its loop is closed: it has ended by itself
            self._loop.call_soon_threadsafe(function)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._task = self._loop.create_task(self._go_on())
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._task)
        self._loop.close()

    async def _go_on(self) -> None:
        beating = asyncio.create_task(self._go_on_beating())
        try:
            await self._go_on_looking()
        finally:
            beating.cancel()

    async def _go_on_beating(self) -> None:
        while True:
            self._beat()
            await asyncio.sleep(BEAT_EVERY)

    async def _go_on_looking(self) -> None:
        pause = self._fast
        while True:
            begun = self._loop.time()
            try:
                news = await self._look()
            except RPCError as error:
                self._lost(error.message)
                news = False
            if news is None:
                return
            pause = self._fast if news else min(self._slow, pause * 1.5)
            # A look that takes long, on a busy machine or a big namespace, may not take all of the time.
            took = self._loop.time() - begun
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._soon.wait(), max(pause, 3 * took))
            self._soon.clear()


@atexit.register
def _stop_all() -> None:
    for watch in list(_watches):
        watch.stop()
