"""House rules about a lesson's text: headings, opening, recap, slides, links."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode

from tutorial_lib.authoring.exercise_cells import PARTS, part_of
from tutorial_lib.authoring.style.finding import Finding
from tutorial_lib.authoring.text_form import SLIDE_TYPES
from tutorial_lib.course.notebooks import is_for_instructors

__all__ = ["text_findings"]

MAX_RECAP_LINES = 5

OPENING = {
    "what you will do": r"what you will do",
    "what you will know": r"what you will know",
    "how many minutes": r"\d+\s*min",
    "what it needs": r"\bneeds?\b",
}
ENDING = {
    "a link to Temporal's documentation": r"\]\(https://docs\.temporal\.io",
    "what comes next": r"\bnext\b",
}

_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#{1,6}) +(.+?)\s*$", re.MULTILINE)
_RECAP = re.compile(r"^## .*\b(?:recap|remember).*$", re.MULTILINE | re.IGNORECASE)
_UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|TBD)\b|lorem ipsum", re.IGNORECASE)
_LOCAL_LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")


def text_findings(notebook: NotebookNode, folder: Path) -> Iterator[Finding]:
    """Everything about a lesson's words that breaks a rule.

    Args:
        notebook: The lesson.
        folder: Where it is: its links to files are looked up there.
    """
    yield from _headings(notebook)
    yield from _below_help(notebook)
    yield from _opening(notebook)
    yield from _ending(notebook)
    yield from _slides(notebook)
    for number, cell in enumerate(notebook.cells, start=1):
        if match := _UNFINISHED.search(cell.source):
            yield Finding(number, "unfinished", f"{match[0]!r} is left to be done")
        if cell.cell_type != "markdown":
            continue
        prose = _FENCE.sub("", cell.source)
        for target in _LOCAL_LINK.findall(prose):
            if not (folder / target).exists():
                yield Finding(number, "links", f"there is no file {target!r} beside the notebook")
        if re.search(r"!\[\s*\]\(|<img(?![^>]*\balt=\"[^\"]+\")", prose):
            yield Finding(number, "alt", "a picture without alternative text")


def _headings(notebook: NotebookNode) -> Iterator[Finding]:
    level, titles = 0, 0
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "markdown":
            continue
        for marks, title in _HEADING.findall(_FENCE.sub("", cell.source)):
            depth = len(marks)
            titles += depth == 1
            if depth == 1 and number > 1:
                yield Finding(
                    number, "one-h1", f"a second title, {title!r}; the only one is in the first cell"
                )
            elif depth > level + 1:
                yield Finding(number, "levels", f"{title!r} goes from level {level} to level {depth}")
            level = depth
            if any(_is_emoji(char) for char in title):
                yield Finding(number, "emoji", f"the heading {title!r} has an emoji")
    if not titles:
        yield Finding(1, "one-h1", "the first cell has no title (a heading of level 1)")


def _below_help(notebook: NotebookNode) -> Iterator[Finding]:
    """What JupyterLab folds away with the hints: "Stuck?" is folded up to the next heading."""
    below = False
    for number, cell in enumerate(notebook.cells, start=1):
        if is_for_instructors(cell):  # not in a learner's copy
            continue
        if below and not (cell.cell_type == "markdown" and _HEADING.match(cell.source)):
            message = 'it is folded away with the hints above it: no heading ends "Stuck?"'
            yield Finding(number, "hidden", message, "begin it with a heading of its own")
        belongs = part_of(cell)
        below = belongs is not None and belongs[1] == PARTS[-1]


def _is_emoji(char: str) -> bool:
    return unicodedata.category(char) == "So" or char in "\N{VARIATION SELECTOR-16}\N{ZERO WIDTH JOINER}"


def _opening(notebook: NotebookNode) -> Iterator[Finding]:
    first = notebook.cells[0] if notebook.cells else None
    if first is None or first.cell_type != "markdown" or not first.source.startswith("# "):
        yield Finding(1, "opening", "the first cell is to be Markdown that starts with the title")
        return
    for what, pattern in OPENING.items():
        if not re.search(pattern, first.source, re.IGNORECASE):
            yield Finding(1, "opening", f"the first cell does not say {what}")


def _ending(notebook: NotebookNode) -> Iterator[Finding]:
    recap = None
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "markdown" and _RECAP.search(cell.source):
            recap = number
    if recap is None:
        yield Finding(len(notebook.cells), "recap", "no heading of level 2 says Recap or Remember")
        return
    body = _RECAP.split(notebook.cells[recap - 1].source)[1]
    block = body.strip().split("\n\n")[0]
    # An item of a list may go on in an indented line.
    lines = [line for line in block.splitlines() if not line.startswith("  ")]
    if not 0 < len(lines) <= MAX_RECAP_LINES:
        yield Finding(
            recap, "recap", f"{len(lines)} lines directly after the heading; 1 to {MAX_RECAP_LINES}"
        )
    words = "\n".join(cell.source for cell in notebook.cells[recap - 1 :] if cell.cell_type == "markdown")
    for what, pattern in ENDING.items():
        if not re.search(pattern, words, re.IGNORECASE):
            yield Finding(recap, "ending", f"from the recap on there is no word of {what}")


def _slides(notebook: NotebookNode) -> Iterator[Finding]:
    for number, cell in enumerate(notebook.cells, start=1):
        kind = cell.metadata.get("slideshow", {}).get("slide_type")
        if kind not in SLIDE_TYPES:
            yield Finding(
                number, "slides", f"slide_type is {kind!r}; expected one of {', '.join(SLIDE_TYPES)}"
            )
