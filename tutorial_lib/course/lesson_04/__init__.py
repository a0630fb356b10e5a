"""Exercises and quiz of lesson 04, the dev server and its command line."""

from __future__ import annotations

from tutorial_lib.course.lesson_04.exercises.audit_team import AuditTeam
from tutorial_lib.course.lesson_04.exercises.by_hand import ByHand
from tutorial_lib.course.lesson_04.exercises.power_cut import PowerCut
from tutorial_lib.course.lesson_04.questions import quiz

__all__ = ["audit_team", "by_hand", "power_cut", "quiz"]

audit_team = AuditTeam()
by_hand = ByHand()
power_cut = PowerCut()
