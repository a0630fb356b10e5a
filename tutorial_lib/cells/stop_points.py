"""Stop while a loop of a cell's own turns: it is raised between two callbacks, not in the middle of one.

    SIGINT ──> Python raises KeyboardInterrupt at whatever line the main thread is
    here:      the loop is asked to raise it, as its next callback; one that does not, because code blocks it,
               is interrupted where it is

In the middle of a callback, a future is left that nobody completes any more. A worker that was to end with
the cell then waited for it: the cell did not end, or its worker went on polling.

`asyncio.Runner` has a way of its own, which cancels its main task: it is left as it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

__all__ = ["between_callbacks", "interrupt_main"]

_BLOCKED = 0.5  # seconds after which a loop that has not come to it is one that code blocks


@contextlib.contextmanager
def between_callbacks(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """While a loop runs inside a cell, Stop reaches it between its callbacks.

    Args:
        loop: The loop, about to run in this thread.

    Raises:
        KeyboardInterrupt: Stop was pressed.
    """
    before = signal.getsignal(signal.SIGINT)
    is_main = threading.current_thread() is threading.main_thread()
    # Any other handler is somebody's own way to stop: the kernel's in a cell that awaits, a Runner's.
    if not is_main or not (before is signal.default_int_handler or _is_ours(before)):
        yield
        return
    stop = _Stop(loop)
    signal.signal(signal.SIGINT, stop.pressed)
    try:
        yield
    finally:
        try:
            left = stop.over()
        finally:
            signal.signal(signal.SIGINT, before)
    if left:  # it was pressed as the loop ended
        raise KeyboardInterrupt


def interrupt_main() -> None:
    """Sends SIGINT to the main thread, from another one."""
    if sys.platform == "win32":
        import _thread

        _thread.interrupt_main()
    elif (main := threading.main_thread().ident) is not None:
        signal.pthread_kill(main, signal.SIGINT)  # that wakes it from a wait, too


class _Stop:
    """What becomes of Stop during one run of a loop.

    Args:
        loop: The loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._handle: asyncio.Handle | None = None
        self._settled = threading.Event()  # it was raised, or the loop has ended
        self._insisting = threading.Lock()  # what has stopped, or ended, is not interrupted any more

    def pressed(self, number: int, frame: FrameType | None) -> None:
        """Handles the signal: as the loop's next callback, and the second time at once."""
        if self._handle is not None:
            self._settled.set()
            signal.default_int_handler(number, frame)
        self._handle = self._loop.call_soon_threadsafe(self._stop)  # that wakes a loop that waits
        threading.Thread(target=self._insist, name="stop-insists", daemon=True).start()

    def over(self) -> bool:
        """To be called when the loop has ended. Returns whether Stop was pressed and is still due."""
        with self._insisting:
            left = self._handle is not None and not self._settled.is_set()
            self._settled.set()
        if self._handle is not None:
            self._handle.cancel()
        return left

    def _stop(self) -> None:
        with self._insisting:
            self._settled.set()
        raise KeyboardInterrupt

    def _insist(self) -> None:
        self._settled.wait(_BLOCKED)
        with self._insisting:
            if not self._settled.is_set():
                interrupt_main()


def _is_ours(handler: object) -> bool:
    return getattr(handler, "__func__", None) is _Stop.pressed
