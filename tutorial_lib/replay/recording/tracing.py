"""Notes which lines of the learner's code run while one activation is worked on.

`sys.settrace` calls this for every Python call inside the workflow's sandbox, so nothing here opens a file,
imports, or formats a value (but for `LineChanges`, which are asked for small pieces of code only).
"""

from __future__ import annotations

import dis
import inspect
import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any, TypeVar

from tutorial_lib.cells.source_files import answers, is_own
from tutorial_lib.replay.recording.changes import LineChanges, Mark
from tutorial_lib.replay.steps import Line, Place, Write

_RETURNS = frozenset(code for name, code in dis.opmap.items() if name in ("RETURN_VALUE", "RETURN_CONST"))
_RESUMABLE = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR

_T = TypeVar("_T")

Trace = Callable[[FrameType, str, Any], Any]
_Mark = tuple[int, bool, tuple[CodeType, int] | None, Mark | None]


class Tracer:
    """Traces the code that runs on this thread between `start` and `stop`.

    Args:
        max_lines: How many lines to keep; the last one that ran is known beyond them.
        changes: Notes what each line changes. Costs a multiple.

    Attributes:
        truncated: Whether more lines ran than are kept.
    """

    def __init__(self, max_lines: int, changes: LineChanges | None = None) -> None:
        self.truncated = False
        self._changes = changes
        self._lines: list[tuple[CodeType, int, bool]] = []
        self._beyond: tuple[CodeType, int] | None = None  # the last line, once `_lines` is full
        self._returned: tuple[int, CodeType, int] | None = None  # after how many lines, and where
        self._before: Any = None
        self._limit = max_lines
        self._on_line = self._line_by_line()

    def start(self) -> None:
        """Starts tracing, in place of a debugger's tracer if there is one."""
        self._before = sys.gettrace()
        sys.settrace(self._tracer())

    def stop(self) -> None:
        """Stops tracing; a debugger's continues."""
        sys.settrace(self._before)
        self._before = None
        if self._changes is not None:
            self._changes.forget()

    def lines(self) -> list[Line]:
        """The lines that ran, in order."""
        before = self._changes.before if self._changes is not None else [()] * len(self._lines)
        return [
            Line(code.co_filename, code.co_qualname, number, resumed, changed)
            for (code, number, resumed), changed in zip(self._lines, before, strict=True)
        ]

    def writes(self) -> tuple[Write, ...]:
        """What those lines changed, in the order in which it happened."""
        return tuple(self._changes.writes) if self._changes is not None else ()

    def last(self) -> Place | None:
        """The last line that ran so far, or from which a function returned since.

        A coroutine that returns what it awaited ends on the line of the `await`, after the lines of what it
        awaited; so the last line alone would be that of the inner function.
        """
        if self._returned and self._returned[0] == len(self._lines) and self._beyond is None:
            _, code, number = self._returned
        elif self._beyond is not None:
            code, number = self._beyond
        elif self._lines:
            code, number, _resumed = self._lines[-1]
        else:
            return None
        return Place(code.co_filename, code.co_qualname, number, number)

    def _tracer(self) -> Trace:
        on_line, note, known, changes = self._on_line, self._note, answers, self._changes

        def on_call(frame: FrameType, event: str, _argument: Any) -> Trace | None:
            code = frame.f_code
            # The SDK makes some hundred calls for each of the learner's: one look must do for them.
            own = known.get(code.co_filename)
            if own is None:
                own = is_own(code.co_filename)
            if not own or event != "call":
                return None
            if changes is not None:
                changes.enter(frame)
            # A coroutine that goes on in the middle of a line gets no line event for it.
            if code.co_flags & _RESUMABLE and frame.f_lineno != code.co_firstlineno:
                before = self._mark()
                note(frame, resumed=True)
                if code.co_flags & inspect.CO_COROUTINE:
                    return self._unless_closed(before)
            return on_line

        return on_call

    def _unless_closed(self, before: _Mark) -> Trace:
        """Traces a coroutine that seems to go on; what was noted is taken back if it is closed instead.

        Python closes a coroutine that nobody can wait for any more when it happens to collect garbage: in the
        middle of any other activation, of any other run. asyncio itself never closes one.
        """
        on_line = self._on_line

        def first(frame: FrameType, event: str, argument: Any) -> Trace:
            if event == "exception" and issubclass(argument[0], GeneratorExit):
                self._take_back(before, frame)
                return _ignore
            on_line(frame, event, argument)
            return on_line

        return first

    def _mark(self) -> _Mark:
        changed = None if self._changes is None else self._changes.mark()
        return len(self._lines), self.truncated, self._beyond, changed

    def _take_back(self, before: _Mark, frame: FrameType) -> None:
        count, self.truncated, self._beyond, changed = before
        del self._lines[count:]
        if self._changes is not None and changed is not None:
            self._changes.take_back(changed, frame)

    def _line_by_line(self) -> Trace:
        lines, limit, note, leave = self._lines, self._limit, self._note, self._leave
        if self._changes is not None:
            left = self._changes.leave

            def on_line(frame: FrameType, event: str, _argument: Any) -> Trace:
                if event == "line":
                    note(frame)
                elif event == "return":
                    leave(frame)
                    left(frame)
                return on_line

            return on_line

        def on_line_fast(frame: FrameType, event: str, _argument: Any) -> Trace:
            if event == "line":
                if len(lines) < limit:
                    lines.append((frame.f_code, frame.f_lineno, False))
                else:
                    note(frame)
            elif event == "return":
                leave(frame)
            return on_line_fast

        return on_line_fast

    def _leave(self, frame: FrameType) -> None:
        """A frame gives control back: because it returns, waits, or is left by an exception."""
        code = frame.f_code
        ops = _ops.get(code)
        if ops is None:
            ops = _remember(_ops, code, code.co_code)
        if ops[frame.f_lasti] not in _RETURNS:
            return
        self._returned = (len(self._lines), code, frame.f_lineno)
        if self._beyond is not None:
            self._beyond = (code, frame.f_lineno)

    def _note(self, frame: FrameType, *, resumed: bool = False) -> None:
        if len(self._lines) >= self._limit:
            self.truncated = True
            self._beyond = (frame.f_code, frame.f_lineno)
            if self._changes is not None:
                self._changes.end()
            return
        self._lines.append((frame.f_code, frame.f_lineno, resumed))
        if self._changes is not None:
            self._changes.note(frame, resumed=resumed)


def _ignore(_frame: FrameType, _event: str, _argument: Any) -> Trace:
    return _ignore


def nearest_own_frame(stop_at: CodeType) -> Place | None:
    """The learner's line that called, whatever of the SDK and of asyncio lies between.

    Args:
        stop_at: Where the activation begins; below it is a worker's or a notebook's own code.
    """
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - the documented way to a caller's line
    while frame is not None and frame.f_code is not stop_at:
        if is_own(frame.f_code.co_filename):
            return place_of(frame)
        frame = frame.f_back
    return None


def place_of(frame: FrameType) -> Place:
    """A frame's position: the lines of the expression that it is at."""
    code = frame.f_code
    start, end = _span(code, frame.f_lasti)
    line = start or frame.f_lineno
    return Place(code.co_filename, code.co_qualname, line, max(end or line, line))


def _span(code: CodeType, at: int) -> tuple[int | None, int | None]:
    spans = _spans.get(code)
    if spans is None:
        spans = _remember(_spans, code, [(first, last) for first, last, _, _ in code.co_positions()])
    index = at // 2
    return spans[index] if 0 <= index < len(spans) else (None, None)


def _remember(known: dict[CodeType, _T], code: CodeType, found: _T) -> _T:
    if len(known) >= _MOST_CODES:
        known.clear()  # each sandbox compiles the learner's code anew
    known[code] = found
    return found


_MOST_CODES = 1000
_ops: dict[CodeType, bytes] = {}
_spans: dict[CodeType, list[tuple[int | None, int | None]]] = {}
