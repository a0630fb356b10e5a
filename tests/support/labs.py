"""A lab for tests, and servers of their own for tests that break them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tutorial_lib import Lab, open_lab
from tutorial_lib.stage import ServerRegistration, find_server, opening, stop_server


@pytest.fixture
async def lab(unique: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lab]:
    """A lab in a namespace of its own, on this run's server."""
    keep_environment(monkeypatch)
    opened = await open_lab(unique("lab"))
    yield opened
    opened.close()


@pytest.fixture
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state directory of this test alone: its server is not the run's."""
    folder = tmp_path / "state of its own"
    keep_environment(monkeypatch)
    monkeypatch.setenv("TUTORIAL_STATE_DIR", str(folder))
    holds: list[ServerRegistration] = []
    monkeypatch.setattr(opening, "_holds", holds)  # this process may hold the run's server already
    yield folder
    for hold in holds:
        hold.close()
    if find_server(folder):
        stop_server(folder)


def keep_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo after the test what `open_lab` publishes for programs that cells start."""
    for name in (
        "TEMPORAL_ADDRESS",
        "TEMPORAL_NAMESPACE",
        "TUTORIAL_ADDRESS",
        "NO_COLOR",
        "TEMPORAL_PROFILE",
    ):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    import os

    monkeypatch.setenv("PATH", os.environ["PATH"])
