"""`tutorial show` of a very long history: how long it takes, and how much memory (printed, not asserted)."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.support.long_histories import history_of

pytestmark = pytest.mark.timeout(600)

EVENTS = 200_000


def test_a_history_of_200000_events(tmp_path: Path):
    (tmp_path / "h.json").write_text(history_of(EVENTS).to_json())
    command = [sys.executable, "-m", "tutorial_lib.cli", "show", "h.json"]
    began, most = time.perf_counter(), 0
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as running:
        watched = psutil.Process(running.pid)
        while running.poll() is None:
            most = max(most, watched.memory_info().rss)
            time.sleep(0.05)
        assert running.stdout
        assert "Loop, " in running.stdout.read()
    page = (tmp_path / "h.html").stat().st_size
    print(
        f"\n  tutorial show of {EVENTS:,} events: {time.perf_counter() - began:.1f} s (goal < 17), "
        f"{most / 1e9:.2f} GB (goal < 0.75), a page of {page / 1e6:.0f} MB"
    )
