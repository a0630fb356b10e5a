"""What the exercises of lesson 00 share."""

from __future__ import annotations

LESSON = "lesson-00"
