"""Which lesson a module of the course belongs to: known from its name."""

from __future__ import annotations

import re

_PART = re.compile(r"lesson_(\d\d)")


def lesson_of(module: str) -> str:
    """The lesson of a module: "lesson-01".

    Args:
        module: Its `__name__`: "tutorial_lib.course.lesson_01.questions". A lesson's name is taken as it is.
    """
    found = next(filter(None, map(_PART.fullmatch, module.split("."))), None)
    return f"lesson-{found[1]}" if found else module
