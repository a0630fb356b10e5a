"""Compares with what was looked at before; `UPDATE_SNAPSHOTS=1 pytest tests/views` writes it anew."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "snapshots"


def as_before(name: str, found: str) -> bool:
    """Whether this is what the snapshot has."""
    path = FOLDER / name
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(found, encoding="utf-8")
    return path.read_text(encoding="utf-8") == found
