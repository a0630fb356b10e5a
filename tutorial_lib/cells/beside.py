"""A loop of its own in a cell, `asyncio.new_event_loop()` or `asyncio.Runner()`, beside the kernel's.

    kernel's loop ──runs──> cell ──runs──> a loop of its own ──every 5 ms──> a few turns of the kernel's loop

In a script nothing else runs meanwhile. In a notebook a worker of an earlier cell may, and it would not move
until the cell has ended: workflow and worker would wait for each other without a word.

A script that Ctrl-C ends takes its worker along; a kernel lives on. What a loop still had to do when the Stop
button ended a cell is brought to its end with the cell: first by itself, as the cell may have set an event
for it, then by its cancellation. Otherwise it would be a worker that polls and never answers. The cell shows
the one line of every stopped cell: how a loop is run here is no news to who pressed Stop.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import threading
from collections.abc import Callable, Iterator
from typing import Any

from tutorial_lib.cells import stopped
from tutorial_lib.cells.patches import Patches
from tutorial_lib.cells.stop_points import between_callbacks
from tutorial_lib.errors import NotebookSourceError

_EVERY = 0.005  # seconds between turns of the loop outside
_TURNS = 10  # callbacks in a row that wait for each other, in one turn
_BY_ITSELF = 0.3  # seconds for what was interrupted to end as the cell told it to
_CANCELLED = 10.0  # seconds to take the cancellation: a worker may wait for its activities

_Run = Callable[..., Any]
_Loop = asyncio.AbstractEventLoop


class _Here(threading.local):
    """Of each thread: the loop that runs outside, where asyncio must not see it."""

    outer: _Loop | None = None


_here = _Here()
loading: contextvars.ContextVar[str] = contextvars.ContextVar("loading", default="")
"""The file that a sandbox loads now: nothing may begin to run there."""

_interrupted: list[tuple[_Loop, asyncio.Future[Any]]] = []


def install(patches: Patches, loop_classes: list[type]) -> None:
    """Puts this in force, over nest-asyncio2; undoing the patches ends it.

    Args:
        patches: Takes what is set.
        loop_classes: Classes of loops that may run inside another.
    """
    for kind in loop_classes:
        loop: Any = kind
        run, forever = loop.run_until_complete, loop.run_forever
        patches.set(kind, "run_until_complete", _until_complete(run))
        patches.set(kind, "run_forever", _forever(forever, run))
        patches.set(kind, "close", _settled_first(loop.close))
    patches.set(asyncio, "run", _not_while_loading(asyncio.run))
    patches.set(asyncio.Runner, "run", _runner_inside(asyncio.Runner.run))
    patches.set(asyncio.Runner, "close", _runner_inside(asyncio.Runner.close))


def settle(*_: object) -> None:
    """Ends what the Stop button interrupted; called when a cell has ended."""
    while _interrupted:
        loop, task = _interrupted.pop()
        with contextlib.suppress(Exception, KeyboardInterrupt):  # stopped again: then it stays as it is
            _end(loop, task)


@contextlib.contextmanager
def _shown_as_stopped() -> Iterator[None]:
    """What Stop raises in here is shown in one line, once what it interrupted has ended."""

    def rendered() -> list[str]:
        settle()
        return [stopped.stopped()]

    try:
        yield
    except KeyboardInterrupt as error:
        stopped.note()
        error._render_traceback_ = rendered  # type: ignore[attr-defined]  # IPython asks for it
        raise


def _end(loop: _Loop, task: asyncio.Future[Any]) -> None:
    if task.done() or loop.is_closed():
        return
    loop.run_until_complete(asyncio.wait({task}, timeout=_BY_ITSELF))
    if not task.done():
        if not _ends_a_worker(task):
            task.cancel()
        loop.run_until_complete(asyncio.wait({task}, timeout=_CANCELLED))
    if task.done() and not task.cancelled():
        task.exception()  # seen: the cell has ended with KeyboardInterrupt


def _ends_a_worker(task: asyncio.Future[Any]) -> bool:
    """Whether it is in a worker's shutdown: a cancellation would break that off, and leave pollers."""
    from temporalio.worker import Worker

    ends = {Worker.shutdown.__code__, Worker.__aexit__.__code__}
    waits: Any = task.get_coro() if isinstance(task, asyncio.Task) else None
    while waits is not None:
        if getattr(waits, "cr_code", None) in ends:
            return True
        waits = getattr(waits, "cr_await", None)
    return False


class _Pump:
    """Turns the loop outside while the one inside runs.

    Args:
        outer: The loop outside.
        inner: The loop inside.
        run: `run_until_complete` as nest-asyncio2 has it: of a loop that runs already, too.
    """

    def __init__(self, outer: _Loop, inner: _Loop, run: _Run) -> None:
        self._outer = outer
        self._inner = inner
        self._run = run
        self._timer: asyncio.TimerHandle | None = None
        self._turning = False

    def __enter__(self) -> None:
        self._timer = self._inner.call_later(0, self._turn)

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _turn(self) -> None:
        if self._turning:  # what it does runs the loop inside
            return
        self._turning = True
        try:
            self._run(self._outer, _turns())
        except RuntimeError:  # it was told to stop
            return
        finally:
            self._turning = False
        self._timer = self._inner.call_later(_EVERY, self._turn)


async def _turns() -> None:
    for _ in range(_TURNS):
        await asyncio.sleep(0)


def _running() -> _Loop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return _here.outer


@contextlib.contextmanager
def _outside_turns(inner: _Loop, run: _Run) -> Iterator[None]:
    outer = _running()
    with contextlib.nullcontext() if outer in {None, inner} else _Pump(outer, inner, run):
        yield


def _not_while_loading(run: _Run) -> _Run:
    @functools.wraps(run)
    def run_now(main: Any, *args: Any, **kwargs: Any) -> Any:
        if file := loading.get():
            main.close()
            raise NotebookSourceError(
                f"{file} begins its program again when the sandbox loads the workflow in it.",
                'Put what begins it under `if __name__ == "__main__":`, as a script needs it, too.',
            )
        with _shown_as_stopped():
            return run(main, *args, **kwargs)

    return run_now


def _until_complete(run: _Run) -> _Run:
    @functools.wraps(run)
    def run_until_complete(self: _Loop, future: Any) -> Any:
        if _running() is None:
            return run(self, future)
        task = asyncio.ensure_future(future, loop=self)
        if task is not future:  # as asyncio has it
            task._log_destroy_pending = False  # noqa: SLF001 - no public switch
        try:
            with _shown_as_stopped(), _outside_turns(self, run), between_callbacks(self):
                return run(self, task)
        except KeyboardInterrupt:
            _interrupted.append((self, task))
            raise

    return run_until_complete


def _forever(run: _Run, turn: _Run) -> _Run:
    @functools.wraps(run)
    def run_forever(self: _Loop) -> None:
        with _shown_as_stopped(), _outside_turns(self, turn), between_callbacks(self):
            run(self)

    return run_forever


def _settled_first(close: _Run) -> _Run:
    @functools.wraps(close)
    def close_settled(self: _Loop) -> None:
        for each in [each for each in _interrupted if each[0] is self]:
            _interrupted.remove(each)
            with contextlib.suppress(Exception):
                _end(*each)
        close(self)

    return close_settled


def _runner_inside(method: _Run) -> _Run:
    """A method of `asyncio.Runner` that may be called inside a running loop."""

    @functools.wraps(method)
    def inside(self: asyncio.Runner, *args: Any, **kwargs: Any) -> Any:
        outer = _running()
        if outer is None:
            return method(self, *args, **kwargs)
        before = _here.outer
        _here.outer = outer
        asyncio._set_running_loop(None)  # noqa: SLF001 - documented for those who write loops
        try:
            with _shown_as_stopped():
                return method(self, *args, **kwargs)
        finally:
            asyncio._set_running_loop(outer)  # noqa: SLF001 - as above
            _here.outer = before
            asyncio.set_event_loop(outer)  # a runner leaves none

    return inside
