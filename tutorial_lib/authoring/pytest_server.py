"""A pytest plugin: one dev server for the whole run, found by tests and by the kernels of notebooks.

Fixtures do not run for notebook cells, so the server starts with the session. It is the course's
own shared server under a state folder of this run alone: kernels inherit the variable and find it,
several runs at once do not meet, and when the run is killed the server ends by itself.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tutorial_lib import settings
from tutorial_lib.authoring.headless.unattended import unattended
from tutorial_lib.disk.folders import remove, scratch

if TYPE_CHECKING:
    from tutorial_lib.stage.server.shared import ServerRegistration

__all__ = ["pytest_configure", "pytest_sessionfinish", "pytest_sessionstart"]

_HOLD: pytest.StashKey[ServerRegistration] = pytest.StashKey()
_FOLDER: pytest.StashKey[str] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    """Has nbval's kernels listen on files: several notebooks at once may find the same port free."""
    if config.getoption("nbval", default=False):
        import nbval.kernel

        from tutorial_lib.authoring.headless.kernel_managers import FileKernelManager

        nbval.kernel.KernelManager = FileKernelManager


def pytest_sessionstart(session: pytest.Session) -> None:
    """Starts the server and waits until it answers."""
    config = session.config
    if hasattr(config, "workerinput") or config.option.collectonly:
        return  # a worker of pytest-xdist finds the server that the main process started
    from tutorial_lib.stage.server.shared import hold_server

    folder = str(scratch("tutorial-tests-"))
    config.stash[_FOLDER] = folder
    os.environ[settings.STATE_DIR.name] = folder
    os.environ.update(unattended())
    config.stash[_HOLD] = hold_server(who="pytest")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stops the server."""
    stash = session.config.stash
    if _FOLDER not in stash:
        return
    from tutorial_lib.stage.server.shared import stop_server

    folder = stash[_FOLDER]
    del stash[_FOLDER]
    if _HOLD in stash:
        stash[_HOLD].close()
        del stash[_HOLD]
        # Not left to the keeper's few seconds of grace: the next command may look for strays.
        stop_server(Path(folder))
    os.environ.pop(settings.STATE_DIR.name, None)
    remove(Path(folder))
