"""What a lesson's answers are written with: `tests/exercises/answers/lesson_NN.py` holds a list `ANSWERS`.

    from tests.support.answering import Answer, replace
    from tutorial_lib.course import lesson_01 as ex

    ANSWERS = [
        Answer("greeting", replace(ex.greeting.starter, "____", 'f"Dear {name}, welcome!"'), says="no event"),
    ]

Starter and reference solution are tried without being listed. Each answer is tried as a learner would: all
names but those of the opening cells are forgotten, the starter cell runs, then the answer's cell, then the
call.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CORRECT", "NOT_ATTEMPTED", "NOT_YET", "Answer", "replace"]

CORRECT = "correct"
NOT_YET = "not yet"
NOT_ATTEMPTED = "not attempted yet"


@dataclass(frozen=True)
class Answer:
    """What a learner might write.

    Attributes:
        exercise: Name of the exercise in its lesson's module.
        source: The cell. A part of the starter will do: what it does not define stays as the starter has it.
        outcome: What it is to be told: NOT_YET, CORRECT or NOT_ATTEMPTED.
        says: A piece of the message.
        call: The check cell, if it is not the usual `await ex.NAME.check(...)` with the names of `takes`.
    """

    exercise: str
    source: str
    outcome: str = NOT_YET
    says: str = ""
    call: str | None = None


def replace(source: str, *pairs: str) -> str:
    """A source with pieces replaced: `replace(starter, "old", "new", "old 2", "new 2")`.

    Each old piece must be there: an answer that changes nothing by mistake would prove nothing.
    """
    assert pairs
    assert len(pairs) % 2 == 0, "old and new by turns"
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        assert old in source, f"{old!r} is not in the source:\n{source}"
        source = source.replace(old, new)
    return source
