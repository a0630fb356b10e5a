"""Exercises of lesson 06, event history: the history is the state."""

from __future__ import annotations

from tutorial_lib.course.lesson_06._a_parcel import AParcel
from tutorial_lib.course.lesson_06._forgetful import Forgetful
from tutorial_lib.course.lesson_06._quiz import quiz
from tutorial_lib.course.lesson_06._replay_it_yourself import ReplayItYourself

__all__ = ["a_parcel", "forgetful", "quiz", "replay_it_yourself"]

a_parcel = AParcel()
forgetful = Forgetful()
replay_it_yourself = ReplayItYourself()
