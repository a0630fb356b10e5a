"""Threads that a check can get rid of, whatever the learner's code does in them; none ends the kernel."""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import inspect
import os
import threading
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from tutorial_lib.exercises.checks.patience import done_in
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.interrupted import end, interrupt

CHECK = "check"  # how the names of these threads begin
THREADS = 20  # sync activities of a check that run at once

_P = ParamSpec("_P")
_T = TypeVar("_T")


class DaemonThreads(concurrent.futures.ThreadPoolExecutor):
    """An executor for sync activities whose threads nobody waits for: a stuck one cannot hold up an exit."""

    def __init__(self, name: str) -> None:
        super().__init__(max_workers=THREADS)  # told to the SDK; none is made, `submit` makes its own
        self._name = name
        self._busy: list[threading.Thread] = []

    def submit(
        self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> concurrent.futures.Future[_T]:
        """Run it in a thread of its own."""
        future: concurrent.futures.Future[_T] = concurrent.futures.Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = fn(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - as every executor does
                future.set_exception(error)
            else:
                future.set_result(result)

        thread = threading.Thread(target=work, name=f"{CHECK} {self._name}", daemon=True)
        self._busy = [*(each for each in self._busy if each.is_alive()), thread]
        thread.start()
        return future

    def interrupt(self) -> None:
        """Interrupt what still runs."""
        for thread in self._busy:
            interrupt(thread)

    def end(self) -> None:
        """Interrupt what still runs, until it has ended."""
        for thread in self._busy:
            end(thread)


class WorkflowThreads(DaemonThreads):
    """Threads for workflow tasks: code that ends the program fails its task, as any other code would."""

    def submit(
        self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> concurrent.futures.Future[_T]:
        """Run it in a thread of its own."""

        @functools.wraps(fn)
        def contained(*args: _P.args, **kwargs: _P.kwargs) -> _T:
            try:
                return fn(*args, **kwargs)
            except (SystemExit, KeyboardInterrupt) as error:  # would end the worker's loop
                told = f"the code ends the program: {type(error).__name__} {error}".rstrip()
                raise RuntimeError(told).with_traceback(error.__traceback__) from None

        return super().submit(contained, *args, **kwargs)


@functools.cache
def guard_kernel() -> None:
    """See to it that no thread of a check ends this process: what would, raises `SystemExit` there."""
    for name in ("_exit", "abort", "kill"):
        setattr(os, name, _guarded(name, getattr(os, name)))


def _guarded(name: str, really: Callable[_P, _T]) -> Callable[_P, _T]:
    @functools.wraps(really)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        here = threading.current_thread().name.startswith((CHECK, f"worker {CHECK}-"))
        if here and (name != "kill" or args[:1] == (os.getpid(),)):
            raise SystemExit(f"os.{name}")
        return really(*args, **kwargs)

    return run


async def call(function: Callable[..., _T], *args: Any, seconds: float = 3.0) -> _T:
    """Call a learner's function, off the kernel's loop; an `async def` gets a loop of its own.

    Args:
        function: What to call.
        args: Its arguments.
        seconds: How long it may take.

    Raises:
        NotYet: If it raises, or does not return in time.
    """
    pool = DaemonThreads(f"exercise {function.__name__}")
    run = _on_a_loop(function) if inspect.iscoroutinefunction(function) else function
    work: asyncio.Future[_T] = asyncio.wrap_future(pool.submit(run, *args))
    if not await done_in(work, seconds):
        pool.end()
        raise NotYet(
            f"`{function.__name__}` did not return in {seconds:g} s",
            "does it loop for ever?",
            cause=TimeoutError(),
        )
    try:
        return work.result()
    except NotYet:
        raise
    except BaseException as error:
        from tutorial_lib.cells.failures.log import message_of, place_of

        if isinstance(error, asyncio.CancelledError | KeyboardInterrupt):
            raise
        told = f"`{function.__name__}` raised {message_of(error)}"
        raise NotYet(told, place_of(error), cause=error) from None


def _on_a_loop(function: Callable[..., Any]) -> Callable[..., Any]:
    # Not on a `Background`: its thread would be another than the one that `DaemonThreads` interrupts. Nor by
    # `asyncio.run`, which waits without end for tasks that the function leaves behind.

    def run(*args: Any) -> Any:
        loop = asyncio.new_event_loop()
        try:
            return loop.run_until_complete(function(*args))
        finally:
            loop.close()

    return run
