"""Side effects, counted where nothing can undo them: the truth about "ran once"."""

from __future__ import annotations

import threading
from collections import Counter

__all__ = ["Ledger"]


class Ledger:
    """A list of what was really done, in order, across attempts, replays and workers of this process.

    An exercise lends it to activities: `bank.add("charge order-1")`. Code of a workflow cannot reach it: the
    sandbox has a copy of its own, which is the point.
    """

    def __init__(self) -> None:
        self._entries: list[str] = []
        self._lock = threading.Lock()

    def add(self, entry: str) -> int:
        """Note that something was done. Returns how often it was done by now."""
        with self._lock:
            self._entries.append(entry)
            return self._entries.count(entry)

    def count(self, entry: str) -> int:
        """How often exactly this was done."""
        with self._lock:
            return self._entries.count(entry)

    @property
    def entries(self) -> tuple[str, ...]:
        """All entries, in order."""
        with self._lock:
            return tuple(self._entries)

    def clear(self) -> None:
        """Forget everything: a check starts with an empty page."""
        with self._lock:
            self._entries.clear()

    def __repr__(self) -> str:
        counted = Counter(self.entries)
        return "\n".join(f"{entry}: {number}" for entry, number in counted.items()) or "(nothing was done)"
