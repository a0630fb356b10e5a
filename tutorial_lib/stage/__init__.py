"""Where code runs: one dev server, one namespace a lesson, and workers that can really be killed.

The names are imported on first use: the keeper process, which lives in this package, must not pay for
`temporalio` (0.4 s).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutorial_lib._lazy import lazy_names

if TYPE_CHECKING:
    from tutorial_lib.stage.hold import ServerHold, ServerInfo
    from tutorial_lib.stage.lab import Lab
    from tutorial_lib.stage.opening import course_address, open_lab
    from tutorial_lib.stage.server import DevServer, start_dev_server
    from tutorial_lib.stage.shared import find_server, hold_server, stop_server
    from tutorial_lib.stage.worker_process import WorkerProcess
    from tutorial_lib.stage.workers import EmbeddedWorker

__all__ = [
    "DevServer",
    "EmbeddedWorker",
    "Lab",
    "ServerHold",
    "ServerInfo",
    "WorkerProcess",
    "course_address",
    "find_server",
    "hold_server",
    "open_lab",
    "start_dev_server",
    "stop_server",
]

__getattr__ = lazy_names(
    __name__,
    {
        "DevServer": "server",
        "EmbeddedWorker": "workers",
        "Lab": "lab",
        "ServerHold": "hold",
        "ServerInfo": "hold",
        "WorkerProcess": "worker_process",
        "course_address": "opening",
        "find_server": "shared",
        "hold_server": "shared",
        "open_lab": "opening",
        "start_dev_server": "server",
        "stop_server": "shared",
    },
)
