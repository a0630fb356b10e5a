"""Exercises of lesson 01, core concepts."""

from __future__ import annotations

from tutorial_lib.course.lesson_01.exercises.adopted import Adopted
from tutorial_lib.course.lesson_01.exercises.greeting import Greeting
from tutorial_lib.course.lesson_01.exercises.verdicts import Verdicts
from tutorial_lib.course.lesson_01.questions import quiz

__all__ = ["adopted", "greeting", "quiz", "verdicts"]

greeting = Greeting()
verdicts = Verdicts()
adopted = Adopted()
