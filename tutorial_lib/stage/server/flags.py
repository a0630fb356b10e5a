"""The dev server's command line: each flag with the reason why the course needs it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

DYNAMIC_CONFIG: dict[str, object] = {
    # A dispatch waits for a poll token of the history service, 20 a second by default: each hop costs up
    # to 50 ms on an idle server. With 1000 a workflow is about four times faster.
    "history.transferProcessorMaxPollRPS": 1000,
    # Timers below a second are rounded up to one by default; lessons use short ones.
    "history.timerProcessorMaxTimeShift": "20ms",
    # On a busy machine the server drops the news of an event when its reader has not taken the last one (it
    # holds one: service/history/events/notifier.go). Who waits for a result or for events then learns of it
    # when the long poll ends: after 20 seconds by default, though the workflow has long ended.
    "history.longPollExpirationInterval": "1s",
    # Priority and fairness hold their order within a partition of a task queue: one makes it visible.
    "matching.numTaskqueueReadPartitions": 1,
    "matching.numTaskqueueWritePartitions": 1,
    "matching.enableFairness": True,
    # A worker that stops may ask for its polls to end, and loses no task: see `stage/workers/draining.py`.
    "frontend.enableCancelWorkerPollsOnShutdown": True,
    # Features that server 1.32 ships switched off.
    "frontend.WorkflowPauseEnabled": True,
    "frontend.WorkflowTimeSkippingEnabled": True,
    "history.enableSignalWithStartFromWorkflow": True,
    "nexusoperation.enableStandalone": True,
}

# By this `tutorial reset` knows a namespace that the course made.
NAMESPACE_DESCRIPTION = "a lesson's own"

# Names that Temporal's published samples expect; values are the CLI's own type names.
SEARCH_ATTRIBUTES: dict[str, str] = {
    "CustomKeywordField": "Keyword",
    "CustomTextField": "Text",
    "CustomIntField": "Int",
    "CustomDoubleField": "Double",
    "CustomBoolField": "Bool",
    "CustomDatetimeField": "Datetime",
}


def server_arguments(
    *, public_path: str, db_filename: Path | None = None, extra: Sequence[str] = ()
) -> list[str]:
    """The arguments of `temporal` for the course's dev server, without its ports.

    Args:
        public_path: Path under which the Web UI is served, e.g. "/temporal-ui": jupyter-server-proxy can
            then show it under JupyterLab's own origin.
        db_filename: Where to keep state; in memory if None.
        extra: Further arguments, e.g. `["--dynamic-config-value", "key=value"]`.
    """
    arguments = ["server", "start-dev", "--ip", "127.0.0.1", "--log-level", "warn"]
    # The Web UI would ask a news service on the internet otherwise.
    arguments += ["--ui-disable-news-fetch", "--ui-public-path", public_path]
    for key, value in DYNAMIC_CONFIG.items():
        arguments += ["--dynamic-config-value", f"{key}={json.dumps(value)}"]
    for name, kind in SEARCH_ATTRIBUTES.items():
        arguments += ["--search-attribute", f"{name}={kind}"]
    if db_filename is not None:
        arguments += ["--db-filename", str(db_filename)]
    return [*arguments, *extra]
