"""A kernel to attempt the exercise `greeting` in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.attempts import OPEN
from tests.support.kernels import Kernel, kernel
from tutorial_lib.disk.state import state_folder
from tutorial_lib.exercises.progress import NOBODY


@pytest.fixture(scope="module")
def learner() -> Iterator[Kernel]:
    """A kernel whose lab is open; its progress is nobody's."""
    with kernel(state_folder(), Path.cwd(), TUTORIAL_LEARNER=NOBODY) as running:
        opened = running.run(OPEN)
        assert opened.error is None, opened.error
        yield running
