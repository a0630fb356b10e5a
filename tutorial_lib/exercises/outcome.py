"""What became of an attempt: one of three, never two. Symbol, word and text, in a cell and as plain text."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field
from typing import Any

from tutorial_lib.errors import Diagnosis
from tutorial_lib.views.kit.cards import card, inline

__all__ = ["NotBegun", "NotYet", "Outcome", "Status"]


class Status(enum.Enum):
    """The state of an attempt: its symbol, its words and the colour of its edge."""

    NOT_ATTEMPTED = ("○", "not attempted yet", "#767676")
    NOT_YET = ("✗", "not yet", "#b45309")
    CORRECT = ("✓", "correct", "#15803d")

    @property
    def symbol(self) -> str:
        """One character."""
        return self.value[0]

    @property
    def words(self) -> str:
        """What it is called."""
        return self.value[1]

    @property
    def colour(self) -> str:
        """Of the card's edge; never the only sign."""
        return self.value[2]


class NotYet(Exception):  # noqa: N818 - no error: the answer to an attempt
    """Raised by a check: this attempt is not right yet.

    Args:
        seen: What was seen in the learner's run, in one sentence; with event ids where there are some.
        hint: What to try, in one sentence.
        view: A picture of the learner's own run, where it shows more than words.
        diagnosis: What keeps the learner's execution, as values; None where that is not what was seen.
        cause: The exception that the learner's code raised, or that the SDK did; None where there is none.
    """

    def __init__(
        self,
        seen: str,
        hint: str = "",
        *,
        view: Any = None,
        diagnosis: Diagnosis | None = None,
        cause: BaseException | None = None,
    ) -> None:
        super().__init__(seen)
        self.seen = seen
        self.hint = hint
        self.view = view
        self.diagnosis = diagnosis
        self.cause = cause


class NotBegun(Exception):  # noqa: N818 - as above
    """Raised by a check that looks at what was done elsewhere (Web UI, terminal): nothing was done yet.

    Args:
        seen: What is as the starter cell left it, in one sentence.
    """


@dataclass(frozen=True)
class Outcome:
    """The answer of a check. Shows itself in a cell; its text is short and the same for the same attempt.

    Attributes:
        title: Of the exercise.
        status: One of three.
        text: What was seen, or what the history shows.
        hint: What to try; "" where nothing is left to do.
        view: A picture shown below, or None.
    """

    title: str
    status: Status
    text: str
    hint: str = ""
    view: Any = field(default=None, compare=False, repr=False)

    @property
    def correct(self) -> bool:
        """Whether the exercise is solved."""
        return self.status is Status.CORRECT

    def __repr__(self) -> str:
        said = f"{self.status.symbol} {self.status.words}: {self.text}"
        return f"{said}\n  → {self.hint}" if self.hint else said

    def _repr_html_(self) -> str:
        head = f"{self.status.symbol} <b>{inline(headed(self.title, self.status.words))}</b>"
        lines = [head, inline(_sentence(self.text))]
        if self.hint:
            lines.append(f"→ {inline(self.hint)}")
        return card(lines, self.status.colour)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        bundle = {"text/plain": repr(self), "text/html": self._repr_html_()}
        display(bundle, raw=True)
        if self.view is not None:
            display(self.view)


def _sentence(text: str) -> str:
    """With a capital letter, where a word begins it; names in a learner's code stay as they are."""
    return text[:1].upper() + text[1:] if re.match(r"[a-z]+[ ,]", text) else text


def headed(title: str, words: str) -> str:
    """A card's first line: "Replay it yourself: correct", but "What happened? correct"."""
    return f"{title}{'' if title.endswith('?') else ':'} {words}"
