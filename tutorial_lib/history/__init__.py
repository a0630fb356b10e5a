"""Event histories as plain values: read, explained, followed while they grow, replayed step by step.

Names are imported on first use, so that a picture of a history does not pay for the recorder. `explain` is
not among them: it is the function of the module of that name.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tutorial_lib.history.events import Event, Failure, History
    from tutorial_lib.history.follow import Follower, FollowState
    from tutorial_lib.history.kinds import KINDS
    from tutorial_lib.history.reading import fetch_history, read_history

__all__ = [
    "KINDS",
    "Event",
    "Failure",
    "FollowState",
    "Follower",
    "History",
    "fetch_history",
    "read_history",
]

_HOMES = {
    "KINDS": "kinds",
    "Event": "events",
    "Failure": "events",
    "FollowState": "follow",
    "Follower": "follow",
    "History": "events",
    "fetch_history": "reading",
    "read_history": "reading",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
