"""What a cell shows of an error that nobody caught: the learner's own lines, without the SDK's below them."""

from __future__ import annotations

from types import TracebackType

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
    before = error.__suppress_context__
    error.__suppress_context__ = before or _is_libraries(error.__context__)
    try:
        return ipython.traceback_lines(error, own_part(error.__traceback__))
    finally:
        error.__suppress_context__ = before


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
