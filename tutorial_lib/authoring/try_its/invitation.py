"""A *Try it*: its words for the learner, and its edits for the test, both in one Markdown cell.

The cell begins `**Try it.**` and ends with a folded answer; its metadata have the edit that it asks for:

    # %% [markdown] course={"try_it": {"find": "attempt == 1", "put": "attempt <= 3", "through": true,
    #                                  "shows": ["charge_card by worker-1, attempt 4"]}}

(on one line in the text). Keys:

    find      text of one code cell above, which occurs once in all of them; with "cell", once in that cell
    put       what it is replaced by, which the words name, too; left out: the cell is run as it is
    cell      words that occur in that one code cell only, where `find` alone is in several
    edits     a list of {"find", "put", "cell"}, in place of these three
    add       code that the learner writes into a cell of their own, run after the edited ones
    through   true: all cells from the edited one to the Try it are run again; else the edited ones alone
    shows     texts that the outputs of these runs have, and the folded answer, too
    raises    name of the error with which one of these runs ends, if that is the answer
    back      true: the learner is asked to undo the edit, and to run the same cells again
    changes   words of cells further down whose outputs may then be others
    by_hand   in place of all of these: why no test can do it (a click in the Web UI)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

from nbformat import NotebookNode

from tutorial_lib.authoring.reading.prose import plain_text

__all__ = ["BEGINS", "Edit", "Invitation", "PlaceError", "find_cell", "invitations", "normalised"]

BEGINS = "**Try it.**"
KEYS = {
    *("find", "put", "cell", "edits", "add", "through", "shows", "raises", "back", "changes", "by_hand"),
}

_ANSWER = re.compile(r"<details>\s*<summary>.*?</summary>(.*?)</details>", re.DOTALL)


class PlaceError(ValueError):
    """An edit has no place, or more than one."""


@dataclass(frozen=True)
class Edit:
    """One change that a learner makes in a cell above.

    Attributes:
        find: What is replaced.
        put: By what; None if the cell is run as it is.
        cell: Words that occur in its cell alone; "" if `find` does.
    """

    find: str
    put: str | None
    cell: str


@dataclass(frozen=True)
class Invitation:
    """One Try it.

    Attributes:
        number: Of its cell, from 1.
        words: What the learner is asked, without the answer.
        answer: The folded answer; "" if there is none.
        edits: The changes in cells above.
        marks: All its metadata; empty if there are none.
    """

    number: int
    words: str
    answer: str
    edits: tuple[Edit, ...]
    marks: dict[str, Any]

    @property
    def shows(self) -> list[str]:
        """Texts that the outputs and the answer have."""
        return [str(text) for text in self.marks.get("shows", [])]

    @property
    def by_hand(self) -> bool:
        """Whether no test can do it."""
        return "by_hand" in self.marks


def invitations(notebook: NotebookNode) -> Iterator[Invitation]:
    """Every Try it of a lesson, also those whose metadata are missing.

    Args:
        notebook: The lesson.
    """
    for number, cell in enumerate(notebook.cells, start=1):
        marks = cell.metadata.get("course", {}).get("try_it")
        if cell.cell_type == "markdown" and (marks is not None or cell.source.startswith(BEGINS)):
            marks = dict(marks or {})
            raw = marks.get("edits", [marks] if "find" in marks else [])
            edits = tuple(Edit(each.get("find", ""), each.get("put"), each.get("cell", "")) for each in raw)
            answer = _ANSWER.search(cell.source)
            words = _ANSWER.sub("", cell.source)
            yield Invitation(number, words, answer[1].strip() if answer else "", edits, marks)


def find_cell(cells: list[str], edit: Edit) -> int:
    """Which cell an edit is made in: its index in `cells`.

    Args:
        cells: Sources of the code cells above the Try it.
        edit: One of its edits.

    Raises:
        PlaceError: If that is not one place.
    """
    if edit.cell:
        named = [index for index, source in enumerate(cells) if edit.cell in source]
        if len(named) != 1:
            raise PlaceError(f"{len(named)} code cells above have {edit.cell!r}; `cell` is to name one")
    else:
        named = list(range(len(cells)))
    places = [(index, cells[index].count(edit.find)) for index in named if edit.find in cells[index]]
    times = sum(count for _, count in places)
    if not edit.find or times != 1:
        raise PlaceError(f"`find` {edit.find!r} occurs {times} times in the code above; once is wanted")
    return places[0][0]


def normalised(text: str) -> str:
    """A text as it is compared: words as shown, without Markdown's signs, every blank one space."""
    return plain_text(unescape(text))
