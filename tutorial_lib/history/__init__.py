"""Event histories as plain values: read, explained, followed while they grow, replayed step by step.

Names are imported on first use, so that a picture of a history does not pay for the recorder. `explain` and
`what_if` are functions in modules of the same name, so they are imported from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutorial_lib._lazy import lazy_names

if TYPE_CHECKING:
    from tutorial_lib.history.events import Event, Failure, History
    from tutorial_lib.history.follow import Follower, FollowState
    from tutorial_lib.history.kinds import KINDS
    from tutorial_lib.history.reading import fetch_history, read_history
    from tutorial_lib.history.recorder import Detail, Recorder, record_replay
    from tutorial_lib.history.steps import Recording

__all__ = [
    "KINDS",
    "Detail",
    "Event",
    "Failure",
    "FollowState",
    "Follower",
    "History",
    "Recorder",
    "Recording",
    "fetch_history",
    "read_history",
    "record_replay",
]

__getattr__ = lazy_names(
    __name__,
    {
        "KINDS": "kinds",
        "Detail": "recorder",
        "Event": "events",
        "Failure": "events",
        "FollowState": "follow",
        "Follower": "follow",
        "History": "events",
        "Recorder": "recorder",
        "Recording": "steps",
        "fetch_history": "reading",
        "read_history": "reading",
        "record_replay": "recorder",
    },
)
