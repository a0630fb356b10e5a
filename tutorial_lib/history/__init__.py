"""Event histories as plain values: read, explained, followed while they grow.

Names are imported on first use. `explain` is a function in a module of the same name: import it from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutorial_lib.lazy import lazy_names

if TYPE_CHECKING:
    from tutorial_lib.history.events import Event, Failure, History
    from tutorial_lib.history.follow import Follower, FollowState
    from tutorial_lib.history.kinds import KINDS
    from tutorial_lib.history.reading import fetch_history, read_history

__all__ = ["KINDS", "Event", "Failure", "FollowState", "Follower", "History", "fetch_history", "read_history"]

__getattr__ = lazy_names(
    __name__,
    {
        "KINDS": "kinds",
        "Event": "events",
        "Failure": "events",
        "FollowState": "follow",
        "Follower": "follow",
        "History": "events",
        "fetch_history": "reading",
        "read_history": "reading",
    },
)
