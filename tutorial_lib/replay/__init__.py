"""What workflow code does with a history: recorded one workflow task a step, linked to its events, compared.

Names are imported on first use. `what_if` is a function in a module of the same name: import it from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutorial_lib.lazy import lazy_names

if TYPE_CHECKING:
    from tutorial_lib.replay.recorder import Detail, Recorder, record_replay
    from tutorial_lib.replay.steps import Recording

__all__ = ["Detail", "Recorder", "Recording", "record_replay"]

__getattr__ = lazy_names(
    __name__,
    {"Detail": "recorder", "Recorder": "recorder", "Recording": "steps", "record_replay": "recorder"},
)
