"""An exception raised in another thread, from outside: the end of code that does not come back by itself.

Standard library only.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable

_FIRST, _LAST = 0.02, 1.0  # seconds between two interruptions of code that catches them


class Interrupted(BaseException):
    """Raised inside the learner's code. No `except Exception:` of theirs stops it."""


def interrupt(thread: threading.Thread | int) -> None:
    """Raise `Interrupted` in a thread at its next line of Python; a call that blocks in C is not reached.

    Args:
        thread: The thread, or its identifier. Nothing happens if it has ended, or never started.
    """
    if isinstance(thread, threading.Thread):
        if not thread.is_alive() or thread.ident is None:  # another may have its identifier
            return
        thread = thread.ident
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(Interrupted))


def end(thread: threading.Thread, by: Callable[[], object] | None = None) -> None:
    """Interrupt a thread until it has ended, as code may catch that more than once. Returns at once.

    Args:
        thread: The thread.
        by: Interrupts it; if None, `interrupt` does, wherever the thread is.
    """

    def again_and_again() -> None:
        pause = _FIRST
        while thread.is_alive():
            by() if by is not None else interrupt(thread)
            time.sleep(pause)
            pause = min(2 * pause, _LAST)  # it is blocked, or catches all: no need to hurry

    threading.Thread(target=again_and_again, name=f"end of {thread.name}", daemon=True).start()
