"""How much a recording costs: recorded replay against the SDK's plain `Replayer`, both in the sandbox.

Ratios of runs made in turn, in the same minute; printed, not asserted (`make bench`).
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from types import ModuleType

import pytest
from temporalio.worker import Replayer

from tests.bench.rounds import rounds
from tests.support.long_histories import Loop, history_of
from tutorial_lib.history.reading import read_history
from tutorial_lib.replay.recorder import record_replay

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize(("events", "turns"), [(50, 15), (500, 9), (5_000, 5)])
async def test_recorded_replay_against_plain_replay(events: int, turns: int) -> None:
    source = history_of(events)
    history = read_history(source)
    plain, recorded, turns = [], [], rounds(turns)
    for _ in range(turns + 1):
        began = time.perf_counter()
        await Replayer(workflows=[Loop]).replay_workflow(source)
        plain.append(time.perf_counter() - began)
        began = time.perf_counter()
        recording = await record_replay(history, [Loop])
        recorded.append(time.perf_counter() - began)
        assert recording.error is None
        assert len(recording.steps) == (len(history.events) - 5) // 6 + 1
    # The first turn imports and warms up.
    ours, bare = recorded[1:], plain[1:]
    a, b = statistics.median(ours), statistics.median(bare)
    goal = "goal 1.5x" if events >= 500 else "no goal"
    spread = f"{min(ours):.3f}-{max(ours):.3f} s / {min(bare):.3f}-{max(bare):.3f} s"
    print(
        f"\n  recorded replay of {len(history)} events, {len(recording.steps)} steps: {a / b:.2f}x plain "
        f"({goal}; medians {a:.3f} s / {b:.3f} s, n={turns}, {spread})"
    )


@pytest.mark.parametrize("events", [5_000, 50_000])
async def test_the_memory_of_a_long_recording_is_bounded(events: int) -> None:
    """Equal pieces are kept once; beyond `Detail.max_detailed` steps only the links of a step are kept.

    50,000 events take Core alone more than a minute: its own work grows faster than the history.
    """
    history = read_history(history_of(events))
    recording = await record_replay(history, [Loop], deadline=60)
    size, steps = deep_size(recording.steps), recording.steps
    print(
        f"\n  recording of {len(history)} events: {size / 1e6:.1f} MB in {len(steps)} steps, "
        f"{sum(step.thinned for step in steps)} of them thinned; {recording.seconds:.1f} s"
    )


def deep_size(root: object) -> int:
    """Bytes of all that hangs on an object, each thing counted once; classes and modules left out."""
    seen: set[int] = set()
    todo, size = [root], 0
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, type | ModuleType):
            continue
        seen.add(id(one))
        size += sys.getsizeof(one)
        todo += gc.get_referents(one)
    return size
