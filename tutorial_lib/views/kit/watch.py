"""Looking again and again, on a thread of its own: a view stays live while a cell blocks the kernel."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from temporalio.service import RPCError

from tutorial_lib.background import Background

STOP_DEADLINE = 2.0  # seconds for a look that runs to end
BEAT_EVERY = 2.0  # seconds


class Watch:
    """Calls an asynchronous function over and over, until that returns that there is nothing more to see.

    Args:
        look: Returns True if it saw something new, False if not, None if it is the last look.
        fast: Seconds between looks as long as there is news.
        slow: Seconds between looks, at most, when there is none.
        lost: Called with the reason when a look fails because the server does not answer; it continues.
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
        self._soon = asyncio.Event()
        self._thread = Background("view", self._go_on)

    @property
    def alive(self) -> bool:
        """Whether it still looks."""
        return self._thread.alive

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def soon(self) -> None:
        """Look at once: something has happened that the next look should not wait for."""
        self._thread.call(self._soon.set)

    def stop(self) -> None:
        """Look no more. Returns when it has ended."""
        self._thread.close(STOP_DEADLINE)

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
        time = asyncio.get_running_loop().time
        pause = self._fast
        while True:
            begun = time()
            try:
                news = await self._look()
            except RPCError as error:
                self._lost(error.message)
                news = False
            if news is None:
                return
            pause = self._fast if news else min(self._slow, pause * 1.5)
            # A look that takes long, on a busy machine or a big namespace, may not take all of the time.
            took = time() - begun
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(pause, 3 * took)):
                    await self._soon.wait()
            self._soon.clear()
