"""House rules about what a lesson invites to try: an edit that a test can make, and a folded answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nbformat import NotebookNode

from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.style.finding import Finding
from tutorial_lib.authoring.try_its.invitation import (
    BEGINS,
    KEYS,
    Invitation,
    PlaceError,
    find_cell,
    invitations,
    normalised,
)

__all__ = ["try_it_findings"]

_ANY = re.compile(r"\*\*Try it\b")


def try_it_findings(notebook: NotebookNode) -> Iterator[Finding]:
    """What each Try it of a lesson lacks, as far as its cell shows.

    Args:
        notebook: The lesson.
    """
    for number, cell in enumerate(notebook.cells, start=1):
        begins = cell.source.startswith(BEGINS)
        times = len(_ANY.findall(cell.source)) if cell.cell_type == "markdown" else 0
        if times > begins:
            message = f"a Try it is a cell of its own, which begins {BEGINS}"
            yield Finding(number, "try-it", message, "make each one a Markdown cell")
    for each in invitations(notebook):
        for message in _lacks(each, notebook):
            yield Finding(each.number, "try-it", message)


def _lacks(invitation: Invitation, notebook: NotebookNode) -> Iterator[str]:
    marks = invitation.marks
    if not invitation.words.startswith(BEGINS):
        yield f"it has the metadata of a Try it, and does not begin {BEGINS}"
    if not invitation.answer:
        yield "it has no folded answer: `<details><summary>What you should see</summary> ... </details>`"
    if not marks:
        yield 'no test can do it: course={"try_it": {"find": ..., "put": ..., "shows": [...]}}'
        return
    if unknown := marks.keys() - KEYS:
        yield f"it has {', '.join(sorted(unknown))}; known are {', '.join(sorted(KEYS))}"
    if invitation.by_hand:
        if not str(marks["by_hand"]).strip() or len(marks) > 1:
            yield "`by_hand` is the reason why no test can do it, and there is nothing beside it"
        return
    if not invitation.edits and "add" not in marks:
        yield "it has nothing to do: `find` and `put`, `edits`, or `add`"
    if not invitation.shows:
        yield "it has no `shows`: words of the output that are the answer"
    yield from _unsaid(invitation)
    yield from _misplaced(invitation, notebook)


def _misplaced(invitation: Invitation, notebook: NotebookNode) -> Iterator[str]:
    above = committed_form.code_cells(committed_form.node({"cells": notebook.cells[: invitation.number - 1]}))
    for edit in invitation.edits:
        try:
            find_cell([cell.source for cell in above], edit)
        except PlaceError as error:
            yield str(error)


def _unsaid(invitation: Invitation) -> Iterator[str]:
    """What the test does or sees, and the cell's words do not have."""
    answer, words = normalised(invitation.answer), normalised(invitation.words)
    for text in invitation.shows:
        if invitation.answer and normalised(text) not in answer:
            yield f"its folded answer does not have {text!r}, which `shows` has"
    for code in (*(edit.put for edit in invitation.edits), invitation.marks.get("add")):
        if code and normalised(code) not in words:
            yield f"its words do not have {code!r}, which the test writes"
