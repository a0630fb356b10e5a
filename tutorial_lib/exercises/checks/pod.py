"""A container for a learner's worker program: it can be asked to end, and killed."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar, Literal

from temporalio.client import Client

from tutorial_lib.background import Background
from tutorial_lib.cells.failures.log import message_of, place_of
from tutorial_lib.exercises.checks.patience import OFTEN, looks
from tutorial_lib.interrupted import Interrupted, end


class _Sigterm(asyncio.Event):
    """An event that knows whether anybody has ever asked for it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked_for = self.waited_for = False

    def is_set(self) -> bool:
        """Whether it is set."""
        self.asked_for = True
        return super().is_set()

    async def wait(self) -> Literal[True]:
        """Wait until it is set."""
        self.asked_for = self.waited_for = True
        return await super().wait()


# As Python's own messages name it, to a learner who knows an `asyncio.Event`.
_Sigterm.__name__ = _Sigterm.__qualname__ = "Event"
_Sigterm.wait.__qualname__ = "Event.wait"


class Pod:
    """Runs a learner's program on a thread and loop of its own, as a container would.

    Args:
        work: The program.
        client: Its client.
        task_queue: Its queue.
    """

    _ADVICE = "`sigterm` is an event that the check sets; `work` has to wait for it, and to end by returning"
    _CURES: ClassVar = {  # by words of what was raised
        "'total_seconds'": "a time is a `timedelta` (from datetime): ten seconds are `timedelta(seconds=10)`",
        "context manager protocol": "a worker is entered with `async with`",
    }

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
        self._sigterm = _Sigterm()
        self._given = work, client, task_queue
        nobody_asks: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._thread = Background("worker.py", self._main, outcome=nobody_asks).start()

    @property
    def listens(self) -> bool:
        """Whether the program has ever asked for the event, or waited for it."""
        return self._sigterm.asked_for

    @property
    def waits(self) -> bool:
        """Whether the program has begun to wait for the event."""
        return self._sigterm.waited_for

    @property
    def is_told(self) -> bool:
        """Whether the event is set, by whomever."""
        return asyncio.Event.is_set(self._sigterm)

    @property
    def advice(self) -> str:
        """What to do about what `work` raised."""
        return next((cure for words, cure in self._CURES.items() if words in self.failure), self._ADVICE)

    def say_sigterm(self) -> None:
        """Set the event in the program's own loop."""
        self._thread.call(self._sigterm.set)

    async def gone(self, seconds: float) -> bool:
        """Whether it ends in time."""
        return await becomes(lambda: self.done, seconds)

    async def kill(self) -> None:
        """End it, and what it left behind; code that does not yield is interrupted."""
        self._over.set()
        self._thread.cancel()
        if not await becomes(lambda: not self._thread.alive, 1.5):
            end(self._thread.thread)
            await becomes(lambda: not self._thread.alive, 1.5)

    async def _main(self) -> None:
        with contextlib.suppress(asyncio.CancelledError, Interrupted):
            await self._program()
        self.done = True
        # Blocks the loop, and is meant to: until then nothing moves here, as in a process that has gone. What
        # the program did not wait for, its worker above all, is cancelled afterwards.
        self._over.wait()

    async def _program(self) -> None:
        work, client, task_queue = self._given
        try:
            await work(client, task_queue, self._sigterm)
        except (asyncio.CancelledError, Interrupted):
            raise  # that was us
        except BaseException as error:  # noqa: BLE001 - SystemExit too: a program's way to end
            where = place_of(error)
            self.failure = message_of(error) + (f" ({where})" if where else "")


async def becomes(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether something becomes true in time; counted in looks, which a busy machine has fewer of."""
    for _ in looks(seconds):
        if condition():
            return True
        await asyncio.sleep(OFTEN)
    return condition()
