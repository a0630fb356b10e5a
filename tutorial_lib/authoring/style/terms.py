"""House rule about Temporal's words: each is explained where it is first met."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tutorial_lib.authoring.reading.prose import plain_text
from tutorial_lib.authoring.style.finding import Finding
from tutorial_lib.authoring.terms.explained import early_uses
from tutorial_lib.authoring.terms.glossary import read_lessons
from tutorial_lib.authoring.terms.words import load_terms

__all__ = ["term_findings"]

_SHOWN = 100  # characters


def term_findings(path: Path) -> Iterator[Finding]:
    """Terms that a lesson uses before they are explained.

    Args:
        path: The notebook; the lessons before it are beside it.
    """
    lessons = read_lessons([*path.parent.glob("[0-9][0-9]_*.ipynb")])
    for use in early_uses(lessons, load_terms(), path):
        name = use.term.name
        sentence = plain_text(use.sentence)
        seen = sentence if len(sentence) <= _SHOWN else f"{sentence[:_SHOWN]}..."
        later = use.explained
        place = f"lesson {later.lesson.name[:2]}, cell-{later.cell:02}" if later else "no lesson"
        yield Finding(
            use.cell,
            "term",
            f"{name!r} is used in {seen!r}; {place} explains it",
            f"explain it there, in a sentence that has **{name}** in bold, or use another word",
        )
