"""Histories that were recorded once with `temporal workflow show`, and where code stands in its file.

The workflows behind them are in `recorded.py`.
"""

from __future__ import annotations

import inspect
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"
FIELD = DATA / "field"  # of other projects and tools: each shows something that was told wrong once


def line_of(made: type, text: str) -> int:
    """Number of the line of a class that holds a text."""
    lines, first = inspect.getsourcelines(made)
    found = [first + number for number, line in enumerate(lines) if text in line]
    assert len(found) == 1, (text, found)
    return found[0]
