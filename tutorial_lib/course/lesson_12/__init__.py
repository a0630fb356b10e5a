"""Exercises of lesson 12, cancel, terminate, reset: three ways to stop a workflow, and one to rewind it."""

from __future__ import annotations

from tutorial_lib.course.lesson_12.exercises.charged import Charged
from tutorial_lib.course.lesson_12.exercises.how_it_ends import HowItEnds
from tutorial_lib.course.lesson_12.exercises.oven import Oven
from tutorial_lib.course.lesson_12.questions import quiz

__all__ = ["charged", "how_it_ends", "oven", "quiz"]

how_it_ends = HowItEnds()
oven = Oven()
charged = Charged()
