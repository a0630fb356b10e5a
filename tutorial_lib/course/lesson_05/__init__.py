"""Exercises and quiz of lesson 05, starting workflows."""

from __future__ import annotations

from tutorial_lib.course.lesson_05.exercises.lost_guests import LostGuests
from tutorial_lib.course.lesson_05.exercises.pay_once import PayOnce
from tutorial_lib.course.lesson_05.exercises.same_id import SameId
from tutorial_lib.course.lesson_05.questions import quiz

__all__ = ["lost_guests", "pay_once", "quiz", "same_id"]

lost_guests = LostGuests()
same_id = SameId()
pay_once = PayOnce()
