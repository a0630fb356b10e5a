"""The exercises and quizzes of the course: `from tutorial_lib.course import lesson_01 as ex`.

`progress()` shows how far you are with all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutorial_lib.lazy import lazy_names

if TYPE_CHECKING:
    from tutorial_lib.course.overview import progress

__all__ = ["progress"]

__getattr__ = lazy_names(__name__, {"progress": "overview"})
