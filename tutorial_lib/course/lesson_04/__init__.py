"""Exercises and quiz of lesson 04, the dev server and its command line."""

from __future__ import annotations

from tutorial_lib.course.lesson_04._audit_team import AuditTeam
from tutorial_lib.course.lesson_04._by_hand import ByHand
from tutorial_lib.course.lesson_04._power_cut import PowerCut
from tutorial_lib.course.lesson_04._quiz import quiz

__all__ = ["audit_team", "by_hand", "power_cut", "quiz"]

audit_team = AuditTeam()
power_cut = PowerCut()
by_hand = ByHand()
