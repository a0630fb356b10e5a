"""Lessons that are still in their first edition, to which the rules of the second do not apply yet.

Whoever has rewritten a lesson takes its line away; none is added.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["FIRST_EDITIONS", "is_first_edition"]

FIRST_EDITIONS: tuple[str, ...] = ()


def is_first_edition(path: Path) -> bool:
    """Whether a notebook is one of those, by the name of its file."""
    return path.name in FIRST_EDITIONS
