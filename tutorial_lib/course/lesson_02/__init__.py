"""Exercises of lesson 02, execution architecture."""

from __future__ import annotations

from tutorial_lib.course.lesson_02.exercises.goodbye import Goodbye
from tutorial_lib.course.lesson_02.exercises.three_ends import ThreeEnds
from tutorial_lib.course.lesson_02.exercises.two_machines import TwoMachines
from tutorial_lib.course.lesson_02.questions import quiz

__all__ = ["goodbye", "quiz", "three_ends", "two_machines"]

three_ends = ThreeEnds()
two_machines = TwoMachines()
goodbye = Goodbye()
