"""How often each thing is measured: `BENCH_ROUNDS`, 5 by default, 1 for a quick look."""

from __future__ import annotations

import os
import statistics

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))


def rounds(usual: int) -> int:
    """How often to measure what is measured `usual` times by default; once at least."""
    return max(1, usual * ROUNDS // 5)


def report(what: str, ours: list[float], bare: list[float], goal: str, *, speed: bool = False) -> None:
    """Print medians and their ratio."""
    a, b = statistics.median(ours), statistics.median(bare)
    ratio = b / a if speed else a / b
    spread = f"{min(ours):.3f}-{max(ours):.3f} s / {min(bare):.3f}-{max(bare):.3f} s"
    print(f"\n  {what}: {ratio:.2f}x  (goal {goal}; medians {a:.3f} s / {b:.3f} s, n={len(ours)}, {spread})")
