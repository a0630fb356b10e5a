"""Exercises and quiz of lesson 05, starting workflows."""

from __future__ import annotations

from tutorial_lib.course.lesson_05._lost_guests import LostGuests
from tutorial_lib.course.lesson_05._pay_once import PayOnce
from tutorial_lib.course.lesson_05._quiz import quiz
from tutorial_lib.course.lesson_05._same_id import SameId

__all__ = ["lost_guests", "pay_once", "quiz", "same_id"]

same_id = SameId()
lost_guests = LostGuests()
pay_once = PayOnce()
