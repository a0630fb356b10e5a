"""Exercises of lesson 11, signals, queries and updates: talk to a workflow that runs."""

from __future__ import annotations

from tutorial_lib.course.lesson_11.exercises.a_tab_for_each_table import ATabForEachTable
from tutorial_lib.course.lesson_11.exercises.last_seat import LastSeat
from tutorial_lib.course.lesson_11.exercises.two_ways_to_say_no import TwoWaysToSayNo
from tutorial_lib.course.lesson_11.questions import quiz

__all__ = ["a_tab_for_each_table", "last_seat", "quiz", "two_ways_to_say_no"]

two_ways_to_say_no = TwoWaysToSayNo()
last_seat = LastSeat()
a_tab_for_each_table = ATabForEachTable()
