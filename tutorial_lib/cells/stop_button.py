"""JupyterLab's Stop button while a cell awaits: the cell ends at once, with one line about it.

    SIGINT ──> ipykernel asks its loop to cancel the cell, but from a signal handler, which wakes no loop that
               sleeps: a cell that awaits a result went on until something else happened (13-40 s)
    here:      Python writes the signal's number to a socket; the loop reads it, so it is awake

    `loop.add_signal_handler(...)` has Python write to a socket of asyncio's, and its removal to none
    here:      Python writes to ours still, and what was read is passed on to the other one

    SIGINT ──> KeyboardInterrupt, where a cell does not await. Python drops it where it is raised in the
               middle of a `__del__` ("Exception ignored in ..."): once in 3,000 stops of a loop that turns
    here:      it is raised again, behind that

Workers have loops of their own and do not notice.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from tutorial_lib.cells import ipython, stopped
from tutorial_lib.cells.patches import Patches
from tutorial_lib.cells.stop_points import interrupt_main

_BEHIND = 0.01  # seconds until what dropped an interrupt has ended; where it has not, that one is dropped too
_SOON = 0.3  # seconds between two looks at what a stopped cell waits for
_NOBODY = -1  # the wake-up file descriptor where none is set


class StopButton:
    """Hears of SIGINT while it is installed."""

    def __init__(self) -> None:
        self._pressed = False
        self._shell: Any = None
        self._ends: tuple[socket.socket, socket.socket] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._set_wakeup_fd = signal.set_wakeup_fd
        self._others = _NOBODY  # the wake-up file descriptor that others have set since
        self._cell: contextvars.Context | None = None  # while one runs: what is printed there is its output
        self._next_look: asyncio.TimerHandle | None = None
        self._handler: Any = None  # of SIGINT, as the kernel has it during this cell

    def install(self, patches: Patches) -> None:
        """Begin to listen; nothing happens where no kernel's loop runs, or somebody else listens already.

        Args:
            patches: Where changes of attributes are noted, to be undone.
        """
        self._shell = ipython.current()
        if not hasattr(self._shell, "kernel") or threading.current_thread() is not threading.main_thread():
            return
        self._handler = signal.getsignal(signal.SIGINT)
        with contextlib.suppress(RuntimeError):  # no loop
            self._loop = asyncio.get_running_loop()
            self._listen(self._loop)
        if self._ends is not None:
            patches.set(signal, "set_wakeup_fd", self._shared)
            kind: Any = type(self._loop)
            patches.set(kind, "remove_signal_handler", self._given_back(kind.remove_signal_handler))
        self._shell.events.register("pre_run_cell", self._begins)
        self._shell.events.register("post_run_cell", self._ended)
        rendered = lambda error: self._rendered(error)  # noqa: E731, PLW0108 - a method of the error's class
        patches.set(sys, "unraisablehook", _not_lost(sys.unraisablehook))
        patches.set(asyncio.CancelledError, "_render_traceback_", rendered)

    def uninstall(self) -> None:
        """Listen no more."""
        if self._shell is not None:
            with contextlib.suppress(ValueError):  # it was never registered
                self._shell.events.unregister("pre_run_cell", self._begins)
                self._shell.events.unregister("post_run_cell", self._ended)
        self._ended()
        if self._ends is not None and self._loop is not None:
            ours, theirs = self._ends
            if (now := self._set_wakeup_fd(self._others)) != theirs.fileno():
                self._set_wakeup_fd(now)
            self._loop.remove_reader(ours)
            ours.close()
            theirs.close()
            self._ends = None

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        if (taken := signal.set_wakeup_fd(_NOBODY)) != _NOBODY:
            signal.set_wakeup_fd(taken)  # Windows' own loop, for one, is woken by it
            return
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.setblocking(False)
        signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
        loop.add_reader(ours, self._awake, ours)
        self._ends = ours, theirs

    def _shared(self, fd: int, *, warn_on_full_buffer: bool = True) -> int:
        """`signal.set_wakeup_fd` while ours is set: what another sets gets all that ours does."""
        before = self._others
        self._set_wakeup_fd(fd, warn_on_full_buffer=warn_on_full_buffer)  # raises if it cannot be
        self._take_over()
        return before

    def _take_over(self) -> None:
        """Have Python write to ours, whoever has set another."""
        if self._ends is not None:
            theirs = self._ends[1].fileno()
            if (now := self._set_wakeup_fd(theirs, warn_on_full_buffer=False)) != theirs:
                self._others = now

    def _given_back(self, remove: Callable[[Any, int], bool]) -> Callable[[Any, int], bool]:
        """A loop's `remove_signal_handler` after which Stop is the kernel's again, as before `add`."""

        @functools.wraps(remove)
        def remove_signal_handler(loop: Any, sig: int) -> bool:
            removed = remove(loop, sig)
            if removed and sig == signal.SIGINT and self._handler is not None:
                signal.signal(sig, self._handler)
            return removed

        return remove_signal_handler

    def _awake(self, ours: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError):
            numbers = ours.recv(4096)
            if signal.SIGINT in numbers:
                self._press()
            if self._others != _NOBODY:
                with contextlib.suppress(OSError):  # it is full, or closed
                    os.write(self._others, numbers)

    def _press(self) -> None:
        self._pressed = True
        stopped.note()
        self._look_soon()

    def _look_soon(self) -> None:
        if self._next_look is not None:
            self._next_look.cancel()
        if self._cell is not None and self._loop is not None:
            self._next_look = self._loop.call_later(_SOON, self._look, context=self._cell)

    def _look(self) -> None:
        """Writes what a cell that was stopped waits for, as soon as it does."""
        if reason := stopped.waits_for():
            print(reason, flush=True)  # noqa: T201 - the cell is the place
        else:
            self._look_soon()

    def _begins(self, *_: object) -> None:
        self._pressed = False
        stopped.forget()
        self._cell = contextvars.copy_context()
        self._handler = signal.getsignal(signal.SIGINT)
        self._take_over()  # what has the function of `signal` in hand since earlier may have set another

    def _ended(self, *_: object) -> None:
        self._cell = None
        if self._next_look is not None:
            self._next_look.cancel()

    def _rendered(self, error: asyncio.CancelledError) -> list[str]:
        return [stopped.stopped()] if self._pressed else ipython.traceback_lines(error)


def _not_lost(report: Callable[[sys.UnraisableHookArgs], object]) -> Callable[[sys.UnraisableHookArgs], None]:
    """Python's hook for what a destructor raises: an interrupt is one still."""

    def hook(lost: sys.UnraisableHookArgs) -> None:
        if lost.exc_type is KeyboardInterrupt and threading.current_thread() is threading.main_thread():
            # Not here: it would be raised in this function, and dropped again.
            threading.Thread(target=_interrupt_again, name="stop-again", daemon=True).start()
        else:
            report(lost)

    return hook


def _interrupt_again() -> None:
    time.sleep(_BEHIND)
    interrupt_main()
