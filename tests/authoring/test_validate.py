"""Strict nbval is told which lessons by their numbers, as all of `tutorial author` is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tutorial_lib.authoring.lesson_files import LessonNotFoundError
from tutorial_lib.authoring.validate import arguments


def named(*targets: str) -> list[str]:
    return [Path(each).name[:2] for each in arguments(targets) if each.endswith((".ipynb", "notebooks"))]


def test_lessons_are_named_by_their_numbers():
    assert named("08", "12") == ["08", "12"]
    assert named("08", "-n", "12") == ["08"]  # the option's own
    assert arguments(["-n", "12"])[-3:-1] == ["-n", "12"]
    assert named("-n", "12") == ["no"]  # all of `notebooks`


def test_a_lesson_that_is_not_there_is_told():
    with pytest.raises(LessonNotFoundError, match="99"):
        arguments(["99"])
