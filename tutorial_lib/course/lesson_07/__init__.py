"""Exercises of lesson 07, determinism: replay must take the same road."""

from __future__ import annotations

from tutorial_lib.course.lesson_07.exercises.a_fair_raffle import AFairRaffle
from tutorial_lib.course.lesson_07.exercises.changes import Changes
from tutorial_lib.course.lesson_07.exercises.new_bank import NewBank
from tutorial_lib.course.lesson_07.questions import quiz

__all__ = ["a_fair_raffle", "changes", "new_bank", "quiz"]

a_fair_raffle = AFairRaffle()
changes = Changes()
new_bank = NewBank()
