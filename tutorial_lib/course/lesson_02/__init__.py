"""Exercises of lesson 02, execution architecture."""

from __future__ import annotations

from tutorial_lib.course.lesson_02._goodbye import Goodbye
from tutorial_lib.course.lesson_02._quiz import quiz
from tutorial_lib.course.lesson_02._three_ends import ThreeEnds
from tutorial_lib.course.lesson_02._two_machines import TwoMachines

__all__ = ["goodbye", "quiz", "three_ends", "two_machines"]

three_ends = ThreeEnds()
two_machines = TwoMachines()
goodbye = Goodbye()
