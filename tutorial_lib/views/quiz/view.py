"""The widget of a quiz: one question after the other, one choice each, every answer explained."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import traitlets

from tutorial_lib.views.kit.cards import inline
from tutorial_lib.views.kit.svg import Picture
from tutorial_lib.views.kit.view import View

Asked = dict[str, Any]
"""A question as the page has it: its `text`, and `choices`, each with `text`, `why` and `right`."""

_WORDS = {True: "✓ right", False: "✗ not so"}


class QuizView(View):
    """The widget of a quiz.

    Args:
        asked: The questions.
        known: Returns for each question whether it was ever answered right.
        answered: Called with the number of a question, from 0, and that of the choice that was checked.

    Attributes:
        questions: What is asked, each with its choices and why they are right or wrong.
        chosen: Number of the choice that was checked last, for each question; -1 before the first.
        solved: For each question, whether it was ever answered right.
    """

    script: ClassVar[str] = "quiz"

    questions: traitlets.List[Asked] = traitlets.List().tag(sync=True)
    chosen: traitlets.List[int] = traitlets.List().tag(sync=True)
    solved: traitlets.List[bool] = traitlets.List().tag(sync=True)

    def __init__(
        self, asked: Sequence[Asked], *, known: Callable[[], list[bool]], answered: Callable[[int, int], None]
    ) -> None:
        self._known, self._answered = known, answered
        self._told: dict[int, int] = {}  # by question, the answer that was told last
        super().__init__(questions=list(asked), chosen=[-1] * len(asked), solved=known())
        self.observe(self._chosen, "chosen")
        self.on_msg(self._heard)

    def picture(self) -> Picture:
        """Its words; a list that unfolds does more than a picture of one."""
        return Picture("", in_words(self.questions))

    def static_html(self) -> str:
        """The questions as a list; a click unfolds the answer. The same for every learner."""
        return "".join(_folded(number, each) for number, each in enumerate(self.questions, start=1))

    def before_display(self) -> None:
        """Send what was solved meanwhile, in another kernel or before a restart."""
        self.solved = self._known()

    def _chosen(self, change: Any) -> None:
        for number, (before, now) in enumerate(zip(change["old"], change["new"], strict=True)):
            if now != before:
                self._keep(number, now)

    def _heard(self, _: object, content: Mapping[str, Any], __: object) -> None:
        """An answer, at once: its state may arrive after a cell that is run meanwhile, and be lost."""
        self._keep(content.get("number"), content.get("choice"))

    def _keep(self, number: Any, choice: Any) -> None:
        if number not in range(len(self.questions)):
            return
        if choice in range(len(self.questions[number]["choices"])) and self._told.get(number) != choice:
            self._told[number] = choice
            self._answered(number, choice)


def in_words(asked: Sequence[Asked]) -> str:
    """The questions and their choices as plain text."""
    lines = [f"Quiz: {len(asked)} question{'s' if len(asked) > 1 else ''}"]
    for number, question in enumerate(asked, start=1):
        lines += [f"{number}. {question['text']}", *(f"   ○ {each['text']}" for each in question["choices"])]
    return "\n".join(lines)


def _folded(number: int, question: Asked) -> str:
    choices = "".join(f"<li>{inline(each['text'])}</li>" for each in question["choices"])
    why = "".join(
        f"<li>{_WORDS[each['right']]}: <b>{inline(each['text'])}</b>: {inline(each['why'])}</li>"
        for each in question["choices"]
    )
    label = html.escape(f"Answer to question {number}")
    return (
        f"<p><b>{number}. {inline(question['text'])}</b></p><ul>{choices}</ul>"
        f"<details><summary>{label}</summary><ul>{why}</ul></details>"
    )
