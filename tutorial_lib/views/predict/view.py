"""The widget of a prediction: one question, a choice that can be changed until it has happened."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import traitlets

from tutorial_lib.views.kit.cards import inline
from tutorial_lib.views.kit.svg import Picture
from tutorial_lib.views.kit.view import View


@dataclasses.dataclass(frozen=True)
class Asked:
    """A question and its choices.

    Attributes:
        question: In one line; `code` in backticks.
        choices: In the order in which they are shown.
    """

    question: str
    choices: tuple[str, ...]


class PredictView(View):
    """The widget of a prediction.

    Args:
        asked: What is asked.
        known: Returns the learner's choice so far; "" before the first.
        answered: Called with each choice that the learner makes.

    Attributes:
        question: What is asked.
        choices: The answers to choose from.
        chosen: The learner's choice; "" before the first.
        happened: The choice that turned out; "" before, and without an answer of the learner's.
    """

    script: ClassVar[str] = "predict"

    question = traitlets.Unicode().tag(sync=True)
    choices: traitlets.List[str] = traitlets.List().tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)
    happened = traitlets.Unicode().tag(sync=True)

    def __init__(self, asked: Asked, *, known: Callable[[], str], answered: Callable[[str], None]) -> None:
        self._known, self._answered = known, answered
        super().__init__(question=asked.question, choices=list(asked.choices), chosen=known())
        self.observe(self._chosen, "chosen")
        self.on_msg(self._heard)

    def picture(self) -> Picture:
        """Its words; a list is read more easily than a picture of one."""
        return Picture("", in_words(Asked(self.question, tuple(self.choices))))

    def static_html(self) -> str:
        """The question and its choices as a list. The same for every learner."""
        choices = "".join(f"<li>{inline(choice)}</li>" for choice in self.choices)
        return f"<p><b>Predict: {inline(self.question)}</b></p><ul>{choices}</ul>"

    def before_display(self) -> None:
        """Send what was chosen meanwhile, in another kernel or before a restart."""
        if (known := self._known()) != self.chosen:
            self.chosen = known

    def _chosen(self, change: Any) -> None:
        self._keep(change["new"])

    def _heard(self, _: object, content: Mapping[str, Any], __: object) -> None:
        """A choice, at once: its state may arrive after a cell that is run meanwhile, and be lost."""
        self._keep(content.get("chosen"))

    def _keep(self, choice: object) -> None:
        if isinstance(choice, str) and choice in self.choices and choice != self._known():
            self._answered(choice)


def in_words(asked: Asked) -> str:
    """The question and its choices as plain text."""
    return "\n".join([f"Predict: {asked.question}", *(f"   ○ {choice}" for choice in asked.choices)])
