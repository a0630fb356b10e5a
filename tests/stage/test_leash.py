"""Children that end with the process that started them, whatever they do."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.waiting import gone, wait_for
from tutorial_lib.stage import leash

pytestmark = pytest.mark.skipif(os.name != "posix", reason="nobody ends such a process on Windows")

PARENT = """
import subprocess, sys, time
from tutorial_lib.stage import leash
leash.BY_SYSTEM, leash.BY_WATCHER = False, True
child = leash.start_leashed([sys.executable, "-c", {program!r}])
print(child.pid, leash._watchers[0].pid, flush=True)
time.sleep(60)
"""
HOLDS_THE_LOCK = "import ctypes; ctypes.PyDLL(None).sleep(60)"


@pytest.fixture
def parent():
    started = []

    def start(program: str) -> tuple[subprocess.Popen[str], int, int]:
        command = [sys.executable, "-c", PARENT.format(program=program)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        child, watcher = map(int, started[-1].stdout.readline().split())
        return started[-1], child, watcher

    yield start
    for each in started:
        each.kill()
        each.wait()
        each.stdout.close()


def test_a_watcher_ends_a_child_that_holds_pythons_lock(parent):
    process, child, watcher = parent(HOLDS_THE_LOCK)
    assert not gone(child)
    process.kill()
    wait_for(lambda: gone(child) and gone(watcher))


def test_two_threads_that_start_their_first_child_share_what_keeps_it_alive(monkeypatch):
    """Linux ends a child with the *thread* that started it: one that nobody keeps ends."""
    made, together = [], threading.Barrier(2)

    class Slow(ThreadPoolExecutor):
        def __init__(self, *given: Any, **options: Any) -> None:
            super().__init__(*given, **options)
            time.sleep(0.05)
            made.append(self)

    monkeypatch.setattr("concurrent.futures.ThreadPoolExecutor", Slow)
    monkeypatch.setattr(leash, "BY_SYSTEM", True)
    monkeypatch.setattr(leash, "_starter", functools.cache(leash._starter.__wrapped__))

    def start(_: int) -> int:
        together.wait()
        return leash.start_leashed([sys.executable, "-c", ""]).wait()

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(start, range(2))) == [0, 0]
    assert len(made) == 1
    made[0].shutdown()


def test_a_watcher_goes_with_its_child(parent):
    process, child, watcher = parent("pass")
    wait_for(lambda: gone(child) and gone(watcher))
    assert process.poll() is None


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a watcher does it")
def test_a_child_whose_parent_has_gone_already_ends_at_once():
    stranger = "from tutorial_lib.stage.leash import take_leash; take_leash(1); print('still here')"
    done = subprocess.run([sys.executable, "-c", stranger], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
