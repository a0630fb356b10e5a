"""What a cell shows of an error that nobody caught: the learner's own lines, without the SDK's below them."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Any

from temporalio.client import WorkflowHandle

from tutorial_lib.cells import ipython
from tutorial_lib.cells.source_files import is_own


def own_part(traceback: TracebackType | None) -> TracebackType | None:
    """A traceback down to the learner's own last line; all of it, where there is no such line.

    Args:
        traceback: Of an error.
    """
    frames = _frames(traceback)
    own = [number for number, each in enumerate(frames) if _is_own(each)]
    shown = None
    for each in reversed(frames[: own[-1] + 1] if own else frames):
        shown = TracebackType(shown, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return shown


def own_frames(error: BaseException) -> list[TracebackType]:
    """The learner's own frames of an error, the cell's first.

    Args:
        error: The error.
    """
    return [each for each in _frames(error.__traceback__) if _is_own(each)]


def own_lines(error: BaseException) -> list[str]:
    """How IPython shows an error, down to the learner's own last line, without what the SDK met on its way.

    Args:
        error: The error; of the SDK's making.
    """
    hidden, cause = error.__suppress_context__, error.__cause__
    # The reason of a cancelled call is how it was cancelled; a failure that was decoded has no frames at all.
    if cause is not None and cause.__traceback__ is not None and _is_libraries(cause):
        error.__cause__ = None
    error.__suppress_context__ = hidden or _is_libraries(error.__context__)
    try:
        return ipython.traceback_lines(error, own_part(error.__traceback__))
    finally:
        error.__cause__, error.__suppress_context__ = cause, hidden


def handles_awaited(error: BaseException) -> Iterator[WorkflowHandle[Any, Any]]:
    """The executions whose calls an error has ended, or has passed through: the SDK's own frames have them.

    Args:
        error: The error, with what led to it.
    """
    seen = set[int]()
    chain: list[BaseException | None] = [error]
    while chain:
        each = chain.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        for frame in reversed(_frames(each.__traceback__)):
            if isinstance(found := frame.tb_frame.f_locals.get("self"), WorkflowHandle):
                yield found
        chain += [each.__context__, each.__cause__]


def _is_libraries(context: BaseException | None) -> bool:
    """Whether an error is one that no own code has seen, nor any before it."""
    while context is not None and not own_frames(context):
        context = context.__context__
    return context is None


def _frames(traceback: TracebackType | None) -> list[TracebackType]:
    frames = [] if traceback is None else [traceback]
    while frames and (following := frames[-1].tb_next) is not None:
        frames.append(following)
    return frames


def _is_own(frame: TracebackType) -> bool:
    return is_own(frame.tb_frame.f_code.co_filename)
