"""What the exercises of lesson 06 share."""

from __future__ import annotations

LESSON = "lesson-06"
