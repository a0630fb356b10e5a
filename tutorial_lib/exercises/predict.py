"""A question before the turn: the learner predicts, and sees the prediction beside what happened.

Nothing is graded and nothing waits. The choice is kept with the learner's progress; whoever makes none, and
every kernel without a learner, is shown nothing of it later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from tutorial_lib.cells import ipython
from tutorial_lib.errors import PredictionError
from tutorial_lib.exercises.lessons import lesson_of
from tutorial_lib.exercises.progress import NOBODY, Progress
from tutorial_lib.views.kit.cards import card, inline
from tutorial_lib.views.predict.view import Asked, PredictView, in_words

__all__ = ["MOST_CHOICES", "Prediction", "is_prediction"]

MOST_CHOICES = 4
_FEWEST_CHOICES = 2
_PART = "/predict-"  # of a key in a learner's progress
_QUIET = "#767676"


class Prediction:
    """A prediction of what will happen. Shows itself in the cell that asks.

    Args:
        lesson: "lesson-07"; the name of a lab.
        question: In one line; `code` in backticks.
        choices: Two to four, all different.

    Raises:
        PredictionError: If there is no question, or its choices are none to choose from.
    """

    def __init__(self, lesson: str, question: str, choices: Sequence[str]) -> None:
        _refuse(question, choices)
        self._asked = Asked(question, tuple(choices))
        # By its words: whoever asks something else is told nothing of an older answer.
        known_by = hashlib.sha256(" ".join(question.split()).encode()).hexdigest()[:12]
        self._key = f"{lesson_of(lesson)}{_PART}{known_by}"
        self._view: PredictView | None = None
        self._shown_by_its_cell = False

    @property
    def view(self) -> PredictView:
        """The widget; made when it is first shown."""
        if self._view is None:
            self._view = PredictView(self._asked, known=self._chosen, answered=self._keep)
        return self._view

    def was(self, choice: str) -> None:
        """Show the learner's choice beside what happened; nothing, where there is none.

        Args:
            choice: What happened: one of the choices, word for word.

        Raises:
            PredictionError: If that is none of the choices: an author's slip, raised with and without
                an answer, so that no lesson with it passes its test.
        """
        if choice not in self._asked.choices:
            raise PredictionError(
                f"`was({choice!r})`, and the choices of {self._asked.question!r} are "
                f"{', '.join(map(repr, self._asked.choices))}",
                "write one of the choices, word for word",
            )
        said = self._chosen()
        if not said:
            return
        if self._view is not None:
            self._view.happened = choice
        if said == choice:
            _show(["As you said: ", choice])
        else:
            _show(["You said: ", said, "It was: ", choice])

    def ask(self) -> None:
        """Show it in the cell that runs, if there is one; its name at that cell's end shows nothing more."""
        shell = ipython.current()
        if shell is None:
            return
        self._display()
        self._shown_by_its_cell = True

        def ended(*_: Any) -> None:
            self._shown_by_its_cell = False
            shell.events.unregister("post_run_cell", ended)

        shell.events.register("post_run_cell", ended)

    def __repr__(self) -> str:
        return in_words(self._asked)

    def _ipython_display_(self) -> None:
        if not self._shown_by_its_cell:
            self._display()

    def _display(self) -> None:
        from IPython.display import display

        display(self.view)

    def _chosen(self) -> str:
        """The learner's choice; "" for none, and for nobody."""
        mine = Progress()
        said = "" if mine.name == NOBODY else mine.load().get(self._key, {}).get("predicted")
        return said if isinstance(said, str) and said in self._asked.choices else ""

    def _keep(self, choice: str) -> None:
        Progress().keep(self._key, {"predicted": choice, "question": self._asked.question})


def is_prediction(lesson: str, key: str, entry: dict[str, Any]) -> bool:
    """Whether an entry of a learner's progress is a prediction of a lesson.

    Args:
        lesson: "lesson-07".
        key: Of the entry.
        entry: What it holds.
    """
    return key.startswith(f"{lesson}{_PART}") and isinstance(entry.get("predicted"), str)


def _refuse(question: str, choices: Sequence[str]) -> None:
    example = 'lab.predict("Which orders go on?", "both", "only the older one", "neither")'
    for text in (question, *choices):
        if not isinstance(text, str) or not text.strip() or "\n" in text:
            raise PredictionError(f"{text!r} is no line of text", example)
    if not _FEWEST_CHOICES <= len(choices) <= MOST_CHOICES:
        raise PredictionError(
            f"{question!r} has {len(choices)} choice{'' if len(choices) == 1 else 's'}; "
            f"it wants {_FEWEST_CHOICES} to {MOST_CHOICES}",
            example,
        )
    if len(set(choices)) != len(choices):
        raise PredictionError(f"two choices of {question!r} say the same", example)


def _show(parts: Sequence[str]) -> None:
    """Words and what they are about, in turn, as one quiet line."""
    pairs = list(zip(parts[::2], parts[1::2], strict=True))
    text = " ".join(f"{words}{_stopped(about, about)}" for words, about in pairs)
    if ipython.current() is None:
        print(text)  # noqa: T201 - the terminal is the place
        return
    from IPython.display import display

    html = " ".join(f"{words}{_stopped(about, f'<b>{inline(about)}</b>')}" for words, about in pairs)
    # JupyterLab leaves no room below printed lines.
    apart = f'<div style="margin-top:.5em">{card([html], _QUIET)}</div>'
    display({"text/plain": text, "text/html": apart}, raw=True)


def _stopped(text: str, shown: str) -> str:
    """With a full stop, unless its words end in a mark of their own."""
    return shown if text.endswith((".", "!", "?")) else f"{shown}."
