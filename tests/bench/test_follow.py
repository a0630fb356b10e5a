"""How soon a follower passes on what happens, and how soon it lets go; and who ends a check that hangs."""

from __future__ import annotations

import asyncio
import statistics
import threading
import time

import pytest

from tests.bench.rounds import rounds
from tests.support.attempts import OPEN, activity, check
from tests.support.kernels import kernel
from tutorial_lib.disk.state import state_folder
from tutorial_lib.exercises.progress import NOBODY
from tutorial_lib.history import Follower

pytestmark = pytest.mark.timeout(300)

DEADLINE = 3.0  # seconds of the check


def told(what: str, seconds: list[float], goal: str) -> None:
    """Print a figure beside its goal."""
    middle, most = statistics.median(seconds), max(seconds)
    print(
        f"\n  {what}: {1000 * middle:.1f} ms  (goal {goal}; at most {1000 * most:.1f} ms, n={len(seconds)})"
    )


async def test_from_a_signal_to_the_callback_and_to_the_end(client, unique):
    news, at = threading.Event(), [0.0]

    def on_events(_events, _state):
        at[0] = time.perf_counter()
        news.set()

    delays, stops = [], []
    for _ in range(rounds(5)):
        handle = await client.start_workflow("Open", id=unique("follow"), task_queue=unique("nobody"))
        follower = Follower(client, handle.id, on_events=on_events, every=0.0)
        await asyncio.to_thread(news.wait)
        for number in range(10):
            news.clear()
            await handle.signal("note", str(number))
            sent = time.perf_counter()
            await asyncio.to_thread(news.wait)
            delays.append(at[0] - sent)
        began = time.perf_counter()
        follower.stop()
        stops.append(time.perf_counter() - began)
        await handle.terminate()
        news.clear()
    told("from a signal to a follower's callback", delays, "<= 20 ms")
    told("a follower's stop, with a long poll open", stops, "<= 100 ms")


def test_a_check_of_what_never_ends():
    took = []
    with kernel(state_folder(), TUTORIAL_LEARNER=NOBODY) as one:
        assert one.run(OPEN).error is None
        for _ in range(rounds(3)):
            began = time.perf_counter()
            check(one, activity("while True: pass"), seconds=DEADLINE)
            took.append(time.perf_counter() - began - DEADLINE)
    told("a check beyond its deadline, of code that does not yield", took, "<= 3 s")
