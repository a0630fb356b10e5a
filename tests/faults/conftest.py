"""Each fault test has a server of its own: it is broken, or must be seen to go."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tutorial_lib.stage import find_server, stop_server
from tutorial_lib.stage.server.shared import DEFAULT_PORTS


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """A state directory, in a path with a space. Its server gets ports that only chance gives to another.

    The usual ones go to whoever starts next, on a machine that runs these tests twice at once to the same
    namespace with the same names: who called a server that was killed would be answered.
    """
    folder = tmp_path / "a course" / "state"
    folder.mkdir(parents=True)
    with contextlib.ExitStack() as kept:
        for port in DEFAULT_PORTS:
            with contextlib.suppress(OSError):  # somebody has it: as good
                kept.enter_context(socket.create_server(("127.0.0.1", port)))
        yield folder
    if find_server(folder):
        stop_server(folder)
