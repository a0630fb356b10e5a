"""Attempts at one exercise in a kernel, as a learner makes them: the cell, then the check."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from tests.support.answering import replace
from tests.support.kernels import Kernel
from tutorial_lib.course import lesson_01 as ex

OPEN = """
%load_ext tutorial_lib
import json, os, threading, time
from tutorial_lib import open_lab
from tutorial_lib.exercises import ____
from tutorial_lib.course import lesson_01 as ex
lab = await open_lab("lesson-01")
"""
STARTER = ex.greeting.starter
ASKED = "await workflow.execute_activity(write_greeting, name, start_to_close_timeout=timedelta(seconds=30))"
GOOD = replace(STARTER, "____", ASKED)
CHECK = "await ex.greeting.check(GreetCustomer, write_greeting)"


def workflow(*lines: str) -> str:
    """The greeting's cell with another body of the workflow."""
    return replace(STARTER, "        return ____", "\n".join(f"        {line}" for line in lines))


def activity(*lines: str, kind: str = "async def") -> str:
    """The greeting's cell with another body of the activity."""
    body = "\n".join(f"    {line}" for line in ("import asyncio, os, signal, sys, time", *lines))
    return replace(
        GOOD,
        '    return f"Dear {name}, welcome!"',
        body,
        "async def write_greeting",
        f"{kind} write_greeting",
    )


@dataclass(frozen=True)
class Checked:
    """What a check said, and what it left behind.

    Attributes:
        words: One of three outcomes.
        text: All of it.
        printed: What came out beside it, errors in threads among it.
        seconds: How long it took.
        burnt: Share of a CPU that the kernel uses afterwards.
        left: Names of the check's threads that are there a second later.
    """

    words: str
    text: str
    printed: str
    seconds: float
    burnt: float
    left: list[str]


def check(kernel: Kernel, source: str, call: str = CHECK) -> Checked:
    """Run a cell and check it."""
    ran = kernel.run(source)
    assert ran.error is None, ran.error
    began = time.monotonic()
    ran = kernel.run(f"_o = {call}\nprint('TOLD', json.dumps([_o.status.words, repr(_o)]))")
    seconds = time.monotonic() - began
    assert ran.error is None, ran.error
    lines = ran.text.splitlines()
    [told] = [line for line in lines if line.startswith("TOLD ")]
    words, text = json.loads(told.removeprefix("TOLD "))
    printed = "\n".join(line for line in lines if line != told)
    after = kernel.run(
        "_a = time.process_time(); time.sleep(0.6)\n"
        "print(json.dumps([(time.process_time() - _a) / 0.6,"
        " [t.name for t in threading.enumerate() if 'check' in t.name]]))"
    )
    burnt, left = json.loads(after.text.splitlines()[-1])
    return Checked(words, text, printed + "".join(after.text.splitlines()[:-1]), seconds, burnt, left)
