"""A quiz at the end of a lesson: a few questions, one choice each, every answer explained.

An author writes a `Quiz` of `Question`s of `Choice`s; shown in a cell it is a small widget, and where no
widget lives a list whose answers unfold.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import traitlets

from tutorial_lib.exercises.outcome import inline
from tutorial_lib.exercises.progress import Progress
from tutorial_lib.views._svg import Picture
from tutorial_lib.views._view import View

__all__ = ["Choice", "Question", "Quiz"]

_WORDS = {True: "✓ right", False: "✗ not so"}
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
        lesson: "lesson-01".
        questions: In the order in which they are asked.
    """

    def __init__(self, lesson: str, *questions: Question) -> None:
        if not questions:
            raise ValueError("a quiz wants at least one question")
        self.lesson = lesson
        self.questions = questions
        self._view: QuizView | None = None

    @property
    def keys(self) -> list[str]:
        """Where its questions stand in a learner's progress."""
        return [f"{self.lesson}/quiz-{number}" for number in range(1, len(self.questions) + 1)]

    @property
    def view(self) -> QuizView:
        """The widget; made when it is first shown, since a lesson is imported for its exercises too."""
        if self._view is None:
            self._view = QuizView(self)
        return self._view

    def __repr__(self) -> str:
        lines = [f"Quiz: {len(self.questions)} question{'s' if len(self.questions) > 1 else ''}"]
        for number, question in enumerate(self.questions, start=1):
            lines += [f"{number}. {question.text}", *(f"   ○ {choice.text}" for choice in question.choices)]
        return "\n".join(lines)

    def static_html(self) -> str:
        """The questions as a list; a click unfolds the answer. The same for every learner."""
        return "".join(_folded(number, each) for number, each in enumerate(self.questions, start=1))

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return self.view._repr_mimebundle_(**kwargs)


class QuizView(View):
    """The widget of a quiz.

    Attributes:
        questions: What is asked, each with its choices and why they are right or wrong.
        chosen: Number of the choice that was checked last, for each question; -1 before the first.
        solved: For each question, whether it was ever answered right.
    """

    script: ClassVar[str] = "quiz"

    questions: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    chosen: traitlets.List[int] = traitlets.List().tag(sync=True)
    solved: traitlets.List[bool] = traitlets.List().tag(sync=True)

    def __init__(self, quiz: Quiz) -> None:
        self._quiz = quiz
        asked = [
            {
                "text": question.text,
                "choices": [
                    {"text": choice.text, "why": choice.why, "right": choice.right}
                    for choice in question.choices
                ],
            }
            for question in quiz.questions
        ]
        super().__init__(questions=asked, chosen=[-1] * len(asked), solved=self._known())
        self.observe(self._answered, "chosen")

    def picture(self) -> Picture:
        """Its words; a list that unfolds does more than a picture of one."""
        return Picture("", repr(self._quiz))

    def static_html(self) -> str:
        """The questions as a list whose answers unfold."""
        return self._quiz.static_html()

    def before_display(self) -> None:
        """Send what was solved meanwhile, in another kernel or before a restart."""
        self.solved = self._known()

    def _known(self) -> list[bool]:
        known = Progress().load()
        return [bool(known.get(key, {}).get("solved")) for key in self._quiz.keys]

    def _answered(self, change: Any) -> None:
        for key, question, before, now in zip(
            self._quiz.keys, self._quiz.questions, change["old"], change["new"], strict=True
        ):
            if now != before and now in range(len(question.choices)):
                Progress().note(key, solved=question.choices[now].right)


def _folded(number: int, question: Question) -> str:
    choices = "".join(f"<li>{inline(choice.text)}</li>" for choice in question.choices)
    why = "".join(
        f"<li>{_WORDS[choice.right]}: <b>{inline(choice.text)}</b>: {inline(choice.why)}</li>"
        for choice in question.choices
    )
    label = html.escape(f"Answer to question {number}")
    return (
        f"<p><b>{number}. {inline(question.text)}</b></p><ul>{choices}</ul>"
        f"<details><summary>{label}</summary><ul>{why}</ul></details>"
    )
