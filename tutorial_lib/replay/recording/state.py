"""What a workflow holds and waits for between two activations, as short texts."""

from __future__ import annotations

import asyncio
import functools
import inspect
import linecache
from collections.abc import Callable, Sequence
from types import CodeType, FrameType
from typing import Any

from tutorial_lib.cells.source_files import is_own
from tutorial_lib.replay.recording.shortening import short
from tutorial_lib.replay.recording.tracing import place_of
from tutorial_lib.replay.steps import Frame, Place, Task, Waiting


def task_of(task: asyncio.Task[Any], name: str) -> Task:
    """Where a task is suspended, in the learner's functions."""
    frames = []
    awaited: Any = task.get_coro()
    while awaited is not None:
        frame, awaited = _suspended(awaited)
        if frame is not None and is_own(frame.f_code.co_filename):
            values = {key: short(value) for key, value in frame.f_locals.items() if key != "self"}
            frames.append(Frame(place_of(frame), values))
    return Task(name, tuple(frames))


def _suspended(awaited: Any) -> tuple[FrameType | None, Any]:
    """The frame of something that is being awaited, and what it awaits in turn."""
    if inspect.iscoroutine(awaited):
        return awaited.cr_frame, awaited.cr_await
    if inspect.isgenerator(awaited):
        return awaited.gi_frame, awaited.gi_yieldfrom
    return None, None


def conditions(functions: Sequence[Callable[[], bool]]) -> tuple[Waiting, ...]:
    """What `workflow.wait_condition` waits for: a lambda's own text, or a function's name."""
    return tuple(map(_condition, functions))


def _condition(function: Callable[[], bool]) -> Waiting:
    inner: Any = function
    while isinstance(inner, functools.partial):
        inner = inner.func
    code = getattr(getattr(inner, "__func__", inner), "__code__", None)
    if code is None or not is_own(code.co_filename):
        return Waiting("condition", getattr(inner, "__name__", ""))
    lines = [number for number, _, _, _ in code.co_positions() if number]
    first = code.co_firstlineno
    place = Place(code.co_filename, code.co_qualname, first, max([first, *lines]))
    return Waiting("condition", _text(code) or code.co_name, place=place)


@functools.lru_cache(maxsize=1000)
def _text(code: CodeType) -> str:
    """The expression of a lambda, as it was typed; empty for a function or when the source is gone."""
    if code.co_name != "<lambda>":
        return ""
    spans = [
        (first, column, last, end)
        for first, last, column, end in code.co_positions()
        if first and last and column is not None and end is not None and (first, column) != (last, end)
    ]
    if not spans:
        return ""
    first, start, _, _ = min(spans)
    last, end = max((last, end) for _, _, last, end in spans)
    lines = [linecache.getline(code.co_filename, number).encode() for number in range(first, last + 1)]
    if not all(lines):
        return ""
    lines[-1] = lines[-1][:end]
    lines[0] = lines[0][start:]
    return " ".join(line.decode(errors="replace").strip() for line in lines)
