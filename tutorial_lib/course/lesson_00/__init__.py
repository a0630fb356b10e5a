"""Exercises of lesson 00, code that survives."""

from __future__ import annotations

from tutorial_lib.course.lesson_00.exercises.diary import Diary
from tutorial_lib.course.lesson_00.exercises.half_done import HalfDone
from tutorial_lib.course.lesson_00.exercises.hidden_failure import HiddenFailure, call_card_service
from tutorial_lib.course.lesson_00.exercises.steps_left import StepsLeft
from tutorial_lib.course.lesson_00.questions import quiz

__all__ = ["call_card_service", "diary", "half_done", "hidden_failure", "quiz", "steps_left"]

steps_left = StepsLeft()
diary = Diary()
hidden_failure = HiddenFailure()
half_done = HalfDone()
