"""Exercises of lesson 08, retries and failures: who tries again, who gives up."""

from __future__ import annotations

from tutorial_lib.course.lesson_08.exercises.as_the_bank_wishes import AsTheBankWishes
from tutorial_lib.course.lesson_08.exercises.fail_for_good import FailForGood
from tutorial_lib.course.lesson_08.exercises.plan_b import PlanB
from tutorial_lib.course.lesson_08.questions import quiz

__all__ = ["as_the_bank_wishes", "fail_for_good", "plan_b", "quiz"]

as_the_bank_wishes = AsTheBankWishes()
fail_for_good = FailForGood()
plan_b = PlanB()
