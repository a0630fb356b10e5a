"""JupyterLab's Stop button while a cell awaits: the cell ends at once, with one line about it.

    SIGINT ──> ipykernel asks its loop to cancel the cell, but from a signal handler, which wakes no loop that
               sleeps: a cell that awaits a result went on until something else happened (13-40 s)
    here:      Python writes the signal's number to a socket; the loop reads it, so it is awake

    SIGINT ──> KeyboardInterrupt, where a cell does not await. Python drops it where it is raised in the
               middle of a `__del__` ("Exception ignored in ..."): once in 3,000 stops of a loop that turns
    here:      it is raised again, behind that

Workers have loops of their own and do not notice.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from tutorial_lib.cells import ipython
from tutorial_lib.cells.patches import Patches
from tutorial_lib.cells.stop_points import interrupt_main

STOPPED = "Stopped. Workers, workflows and the server go on."

_BEHIND = 0.01  # seconds until what dropped an interrupt has ended; where it has not, that one is dropped too
_NOBODY = -1  # the wake-up file descriptor where none is set


class StopButton:
    """Hears of SIGINT while it is installed."""

    def __init__(self) -> None:
        self._pressed = False
        self._shell: Any = None
        self._ends: tuple[socket.socket, socket.socket] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def install(self, patches: Patches) -> None:
        """Begin to listen; nothing happens where no kernel's loop runs, or somebody else listens already.

        Args:
            patches: Where changes of attributes are noted, to be undone.
        """
        self._shell = ipython.current()
        if not hasattr(self._shell, "kernel") or threading.current_thread() is not threading.main_thread():
            return
        with contextlib.suppress(RuntimeError):  # no loop
            self._loop = asyncio.get_running_loop()
            self._listen(self._loop)
        self._shell.events.register("pre_run_cell", self._forget)
        rendered = lambda error: self._rendered(error)  # noqa: E731, PLW0108 - a method of the error's class
        patches.set(sys, "unraisablehook", _not_lost(sys.unraisablehook))
        patches.set(asyncio.CancelledError, "_render_traceback_", rendered)

    def uninstall(self) -> None:
        """Listen no more."""
        if self._shell is not None:
            with contextlib.suppress(ValueError):  # it was never registered
                self._shell.events.unregister("pre_run_cell", self._forget)
        if self._ends is not None and self._loop is not None:
            ours, theirs = self._ends
            if (now := signal.set_wakeup_fd(_NOBODY)) != theirs.fileno():
                signal.set_wakeup_fd(now)
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

    def _awake(self, ours: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError):
            self._pressed = self._pressed or signal.SIGINT in ours.recv(4096)

    def _forget(self, *_: object) -> None:
        self._pressed = False

    def _rendered(self, error: asyncio.CancelledError) -> list[str]:
        return [STOPPED] if self._pressed else ipython.traceback_lines(error)


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
