"""What the exercises of lesson 01 share."""

from __future__ import annotations

LESSON = "lesson-01"
