"""What the lessons hold to be solved, found through their modules, and how far the learner is with it."""

from __future__ import annotations

import importlib
import pkgutil
import re
from types import ModuleType

import tutorial_lib.course
from tutorial_lib.errors import TutorialError
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.progress import Progress
from tutorial_lib.exercises.progress_cards import CourseProgress, LessonProgress
from tutorial_lib.exercises.quiz import Quiz

__all__ = ["exercises_of", "lesson_progress", "lessons", "progress", "quiz_of"]

_MODULE = re.compile(r"lesson_(\d\d)")


def progress(whose: Progress | None = None) -> CourseProgress:
    """How far you are: exercises and quiz of each lesson.

    Args:
        whose: Of whom; yours if None.
    """
    whose = whose or Progress()
    return CourseProgress(tuple(_standing(name, whose) for name in lessons()))


def lesson_progress(lesson: str) -> LessonProgress:
    """How far you are with one lesson.

    Args:
        lesson: "lesson-01".

    Raises:
        TutorialError: If nothing is to be solved there.
    """
    if lesson not in lessons():
        raise TutorialError(
            f"{lesson!r} has no exercises",
            f"those that have: {', '.join(lessons())}; a lab has a lesson's name",
        )
    return _standing(lesson, Progress())


def lessons() -> list[str]:
    """The lessons that have exercises or a quiz, in order: "lesson-00", "lesson-01" ..."""
    found = (_MODULE.fullmatch(module.name) for module in pkgutil.iter_modules(tutorial_lib.course.__path__))
    return sorted(f"lesson-{match[1]}" for match in found if match)


def exercises_of(lesson: str) -> list[Exercise]:
    """A lesson's exercises, in the order in which its module makes them: from easy to hard."""
    return [each for each in _public(lesson) if isinstance(each, Exercise)]


def quiz_of(lesson: str) -> Quiz | None:
    """A lesson's quiz, if it has one."""
    return next((each for each in _public(lesson) if isinstance(each, Quiz)), None)


def _standing(lesson: str, whose: Progress) -> LessonProgress:
    return LessonProgress.of(lesson, exercises_of(lesson), quiz_of(lesson), whose)


def _public(lesson: str) -> list[object]:
    module: ModuleType = importlib.import_module(f"tutorial_lib.course.{lesson.replace('-', '_')}")
    return [value for name, value in vars(module).items() if name in module.__all__]
