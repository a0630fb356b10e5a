"""`make bench` runs: `make test` leaves its figures out, as they want minutes and a quiet machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
QUICK = "test_latency_on or test_recorded_replay_against_plain_replay and 50-"


@pytest.mark.slow
@pytest.mark.timeout(300)  # a backstop: some ten seconds
def test_every_module_of_the_bench_is_there_and_a_round_of_the_quick_ones_runs() -> None:
    command = ["-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", "tests/bench", "-k", QUICK]
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, "BENCH_ROUNDS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for figure in ("trivial workflow", "three activities in a row", "recorded replay of"):
        assert done.stdout.count(f"\n  {figure}") == 1, done.stdout
