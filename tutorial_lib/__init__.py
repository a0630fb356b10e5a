"""The stage, the pictures and the checks of the course *Temporal, learned by running it*.

`%load_ext tutorial_lib` and `open_lab` are all a lesson needs. Names are imported on first use, so
that `import tutorial_lib` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutorial_lib.lazy import lazy_names

if TYPE_CHECKING:
    from tutorial_lib.cells.extension import load_ipython_extension, unload_ipython_extension
    from tutorial_lib.lab import Lab, open_lab
    from tutorial_lib.stage.server.dev_server import start_dev_server
    from tutorial_lib.stage.workers.embedded import EmbeddedWorker
    from tutorial_lib.stage.workers.process import WorkerProcess

__all__ = [
    "EmbeddedWorker",
    "Lab",
    "WorkerProcess",
    "load_ipython_extension",
    "open_lab",
    "start_dev_server",
    "unload_ipython_extension",
]

__getattr__ = lazy_names(
    __name__,
    {
        "EmbeddedWorker": "stage.workers.embedded",
        "Lab": "lab",
        "WorkerProcess": "stage.workers.process",
        "load_ipython_extension": "cells.extension",
        "open_lab": "lab",
        "start_dev_server": "stage.server.dev_server",
        "unload_ipython_extension": "cells.extension",
    },
)
