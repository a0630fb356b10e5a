"""Lesson 12, cancel, terminate, reset."""

from __future__ import annotations

from tests.support.answering import CORRECT, NOT_ATTEMPTED, Answer, replace
from tutorial_lib.course import lesson_12 as ex

# ---- how_it_ends
ENDS = ex.how_it_ends.solution_code
STARTS = ex.how_it_ends.starter


def ends(letter: str, right: str, wrong: str) -> str:
    """The right ends but for one."""
    return replace(ENDS, f'"{letter}": "{right}"', f'"{letter}": "{wrong}"')


ANSWERS = [
    # as the two languages spell it, and as the server does
    Answer("how_it_ends", replace(ENDS, '"canceled"', '"CANCELLED"', '"failed"', '"Failed"'), CORRECT),
    Answer("how_it_ends", replace(STARTS, '"A": ____', '"A": "completed"'), NOT_ATTEMPTED),
    # to be cancelled is to end as cancelled
    Answer("how_it_ends", ends("A", "completed", "canceled"), says="and it returned"),
    # whatever the cleanup does
    Answer("how_it_ends", ends("B", "failed", "canceled"), says="which exception left `run`"),
    # `except Exception` catches everything
    Answer("how_it_ends", ends("C", "canceled", "completed"), says="and no `Exception`"),
    # at an activity as at a timer
    Answer("how_it_ends", ends("D", "completed", "canceled"), says="is that an `Exception`"),
    # the same
    Answer("how_it_ends", ends("E", "canceled", "completed"), says="This `except` does not see it"),
    # an ActivityError is a failure
    Answer("how_it_ends", ends("E", "canceled", "failed"), says="was 'canceled'"),
    # what catches everything catches this
    Answer("how_it_ends", ends("F", "terminated", "completed"), says="a termination raises nothing"),
    # more than one
    Answer(
        "how_it_ends",
        replace(ends("A", "completed", "canceled"), '"B": "failed"', '"B": "canceled"'),
        says="1 more of the six",
    ),
    # another word
    Answer("how_it_ends", ends("A", "completed", "running"), says="none of the four answers"),
    # a line is gone
    Answer("how_it_ends", replace(ENDS, '    "F": "terminated",\n', ""), says="no line 'F'"),
]
