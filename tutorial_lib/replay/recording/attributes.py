"""The attributes of a workflow's object, as short texts."""

from __future__ import annotations

from collections.abc import Sequence

from tutorial_lib.replay.recording.shortening import short
from tutorial_lib.replay.steps import Texts


def state_of(learners: object | None) -> Texts:
    """The attributes of the learner's object, `__slots__` included, in order of creation."""
    if learners is None:
        return {}
    slots = {name: getattr(learners, name) for name in _slots(type(learners)) if hasattr(learners, name)}
    found = slots | getattr(learners, "__dict__", {})
    return {name: short(value) for name, value in found.items()}


def _slots(made: type) -> Sequence[str]:
    found: list[str] = []
    for base in made.__mro__:
        slots = vars(base).get("__slots__", ())
        found += [slots] if isinstance(slots, str) else slots
    return [name for name in found if not name.startswith("__")]
