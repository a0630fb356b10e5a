"""Each fault test has a server of its own: it is broken, or must be seen to go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tutorial_lib.stage import find_server, stop_server


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A state directory, in a path with a space."""
    folder = tmp_path / "a course" / "state"
    folder.mkdir(parents=True)
    yield folder
    if find_server(folder):
        stop_server(folder)
