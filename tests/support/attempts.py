"""Attempts at one exercise in a kernel, as a learner makes them: the cell, then the check."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from typing import Any

from tests.support.answering import replace
from tests.support.kernels import Kernel
from tests.support.waiting import BACKSTOP
from tutorial_lib.course import lesson_01 as ex

OPEN = """
%load_ext tutorial_lib
import json, os, threading, time
from tutorial_lib import open_lab
from tutorial_lib.exercises import ____
from tutorial_lib.course import lesson_01 as ex
lab = await open_lab("lesson-01")
def threads_of_checks():
    return [t for t in threading.enumerate() if "check" in t.name]
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
    """

    words: str
    text: str
    printed: str


def check(kernel: Kernel, source: str, call: str = CHECK, *, seconds: float = BACKSTOP) -> Checked:
    """Run a cell and check it.

    Args:
        kernel: Where.
        source: The cell.
        call: How it is checked.
        seconds: How long the check may take; what does not end is waited for as long.
    """
    kernel.run(f"ex.greeting.seconds = {seconds}")
    ran = kernel.run(source)
    assert ran.error is None, ran.error
    ran = kernel.run(f"_o = {call}\nprint('TOLD', json.dumps([_o.status.words, repr(_o)]))")
    assert ran.error is None, ran.error
    lines = ran.text.splitlines()
    [told] = [line for line in lines if line.startswith("TOLD ")]
    words, text = json.loads(told.removeprefix("TOLD "))
    printed = "\n".join(line for line in lines if line != told)
    return Checked(words, text, printed)


def left(kernel: Kernel) -> list[str]:
    """Names of the threads of checks that do not end."""
    return told(
        kernel,
        f"""
        for _ in range({BACKSTOP / 0.02:.0f}):
            if not threads_of_checks(): break
            time.sleep(0.02)
        print(json.dumps([t.name for t in threads_of_checks()]))
    """,
    )


def burnt(kernel: Kernel) -> float:
    """Seconds of CPU that threads of checks use in a while; at least one is there."""
    return told(
        kernel,
        """
        import psutil
        _ids = {t.native_id for t in threads_of_checks()}
        _used = lambda: sum(t.user_time + t.system_time for t in psutil.Process().threads() if t.id in _ids)
        assert _ids
        _before = _used(); time.sleep(0.5)
        print(json.dumps(_used() - _before))
    """,
    )


def told(kernel: Kernel, source: str) -> Any:
    """What a cell prints as JSON."""
    ran = kernel.run(textwrap.dedent(source))
    assert ran.error is None, ran.error
    return json.loads(ran.text.splitlines()[-1])
