"""Lessons' cells print the same on a machine that stands still now and then (`make bench`)."""

from __future__ import annotations

import re
import sys

import pytest

from tests.bench.frozen import LONG, prove
from tests.bench.rounds import rounds


@pytest.mark.timeout(3600)
@pytest.mark.skipif(sys.platform == "win32", reason="no process can be stopped there")
def test_cells_that_print_otherwise_when_processes_stand_still() -> None:
    for _ in range(rounds(3)):
        done, times = prove()
        assert times > 0, done.stdout
        failed, passed = (re.search(rf"(\d+) {word}", done.stdout) for word in ("failed", "passed"))
        print(
            f"\n  cells that print otherwise, {times} times something stood still for {LONG:g} s: "
            f"{failed[1] if failed else 0} (goal 0; {passed[1] if passed else 0} print the same)"
        )
        assert done.returncode == 0, done.stdout
