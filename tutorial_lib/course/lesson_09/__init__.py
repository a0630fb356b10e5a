"""Exercises and quiz of lesson 09, timeouts and heartbeats."""

from __future__ import annotations

from tutorial_lib.course.lesson_09.exercises.go_on import GoOn
from tutorial_lib.course.lesson_09.exercises.stop import Stop
from tutorial_lib.course.lesson_09.exercises.which_fires import WhichFires
from tutorial_lib.course.lesson_09.questions import quiz

__all__ = ["go_on", "quiz", "stop", "which_fires"]

which_fires = WhichFires()
go_on = GoOn()
stop = Stop()
