"""Where each term is explained, and where it is used before.

It is explained by the first sentence that has it in bold. Uses are those in the prose of scenes, not in:

- headings, tables and texts of links, which name what is to follow;
- code, whose names a reader takes as they are;
- notes for instructors, and what is folded below a heading: learners may never see it;
- the first cell, which promises what the lesson will explain. That of lesson 00 counts: nothing is before it.

Within one cell a word may be used before its explanation, as both are in view.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from tutorial_lib.authoring.reading.scenes import scenes_of
from tutorial_lib.authoring.terms.words import Term, Terms, sentences_of
from tutorial_lib.course.notebooks import is_for_instructors

__all__ = ["Explanation", "Use", "early_uses", "explanations"]

Lesson = tuple[Path, NotebookNode]
FIRST = "00"  # its opening is prose like any other


@dataclass(frozen=True)
class Explanation:
    """The sentence that explains a term.

    Attributes:
        term: The term.
        lesson: The notebook.
        cell: Number of the cell, from 1.
        sentence: As Markdown.
        heading: Of the scene; "" in the opening.
    """

    term: Term
    lesson: Path
    cell: int
    sentence: str
    heading: str


@dataclass(frozen=True)
class Use:
    """A term where a learner does not know it yet.

    Attributes:
        term: The term.
        cell: Number of the cell, from 1.
        sentence: As Markdown.
        explained: Where it is explained afterwards; None if nowhere.
    """

    term: Term
    cell: int
    sentence: str
    explained: Explanation | None


@dataclass(frozen=True)
class _Sentence:
    lesson: Path
    cell: int
    heading: str
    text: str


def explanations(lessons: Sequence[Lesson], terms: Terms) -> dict[str, Explanation]:
    """Where each term is explained, by its name, in the order in which learners meet them.

    Args:
        lessons: Notebooks in the order of the course.
        terms: The list.
    """
    found: dict[str, Explanation] = {}
    for lesson in lessons:
        for each in _sentences(lesson):
            for term in terms.bold_in(each.text):
                made = Explanation(term, each.lesson, each.cell, each.text, each.heading)
                found.setdefault(term.name, made)
    return found


def early_uses(lessons: Sequence[Lesson], terms: Terms, path: Path) -> Iterator[Use]:
    """The first use of each term in one lesson that is before its explanation.

    Args:
        lessons: Notebooks in the order of the course.
        terms: The list.
        path: The lesson's notebook, one of those.
    """
    order = {each: at for at, (each, _) in enumerate(lessons)}
    known, seen = explanations(lessons, terms), set[str]()
    lesson = next(each for each in lessons if each[0] == path)
    for each in _sentences(lesson):
        for term in terms.used_in(each.text):
            if term.everyday or term.name in seen:
                continue
            explained = known.get(term.name)
            if explained and (order[explained.lesson], explained.cell) <= (order[path], each.cell):
                continue
            seen.add(term.name)
            yield Use(term, each.cell, each.text, explained)


def _sentences(lesson: Lesson) -> Iterator[_Sentence]:
    path, notebook = lesson
    for scene in scenes_of(notebook):
        for piece in scene.pieces:
            promise = piece.number == 1 and not path.name.startswith(FIRST)
            if piece.cell.cell_type == "markdown" and not promise and not is_for_instructors(piece.cell):
                for text in sentences_of(piece.source):
                    yield _Sentence(path, piece.number, scene.title, text)
