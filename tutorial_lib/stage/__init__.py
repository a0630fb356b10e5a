"""Where code runs: one dev server, one namespace a lesson, and workers that can really be killed.

The names are imported on first use: the keeper process, which lives in this package, must not pay for
`temporalio` (0.4 s).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutorial_lib.lazy import lazy_names

if TYPE_CHECKING:
    from tutorial_lib.stage.opening import course_address, open_stage
    from tutorial_lib.stage.server.dev_server import DevServer, start_dev_server
    from tutorial_lib.stage.server.registration import ServerInfo, ServerRegistration
    from tutorial_lib.stage.server.shared import find_server, hold_server, stop_server
    from tutorial_lib.stage.stage import Stage
    from tutorial_lib.stage.workers.embedded import EmbeddedWorker
    from tutorial_lib.stage.workers.process import WorkerProcess

__all__ = [
    "DevServer",
    "EmbeddedWorker",
    "ServerInfo",
    "ServerRegistration",
    "Stage",
    "WorkerProcess",
    "course_address",
    "find_server",
    "hold_server",
    "open_stage",
    "start_dev_server",
    "stop_server",
]

__getattr__ = lazy_names(
    __name__,
    {
        "DevServer": "server.dev_server",
        "EmbeddedWorker": "workers.embedded",
        "Stage": "stage",
        "ServerRegistration": "server.registration",
        "ServerInfo": "server.registration",
        "WorkerProcess": "workers.process",
        "course_address": "opening",
        "find_server": "server.shared",
        "hold_server": "server.shared",
        "open_stage": "opening",
        "start_dev_server": "server.dev_server",
        "stop_server": "server.shared",
    },
)
