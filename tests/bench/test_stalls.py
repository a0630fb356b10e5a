"""Tasks that are lost when a worker is replaced: rounds that waited for a timeout (`make bench`)."""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.rounds import rounds
from tests.bench.stalls import LONG
from tests.support.checkout import ROOT

PROGRAM = Path(__file__).with_name("stalls.py")


@pytest.mark.timeout(3600)
def test_rounds_that_wait_for_a_lost_task() -> None:
    for how, many in (("stage", rounds(200)), ("plain", rounds(25))):
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.stalls", how, str(many)],
            cwd=ROOT, capture_output=True, text=True, timeout=3000, check=False,
        )  # fmt: skip
        waits = [float(line.split()[0]) for line in done.stdout.splitlines()]
        assert len(waits) == many, done.stderr
        late = sum(wait > LONG for wait in waits)
        goal = "0" if how == "stage" else "none, the SDK alone"
        print(
            f"\n  replaced while workflows begin, {how}: {late} of {many} above {LONG:g} s (goal {goal}; "
            f"median {statistics.median(waits):.2f} s, most {max(waits):.2f} s)"
        )
