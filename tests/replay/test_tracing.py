"""The tracer by itself, with coroutines driven by hand."""

from __future__ import annotations

import gc
from collections.abc import Coroutine, Generator
from typing import Any

import pytest

from tutorial_lib.replay.recording.changes import LineChanges
from tutorial_lib.replay.recording.tracing import Tracer


class Once:
    """What is awaited: it suspends one time."""

    def __await__(self) -> Generator[None, None, None]:
        yield


async def inner() -> None:
    try:
        await Once()
    finally:
        len("the last line of a coroutine that is closed")


async def forgotten() -> None:
    await inner()


async def traced() -> int:
    await Once()
    gc.collect()
    return 1


def suspended(coroutine: Coroutine[Any, Any, Any]) -> Coroutine[Any, Any, Any]:
    coroutine.send(None)
    return coroutine


def lines_of(coroutine: Coroutine[Any, Any, Any], tracer: Tracer) -> list[tuple[str, int, bool]]:
    first = coroutine.cr_code.co_firstlineno  # type: ignore[attr-defined]
    tracer.start()
    try:
        coroutine.send(None)
    except StopIteration:
        pass
    finally:
        tracer.stop()
    return [(line.function, line.line - first, line.resumed) for line in tracer.lines()]


@pytest.mark.parametrize("values", [False, True])
@pytest.mark.parametrize("most", [100, 1])
def test_a_coroutine_that_is_garbage_leaves_no_line_in_another_ones_step(values: bool, most: int) -> None:
    # Once seen as an extra line in a live recording: the collector closes it on whatever thread it runs.
    def new_tracer() -> Tracer:
        return Tracer(most, LineChanges() if values else None)

    alone = lines_of(suspended(traced()), new_tracer())
    garbage: list[Any] = [suspended(forgotten())]
    garbage.append(garbage)
    mine, tracer = suspended(traced()), new_tracer()
    del garbage
    assert lines_of(mine, tracer) == alone
    if most > 1:
        assert alone == [("traced", 1, True), ("traced", 2, False), ("traced", 3, False)]
    last = tracer.last()
    assert last is not None
    assert last.function == "traced"


def test_a_coroutine_that_is_cancelled_keeps_its_lines() -> None:
    mine, tracer = suspended(forgotten()), Tracer(100)
    tracer.start()
    try:
        with pytest.raises(KeyError):
            mine.throw(KeyError("stop"))
    finally:
        tracer.stop()
    ran = [(line.function, line.resumed) for line in tracer.lines()]
    assert ran[:2] == [("inner", True), ("inner", False)]
    assert ("forgotten", True) in ran[2:]
