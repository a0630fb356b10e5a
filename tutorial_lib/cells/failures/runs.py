"""Remembers which workflow a run id belongs to, for log lines that carry only the run id."""

from __future__ import annotations

import collections
import threading

_KEPT = 5000  # runs; a burst of a lesson's benchmark fits, a kernel that runs for days stays small


class RunNames:
    """Workflow type and id of the latest runs in this process."""

    def __init__(self) -> None:
        self._names: collections.OrderedDict[str, tuple[str, str]] = collections.OrderedDict()
        self._lock = threading.Lock()  # workers on several loops remember runs at once

    def remember(self, run_id: str, workflow_type: str, workflow_id: str) -> None:
        """Notes a run when its sandbox is made."""
        with self._lock:
            self._names[run_id] = (workflow_type, workflow_id)
            while len(self._names) > _KEPT:
                self._names.popitem(last=False)

    def of(self, run_id: str | None) -> tuple[str, str]:
        """Workflow type and workflow id of a run; both "" for an unknown one."""
        return self._names.get(run_id or "", ("", ""))


run_names = RunNames()
