"""Exercises of lesson 01, core concepts."""

from __future__ import annotations

from tutorial_lib.course.lesson_01._adopted import Adopted
from tutorial_lib.course.lesson_01._greeting import Greeting
from tutorial_lib.course.lesson_01._quiz import quiz
from tutorial_lib.course.lesson_01._verdicts import Verdicts

__all__ = ["adopted", "greeting", "quiz", "verdicts"]

greeting = Greeting()
verdicts = Verdicts()
adopted = Adopted()
