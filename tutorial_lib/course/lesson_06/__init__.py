"""Exercises of lesson 06, event history: the history is the state."""

from __future__ import annotations

from tutorial_lib.course.lesson_06.exercises.a_parcel import AParcel
from tutorial_lib.course.lesson_06.exercises.forgetful import Forgetful
from tutorial_lib.course.lesson_06.exercises.replay_it_yourself import ReplayItYourself
from tutorial_lib.course.lesson_06.questions import quiz

__all__ = ["a_parcel", "forgetful", "quiz", "replay_it_yourself"]

a_parcel = AParcel()
forgetful = Forgetful()
replay_it_yourself = ReplayItYourself()
