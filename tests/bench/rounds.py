"""How often each thing is measured: `BENCH_ROUNDS`, 5 by default, 1 for a quick look."""

from __future__ import annotations

import os

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))


def rounds(usual: int) -> int:
    """How often to measure what is measured `usual` times by default; once at least."""
    return max(1, usual * ROUNDS // 5)
