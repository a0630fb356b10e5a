"""Proves lessons' cells while their kernels and workers stand still again and again, as on a busy machine.

    python -m tests.bench.frozen [NN ...]

Every few seconds one kernel, one of its worker processes, or a kernel with all of them, is stopped for a
while and goes on. The server does not wait for them: what a cell leaves to the right moment prints otherwise.
"""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence

import psutil

from tests.support.checkout import ROOT
from tutorial_lib.authoring.validate import arguments

LONG = 1.5  # seconds that one stands still
BETWEEN = (1.5, 4.5)  # seconds until the next does


def _kernels(run: psutil.Process) -> Iterator[list[psutil.Process]]:
    """Each kernel of a run, with the processes that it has started; commands end by themselves."""
    for process in run.children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "ipykernel_launcher" in process.cmdline():
                started = process.children(recursive=True)
                yield [process, *(each for each in started if each.name() != "temporal")]


def _freeze(run: psutil.Process, over: threading.Event, frozen: list[int]) -> None:
    """Stop some of a run's processes for a while, again and again, until it is over."""
    chance = random.Random()  # noqa: S311 - no secret
    while not over.wait(chance.uniform(*BETWEEN)):
        with contextlib.suppress(psutil.Error):
            if not (kernels := list(_kernels(run))):
                continue
            family = chance.choice(kernels)
            some = family if chance.random() < 0.4 else [chance.choice(family)]
            for process in some:
                with contextlib.suppress(psutil.Error):
                    process.send_signal(signal.SIGSTOP)
            over.wait(LONG)
            for process in some:
                with contextlib.suppress(psutil.Error):
                    process.send_signal(signal.SIGCONT)
            frozen.append(len(some))


def prove(lessons: Sequence[str] = ()) -> tuple[subprocess.CompletedProcess[str], int]:
    """Compare every cell's output with what is committed, on a machine that stands still again and again.

    Args:
        lessons: Their numbers; all of them if there is none.

    Returns:
        The run of nbval, and how often something stood still.
    """
    command = [*arguments(lessons), "-n", "2", "-p", "no:cacheprovider", "-q"]
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    over, frozen = threading.Event(), list[int]()
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipe) as run:
        freezing = threading.Thread(target=_freeze, args=(psutil.Process(run.pid), over, frozen))
        freezing.start()
        try:
            said, _ = run.communicate()
        finally:
            over.set()
            freezing.join()
    return subprocess.CompletedProcess(command, run.returncode, said), len(frozen)


if __name__ == "__main__":
    done, times = prove(sys.argv[1:])
    print(done.stdout, f"{times} times something stood still for {LONG:g} s", sep="\n")
    sys.exit(done.returncode)
