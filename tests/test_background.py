"""A thread with a loop of its own, while it runs, at its end and at the interpreter's."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import contextvars
import gc
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tutorial_lib import background
from tutorial_lib.background import Background, give_up, run_apart
from tutorial_lib.interrupted import Interrupted, interrupt

LONG = 60.0  # seconds: a backstop, never waited for


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(LONG)
        assert not thread.is_alive(), f"{thread.name} is left"
    assert not background._open


def test_it_runs_its_coroutine_and_ends_with_it():
    outcome: concurrent.futures.Future[str] = concurrent.futures.Future()

    async def main() -> str:
        await asyncio.sleep(0)
        return threading.current_thread().name

    thread = Background("census", main, outcome=outcome).start()
    assert thread.thread.daemon
    assert outcome.result(LONG) == "census"
    assert thread.join(LONG)
    assert repr(thread) == "Background('census', not running)"


def test_without_one_it_runs_until_it_is_closed_and_takes_work():
    async def double(number: int) -> int:
        await asyncio.sleep(0)
        return 2 * number

    thread = Background("worker q").start()
    called = threading.Event()
    thread.call(called.set)
    assert called.wait(LONG)
    assert [thread.submit(double(number), LONG) for number in range(3)] == [0, 2, 4]
    assert thread.alive
    assert thread.close(LONG)


def test_work_has_a_deadline_and_goes_on_after_it():
    done = threading.Event()

    async def slow() -> None:
        await asyncio.sleep(0.1)
        done.set()

    thread = Background("slow").start()
    with pytest.raises(TimeoutError):
        thread.submit(slow(), 0.0)
    assert done.wait(LONG)
    thread.close(LONG)


@pytest.mark.parametrize("started", [True, False])
def test_nothing_of_it_is_harmful_when_it_does_not_run(started: bool):
    thread = Background("nothing")
    if started:
        thread.start().close(LONG)
    thread.call(lambda: pytest.fail("called"))
    thread.cancel()
    assert thread.close(LONG)
    with pytest.raises(RuntimeError, match="runs nothing"):
        thread.submit(asyncio.sleep(0), LONG)


def test_cancelling_runs_what_the_coroutine_has_to_tidy():
    tidied = threading.Event()
    looking = threading.Event()

    async def main() -> None:
        looking.set()
        with contextlib.ExitStack() as stack:
            stack.callback(tidied.set)
            await asyncio.sleep(LONG)

    thread = Background("tidy", main).start()
    assert looking.wait(LONG)
    assert thread.close(LONG)
    assert tidied.is_set()


def test_a_function_on_the_thread_may_close_it():
    thread = Background("itself").start()
    thread.call(lambda: thread.close(LONG))
    assert thread.join(LONG)


def test_tasks_left_behind_are_cancelled_and_the_stubborn_ones_left(monkeypatch, caplog):
    monkeypatch.setattr(background, "LEAVING", 0.05)
    ends: list[str] = []

    async def obeys() -> None:
        try:
            await asyncio.sleep(LONG)
        finally:
            ends.append("obeyed")

    async def breaks() -> None:
        try:
            await asyncio.sleep(LONG)
        finally:
            raise ZeroDivisionError

    async def ignores() -> None:
        while True:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(LONG)

    async def main() -> None:
        main.tasks = [asyncio.create_task(each()) for each in (obeys, breaks, ignores)]  # type: ignore[attr-defined]
        await asyncio.sleep(0)

    assert Background("leaves", main).start().join(LONG)
    assert ends == ["obeyed"]
    del main.tasks  # type: ignore[attr-defined]
    gc.collect()
    assert caplog.text == ""


def test_an_error_goes_to_whoever_asks_or_to_the_hook_for_threads(monkeypatch):
    async def main() -> None:
        raise Interrupted

    outcome: concurrent.futures.Future[None] = concurrent.futures.Future()
    Background("asked", main, outcome=outcome).start()
    assert isinstance(outcome.exception(LONG), Interrupted)

    told: list[object] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: told.append(args.exc_type))
    Background("not asked", main).start().join(LONG)
    Background("cancelled").start().close(LONG)
    assert told == [Interrupted]


def test_a_cancelled_one_says_so_to_whoever_asks():
    outcome: concurrent.futures.Future[None] = concurrent.futures.Future()
    Background("cancelled", outcome=outcome).start().close(LONG)
    assert isinstance(outcome.exception(LONG), asyncio.CancelledError)


def test_it_runs_in_the_context_that_it_is_given_or_an_empty_one():
    cell = contextvars.ContextVar("cell", default="none")
    cell.set("In[3]")

    async def main() -> str:
        return cell.get()

    found = []
    for context in (contextvars.copy_context(), None):
        outcome: concurrent.futures.Future[str] = concurrent.futures.Future()
        Background("context", main, outcome=outcome, context=context).start()
        found.append(outcome.result(LONG))
    assert found == ["In[3]", "none"]


async def test_a_coroutine_runs_apart_even_inside_a_loop():
    async def main() -> str:
        await asyncio.sleep(0)
        return threading.current_thread().name

    async def broken() -> None:
        raise KeyError("order-42")

    assert run_apart("codec", main) == "codec"
    with pytest.raises(KeyError, match="order-42"):
        run_apart("codec", broken)


def test_an_interrupted_thread_ends_though_it_never_waits():
    looping = threading.Event()
    outcome: concurrent.futures.Future[None] = concurrent.futures.Future()

    async def main() -> None:
        looping.set()
        while True:
            try:  # noqa: SIM105 - what a learner may write
                time.monotonic()
            except Exception:  # noqa: BLE001, S110 - the same
                pass

    thread = Background("endless", main, outcome=outcome).start()
    assert looping.wait(LONG)
    assert not thread.close(0.0)  # it does not hear
    interrupt(thread.thread)
    assert isinstance(outcome.exception(LONG), Interrupted)
    interrupt(thread.thread)  # harmless: it has ended


ENDS = """
import asyncio, atexit, sys, threading, time
from tutorial_lib.background import Background

running = threading.Event()

async def obeys():
    try:
        running.set()
        await asyncio.sleep(3600)
    finally:
        sys.stdout.write("the thread\\n")  # as one piece: `print` writes the end of the line by itself

async def blocks():
    running.set()
    time.sleep(3600)

atexit.register(print, "the server", flush=True)   # was there before the thread: ends after it
Background("early", obeys).start()
assert running.wait(60)
running.clear()
Background("late", {main}, at_exit={at_exit}).start()
assert running.wait(60)
print("the last line", flush=True)
"""


@pytest.mark.parametrize(
    ("main", "at_exit", "told"),
    [
        ("obeys", True, ["the last line", "the thread", "the thread", "the server"]),
        ("obeys", False, ["the last line", "the thread", "the server"]),
        ("blocks", True, ["the last line", "the thread", "the server"]),
    ],
)
def test_it_ends_before_the_interpreter_and_holds_none_up(main: str, at_exit: bool, told: list[str]):
    done = subprocess.run(
        [sys.executable, "-c", ENDS.format(main=main, at_exit=at_exit)],
        capture_output=True,
        text=True,
        timeout=60,  # the threads would take an hour
        check=False,
        cwd=Path(__file__).parents[1],
    )
    assert (done.stdout.splitlines(), done.returncode, done.stderr) == (told, 0, "")


@pytest.mark.parametrize("module", ["background", "interrupted"])
def test_the_standard_library_is_enough(module: str):
    code = (
        f"import sys; before = set(sys.modules); import tutorial_lib.{module};"
        "print({name.split('.')[0] for name in set(sys.modules) - before}"
        " - sys.stdlib_module_names - {'tutorial_lib'})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    assert done.stdout == "set()\n"


async def test_who_is_cancelled_while_it_gives_something_up_is_cancelled():
    """Whatever that raises when it ends, and however long it takes."""
    may_end = asyncio.Event()

    async def ends_late() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await may_end.wait()
            raise ValueError("at the end")

    work = asyncio.ensure_future(ends_late())
    await asyncio.sleep(0)
    giving_up = asyncio.ensure_future(give_up(work))
    await asyncio.sleep(0)
    giving_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await giving_up
    may_end.set()
    await asyncio.wait({work})
    again = asyncio.ensure_future(ends_late())
    await asyncio.sleep(0)
    await give_up(again)
    assert str(again.exception()) == "at the end"
