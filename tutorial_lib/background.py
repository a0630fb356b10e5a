"""Threads with an event loop of their own: what runs there goes on while a cell blocks the kernel.

None of them keeps a kernel alive, and each ends before the interpreter does, because the SDK's core can crash
one that is ending (sdk-python #300). anyio's `BlockingPortal` is near to this, but it waits for its thread
without a deadline, so that one call which does not come back would hold up the kernel's end as well.

    thread = Background("census", look_again_and_again).start()
    thread.call(soon.set)        # from any thread
    thread.close(timeout=2)

Standard library only.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import contextlib
import contextvars
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

LEAVING = 1.0  # seconds for the tasks left on a loop to take their cancellation
EXIT_DEADLINE = 2.0  # seconds for all threads together to end before the interpreter
LATE_CALLS = 0.05  # seconds in which the SDK's own threads are through with calling back

_T = TypeVar("_T")
_open: set[Background] = set()


class Background:
    """A daemon thread with an event loop of its own.

    Args:
        name: Name of the thread.
        main: Makes the coroutine that it runs; the thread ends with it. If None, it runs until `cancel`.
        outcome: Takes what `main` returns or raises, when all is over. Without one, an error of `main` is
            the thread's own: `threading.excepthook` tells of it.
        context: What the thread runs in; an empty context if None.
        at_exit: Whether the interpreter's end ends it. Not where an owner does so, in an order of its own.

    Attributes:
        thread: The thread.
    """

    def __init__(
        self,
        name: str,
        main: Callable[[], Coroutine[Any, Any, Any]] | None = None,
        *,
        outcome: concurrent.futures.Future[Any] | None = None,
        context: contextvars.Context | None = None,
        at_exit: bool = True,
    ) -> None:
        self._main = main or _until_cancelled
        self._outcome = outcome
        self._at_exit = at_exit
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        run_in = (context or contextvars.Context()).run
        self.thread = threading.Thread(target=run_in, args=(self._run,), name=name, daemon=True)

    def __repr__(self) -> str:
        return f"Background({self.thread.name!r}, {'running' if self.alive else 'not running'})"

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self.thread.is_alive()

    def start(self) -> Background:
        """Start the thread, once. Returns itself."""
        self._loop = asyncio.new_event_loop()
        if self._at_exit:
            _open.add(self)
            # Anew each time: functions registered last are called first, and what was there before this
            # thread (the stage, its server) should still be there when it ends.
            atexit.unregister(_end_all)
            atexit.register(_end_all)
        self.thread.start()
        return self

    def call(self, function: Callable[[], object]) -> None:
        """Have the loop call a function soon. Harmless if it does not run: nothing is called then.

        Args:
            function: What to call, on the thread.
        """
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: it has ended by itself
                self._loop.call_soon_threadsafe(function)

    def submit(self, work: Coroutine[Any, Any, _T], timeout: float) -> _T:
        """Run a coroutine on the loop, and wait for it. At the deadline it goes on, only not waited for.

        Args:
            work: What to run.
            timeout: Seconds to wait at most.

        Returns:
            What it returns.

        Raises:
            TimeoutError: At the deadline.
            RuntimeError: If the thread has ended, or never started.
        """
        return self.begin(work).result(timeout)

    def begin(self, work: Coroutine[Any, Any, _T]) -> concurrent.futures.Future[_T]:
        """Run a coroutine on the loop; returns at once.

        Args:
            work: What to run.

        Returns:
            A future of its outcome.

        Raises:
            RuntimeError: If the thread has ended, or never started.
        """
        if self._loop is None or self._loop.is_closed():
            work.close()
            raise RuntimeError(f"{self!r} runs nothing")
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def cancel(self) -> None:
        """Ask it to end, and return at once: `main` is cancelled, then what else is left on the loop."""
        self.call(lambda: self._task and self._task.cancel())

    def join(self, timeout: float | None = None) -> bool:
        """Wait until the thread has ended; not on that thread itself.

        Args:
            timeout: Seconds to wait at most; without end if None.

        Returns:
            Whether it has ended.
        """
        if self.alive and threading.current_thread() is not self.thread:
            self.thread.join(timeout)
        return not self.alive

    def close(self, timeout: float) -> bool:
        """Ask it to end, and wait for that; harmless when it has ended or never started.

        Args:
            timeout: Seconds to wait at most.

        Returns:
            Whether it has ended.
        """
        self.cancel()
        return self.join(timeout)

    def _run(self) -> None:
        loop, outcome = self._loop, self._outcome
        assert loop is not None  # noqa: S101 - for the type checker: `start` made it
        asyncio.set_event_loop(loop)
        found, failure = None, None
        try:
            self._task = loop.create_task(self._main())
            found = loop.run_until_complete(self._task)
        except BaseException as error:  # noqa: BLE001 - a panic of Core's is no Exception
            failure = error
        with contextlib.suppress(BaseException):  # nobody waits for what is left
            _leave(loop)
        loop.close()
        _open.discard(self)
        if outcome is not None:
            outcome.set_result(found) if failure is None else outcome.set_exception(failure)
        elif failure is not None and not isinstance(failure, asyncio.CancelledError):
            raise failure


def run_apart(name: str, main: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
    """Run a coroutine on a thread of its own, for code that blocks and may itself be called in a loop.

    Args:
        name: Name of the thread.
        main: Makes the coroutine.

    Returns:
        What it returns; what it raises, this raises.
    """
    outcome: concurrent.futures.Future[_T] = concurrent.futures.Future()
    Background(name, main, outcome=outcome).start()
    return outcome.result()


async def give_up(work: asyncio.Future[Any]) -> None:
    """End what nobody waits for any more, whatever it raises; a cancellation of the caller stays one.

    Args:
        work: What is to end.
    """
    work.cancel()
    work.add_done_callback(lambda done: done.cancelled() or done.exception())  # seen: else asyncio logs it
    await asyncio.wait({work})


async def _until_cancelled() -> None:
    await asyncio.get_running_loop().create_future()


def _leave(loop: asyncio.AbstractEventLoop) -> None:
    """End what is left on a loop: tasks first, then generators."""
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.wait(left, timeout=LEAVING))
    for task in left:
        if not task.done():  # it ignores its cancellation: it stays behind, and needs no log line
            task._log_destroy_pending = False  # type: ignore[attr-defined]  # noqa: SLF001 - no public switch
        elif not task.cancelled():
            task.exception()  # seen: else asyncio would log that nobody has
    loop.run_until_complete(loop.shutdown_asyncgens())


def _end_all() -> None:
    """End every thread before the interpreter goes, which must not be taken from one in a call to the server.

    The SDK's own threads call back into Python when a request is cancelled. They must be through as well: one
    that comes too late waits for ever, and the interpreter for it (seen: 2 of 10).
    """
    if left := list(_open):
        for each in left:
            each.cancel()
        deadline = time.monotonic() + EXIT_DEADLINE
        for each in left:
            each.join(max(0.0, deadline - time.monotonic()))
        time.sleep(LATE_CALLS)
