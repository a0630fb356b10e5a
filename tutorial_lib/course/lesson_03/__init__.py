"""Exercises of lesson 03, namespaces and task queues."""

from __future__ import annotations

from tutorial_lib.course.lesson_03.exercises.four_starts import FourStarts
from tutorial_lib.course.lesson_03.exercises.lost_order import LostOrder
from tutorial_lib.course.lesson_03.exercises.own_disk import OwnDisk
from tutorial_lib.course.lesson_03.questions import quiz

__all__ = ["four_starts", "lost_order", "own_disk", "quiz"]

lost_order = LostOrder()
four_starts = FourStarts()
own_disk = OwnDisk()
