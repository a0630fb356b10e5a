"""A quiz at the end of a lesson: a few questions, one choice each, every answer explained.

An author writes a `Quiz` of `Question`s of `Choice`s; shown in a cell it is a small widget, and where no
widget lives a list whose answers unfold.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tutorial_lib.exercises.lessons import lesson_of
from tutorial_lib.exercises.progress import Progress
from tutorial_lib.views.quiz.view import Asked, QuizView, in_words

__all__ = ["Choice", "Question", "Quiz"]

_FEWEST = 2  # choices of a question


@dataclass(frozen=True)
class Choice:
    """One answer that can be chosen.

    Attributes:
        text: The answer; `code` in backticks.
        why: Why it is right, or what is wrong with it: shown when it was chosen.
        right: Whether it is the right one.
    """

    text: str
    why: str
    right: bool = False


@dataclass(frozen=True)
class Question:
    """A question with exactly one right answer.

    Attributes:
        text: The question; `code` in backticks.
        choices: Two or more, in the order in which they are shown.
    """

    text: str
    choices: Sequence[Choice]

    def __post_init__(self) -> None:
        right = sum(choice.right for choice in self.choices)
        if len(self.choices) < _FEWEST or right != 1:
            raise ValueError(
                f"{self.text!r} has {len(self.choices)} choices, {right} of them right; "
                "a question wants two or more, and exactly one `right=True`"
            )
        if unexplained := [choice.text for choice in self.choices if not choice.why]:
            raise ValueError(f"each choice says why: {unexplained[0]!r} does not")

    @property
    def answer(self) -> Choice:
        """The right choice."""
        return next(choice for choice in self.choices if choice.right)


class Quiz:
    """The questions of a lesson. Shows itself in a cell; right answers count in the learner's progress.

    Args:
        lesson: "lesson-01", or the `__name__` of a module of the lesson.
        questions: In the order in which they are asked.
    """

    def __init__(self, lesson: str, *questions: Question) -> None:
        if not questions:
            raise ValueError("a quiz wants at least one question")
        self.lesson = lesson_of(lesson)
        self.questions = questions
        self._view: QuizView | None = None

    @property
    def keys(self) -> list[str]:
        """The keys of its questions in a learner's progress."""
        return [f"{self.lesson}/quiz-{number}" for number in range(1, len(self.questions) + 1)]

    @property
    def view(self) -> QuizView:
        """The widget; made when it is first shown, since a lesson is imported for its exercises too."""
        if self._view is None:
            self._view = QuizView(self._asked, known=self._known, answered=self._answered)
        return self._view

    def __repr__(self) -> str:
        return in_words(self._asked)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.view._repr_mimebundle_(**kwargs)

    @property
    def _asked(self) -> list[Asked]:
        """The questions as the page has them."""
        return [
            {"text": question.text, "choices": [dataclasses.asdict(choice) for choice in question.choices]}
            for question in self.questions
        ]

    def _known(self) -> list[bool]:
        known = Progress().load()
        return [bool(known.get(key, {}).get("solved")) for key in self.keys]

    def _answered(self, number: int, choice: int) -> None:
        Progress().note(self.keys[number], solved=self.questions[number].choices[choice].right)
