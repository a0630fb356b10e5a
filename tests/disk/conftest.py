"""Folders that are somebody else's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A folder that belongs to another user: one made so by the super-user, else the system's own."""
    if os.geteuid() != 0:
        return Path("/usr")
    folder = tmp_path / "foreign"
    folder.mkdir(0o755)
    os.chown(folder, 65534, -1)
    return folder
