"""Ends code that does not return: a workflow that loops without an `await` would replay for ever.

A live worker has the SDK's deadlock detector for that. A replay runs inline on a thread of its own, and this
raises an exception inside that thread from outside.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType

from tutorial_lib.cells.source_files import is_own, label_of
from tutorial_lib.interrupted import interrupt
from tutorial_lib.replay.recording.tracing import place_of
from tutorial_lib.replay.steps import Place


class Guard:
    """Watches one replay.

    Attributes:
        stopped: Why the replay was ended; None while all is well.
        place: The learner's line that did not return.
        tries: How often what runs now was interrupted; code may catch that.
    """

    def __init__(self) -> None:
        self.stopped: str | None = None
        self.place: Place | None = None
        self.tries = 0
        self._lock = threading.Lock()
        self._thread: int | None = None
        self._since = time.monotonic()

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Around all that runs the learner's code, on the thread that does."""
        with self._lock:
            self._thread, self._since, self.tries = threading.get_ident(), time.monotonic(), 0
        try:
            yield
        finally:
            with self._lock:
                self._thread, self._since = None, time.monotonic()
            # An exception that was set just before the lock was taken comes up here, inside the `try` of
            # whoever uses this: at a function call or at the end of a loop's body.
            for _ in range(10):
                time.monotonic()

    @property
    def working(self) -> float:
        """For how many seconds the learner's code has been running; 0.0 when it is not."""
        with self._lock:
            return 0.0 if self._thread is None else time.monotonic() - self._since

    @property
    def idle(self) -> float:
        """For how many seconds none of the learner's code has been running; 0.0 while some is."""
        with self._lock:
            return 0.0 if self._thread is not None else time.monotonic() - self._since

    def interrupt(self, message: str) -> None:
        """Ends the code that runs now, if some does.

        Args:
            message: The reason; the first one stays. `{place}` becomes the line that ran.
        """
        with self._lock:
            if self._thread is None:
                return
            if self.stopped is None:
                self.place = _own_place(sys._current_frames().get(self._thread))  # noqa: SLF001 - documented
                self.stopped = message.format(place=_told(self.place))
            self.tries += 1
            interrupt(self._thread)


def _told(place: Place | None) -> str:
    return f" ({label_of(place.file)}, line {place.line})" if place else ""


def _own_place(frame: FrameType | None) -> Place | None:
    while frame is not None and not is_own(frame.f_code.co_filename):
        frame = frame.f_back
    return place_of(frame) if frame is not None else None
