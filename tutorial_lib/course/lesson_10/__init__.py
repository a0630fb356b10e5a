"""Exercises and quiz of lesson 10, timers."""

from __future__ import annotations

from tutorial_lib.course.lesson_10.exercises.full_cart import FullCart
from tutorial_lib.course.lesson_10.exercises.how_many_timers import HowManyTimers
from tutorial_lib.course.lesson_10.exercises.logged_out import LoggedOut
from tutorial_lib.course.lesson_10.exercises.three_letters import ThreeLetters
from tutorial_lib.course.lesson_10.questions import quiz

__all__ = ["full_cart", "how_many_timers", "logged_out", "quiz", "three_letters"]

three_letters = ThreeLetters()
full_cart = FullCart()
how_many_timers = HowManyTimers()
logged_out = LoggedOut()
