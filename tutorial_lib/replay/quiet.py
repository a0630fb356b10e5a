"""Keeps a replay from speaking: what it finds is in the recording, not in log lines.

Core gets a runtime of its own that does not log, and the SDK's log lines of the replaying thread are dropped;
those of other threads, live workers' above all, pass.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import sys
import threading
from collections.abc import Iterator

from temporalio.runtime import Runtime, TelemetryConfig

from tutorial_lib import sdk

_LOGGERS = (sdk.ACTIVATION_LOG, sdk.WORKFLOW_WORKER_LOG, sdk.SANDBOX_LOG, sdk.REPLAYER_LOG)


@functools.cache
def quiet_runtime() -> Runtime:
    """A runtime whose Core does not log; one for all replays of a process."""
    return Runtime(telemetry=TelemetryConfig(logging=None, metrics=None))


class _Muted(logging.Filter):
    def __init__(self) -> None:
        super().__init__()
        self.threads: list[int] = []
        self.lock = threading.Lock()
        self.breakpoint_hook = sys.breakpointhook

    def filter(self, record: logging.LogRecord) -> bool:
        del record  # a record's own `thread` is optional (`logging.logThreads`)
        return threading.get_ident() not in self.threads


_muted = _Muted()


@contextlib.contextmanager
def quiet_thread() -> Iterator[None]:
    """Mutes the SDK's loggers for this thread, and undoes what debug mode does to the process.

    `Replayer(debug_mode=True)` runs activations inline, which is what a recording wants, and also sets
    `sys.breakpointhook`, which is nobody's wish here.
    """
    with _muted.lock:
        if not _muted.threads:
            _muted.breakpoint_hook = sys.breakpointhook
            for name in _LOGGERS:
                # Before other filters: the cells' own would tell the learner of each failure.
                logging.getLogger(name).filters.insert(0, _muted)
        _muted.threads.append(threading.get_ident())
    try:
        yield
    finally:
        with _muted.lock:
            _muted.threads.remove(threading.get_ident())
            if not _muted.threads:
                sys.breakpointhook = _muted.breakpoint_hook
                for name in _LOGGERS:
                    logging.getLogger(name).removeFilter(_muted)
