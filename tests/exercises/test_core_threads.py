"""A learner's plain function, off the kernel's loop: slow, endless, broken; and a guard for the process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time

import pytest

from tests.support.waiting import BACKSTOP, wait_until
from tutorial_lib.exercises.checks.threads import DaemonThreads, call, guard_kernel
from tutorial_lib.exercises.outcome import NotYet


def add(a: int, b: int) -> int:
    return a + b


def endless() -> None:
    while True:
        pass


def stubborn() -> None:
    for _ in range(5):
        with contextlib.suppress(BaseException):
            endless()


def broken() -> None:
    raise KeyError("order-42")


def leaves() -> None:
    raise SystemExit(3)


def dies() -> None:
    os._exit(3)


async def test_what_a_function_returns():
    assert await call(add, 1, 2) == 3


@pytest.mark.parametrize("function", [endless, stubborn])
async def test_an_endless_function_ends_and_burns_nothing(function):
    name = function.__name__
    with pytest.raises(NotYet) as told:
        await call(function, seconds=0.5)
    assert told.value.seen == f"`{name}` did not return in 0.5 s"
    await wait_until(lambda: not [t for t in threading.enumerate() if name in t.name])


async def test_the_time_in_which_the_machine_stood_still_is_not_the_functions():
    gate = threading.Event()

    def waits() -> bool:
        return gate.wait(BACKSTOP)

    loop = asyncio.get_running_loop()
    loop.call_soon(time.sleep, 2.2)  # short: longer than the function may take, while nothing here moves
    loop.call_later(2.3, gate.set)
    assert await call(waits, seconds=2.0)  # a hundred looks, five of which are needed


async def test_a_functions_own_timeout_is_its_own():
    def late() -> None:
        raise TimeoutError("the bank does not answer")

    with pytest.raises(NotYet) as told:
        await call(late)
    assert told.value.seen == "`late` raised TimeoutError: the bank does not answer"


async def test_an_error_is_told():
    with pytest.raises(NotYet) as told:
        await call(broken)
    assert told.value.seen == "`broken` raised KeyError: 'order-42'"


@pytest.mark.parametrize("function", [leaves, dies])
async def test_what_ends_the_program_ends_only_the_attempt(function):
    guard_kernel()
    with pytest.raises(NotYet) as told:
        await call(function)
    assert "raised SystemExit" in told.value.seen


async def test_a_function_of_the_wrong_shape_is_told():
    with pytest.raises(NotYet) as told:
        await call(add, 1)
    assert "missing 1 required positional argument: 'b'" in told.value.seen


def test_the_guard_is_for_checks_alone():
    guard_kernel()
    with pytest.raises(ProcessLookupError):
        os.kill(2**22 + 1, 0)
    os.kill(os.getpid(), 0)  # not a thread of a check: what it asks for is done
    future = DaemonThreads("a test").submit(os.kill, os.getpid(), 9)
    assert isinstance(future.exception(BACKSTOP), SystemExit)


def test_threads_are_daemons():
    future = DaemonThreads("a test").submit(lambda: threading.current_thread().daemon)
    assert future.result(BACKSTOP) is True
