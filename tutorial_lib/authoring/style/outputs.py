"""House rules about committed outputs: all there, all comparable, nothing of this machine."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from nbformat import NotebookNode

from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.cell_marks import ignore_reason, is_ignored, is_skipped, may_raise
from tutorial_lib.authoring.sanitize import Rule, apply_rules, load_rules
from tutorial_lib.authoring.style.finding import Finding

__all__ = ["MAX_IGNORED_IN_A_ROW", "MAX_IGNORED_SHARE", "count_ignored", "output_findings"]

MAX_IGNORED_SHARE = 0.1
MAX_IGNORED_IN_A_ROW = 2

MACHINE_PATH = re.compile(r"(?<![\w.:/-])(?:/(?:home|Users|root|tmp|private|var/folders)/\S+|[A-Z]:\\\S+)")
VOLATILE = {
    "a process id": re.compile(r"\bpid\b\W{0,3}\d+", re.IGNORECASE),
    "a port": re.compile(r"(?<=\w):\d{4,5}\b"),
    "a uuid": re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"),
    "an address of an object": re.compile(r"\b0x[0-9a-f]{6,}\b"),
    "a time": re.compile(r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d"),
}

_MARKER_WITH_WORDS = re.compile(r"^\s*#\s*NBVAL_\w+[^\w\n][^\n]*\S", re.MULTILINE)
# Numbers in these are no output: pictures' bytes, and CSS as in `z-index:1000`.
_NOT_TEXT = re.compile(r"data:[\w/+-]+;base64,[A-Za-z0-9+/=]+|<style.*?</style>|style=\"[^\"]*\"", re.DOTALL)


def output_findings(notebook: NotebookNode) -> Iterator[Finding]:
    """Everything about a lesson's outputs that breaks a rule."""
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        yield Finding(0, "kernelspec", "the kernel is to be python3")
    if "widgets" in notebook.metadata:
        yield Finding(0, "widgets", "widget state is saved; a saved view shows 'model not found'")
    if committed_form.dump(committed_form.normalise(notebook)) != committed_form.dump(notebook):
        yield Finding(0, "normal", "not in the form in which notebooks are committed")
    yield from _executed(notebook)
    rules = load_rules()
    for number, cell in enumerate(notebook.cells, start=1):
        if match := MACHINE_PATH.search(cell.source):
            yield Finding(number, "paths", f"{match[0]!r} is a place on one machine")
        if cell.cell_type != "code":
            continue
        yield from _marks(number, cell)
        for output in cell.outputs:
            yield from _output(number, cell, output, rules)
    yield from _ignored(notebook)


def _executed(notebook: NotebookNode) -> Iterator[Finding]:
    """One finding for all cells: one command runs them all."""
    cells = [(n, cell) for n, cell in enumerate(notebook.cells, start=1) if cell.cell_type == "code"]
    fresh = [number for number, cell in cells if cell.execution_count is None]
    moved = [n for at, (n, cell) in enumerate(cells, start=1) if cell.execution_count not in {None, at}]
    if fresh:
        what = "1 cell was not run" if len(fresh) == 1 else f"{len(fresh)} cells were not run"
        yield Finding(fresh[0], "executed", what)
    elif moved:
        yield Finding(moved[0], "executed", "cells were not run in their order, once each, in a fresh kernel")


def count_ignored(notebooks: Sequence[NotebookNode]) -> tuple[int, int]:
    """How many code cells with output are not compared, of how many."""
    cells = [cell for notebook in notebooks for cell in committed_form.code_cells(notebook) if cell.outputs]
    return sum(is_ignored(cell) for cell in cells), len(cells)


def _marks(number: int, cell: NotebookNode) -> Iterator[Finding]:
    if match := _MARKER_WITH_WORDS.search(cell.source):
        yield Finding(
            number,
            "ignored",
            f"nbval does not see {match[0].strip()!r}: the marker is to be alone in its line",
        )
    if is_ignored(cell) and not ignore_reason(cell):
        yield Finding(number, "ignored", "its output is not compared, and no reason is given")
    if is_skipped(cell):
        yield Finding(number, "skipped", "a cell that no test runs")


def _ignored(notebook: NotebookNode) -> Iterator[Finding]:
    ignored, total = count_ignored([notebook])
    # The share of the whole course is a test of its own; a short lesson may round up.
    if ignored > (most := math.ceil(total * MAX_IGNORED_SHARE)):
        yield Finding(0, "ignored", f"{ignored} of {total} outputs are not compared; at most {most}")
    row = 0
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code":
            row = row + 1 if is_ignored(cell) else 0
            if row == MAX_IGNORED_IN_A_ROW + 1:
                yield Finding(
                    number, "ignored", f"more than {MAX_IGNORED_IN_A_ROW} cells in a row are not compared"
                )


def _output(
    number: int, cell: NotebookNode, output: NotebookNode, rules: Sequence[Rule]
) -> Iterator[Finding]:
    if output.output_type == "error" and not may_raise(cell):
        yield Finding(
            number,
            "errors",
            f"{output.ename}: {output.evalue} (tag the cell raises-exception if it is meant)",
        )
    data = output.get("data", {})
    if committed_form.WIDGET_VIEW in data:
        yield Finding(number, "widgets", "a widget view is saved; it shows 'model not found'")
    html = str(data.get("text/html", ""))
    if "<svg" in html:
        yield Finding(
            number, "svg", "inline <svg> is stripped from a notebook that is not trusted; use <img alt>"
        )
    pictures = [mime for mime in data if mime.startswith("image/")]
    if (pictures and "<img" not in html) or re.search(r"<img(?![^>]*\balt=\"[^\"]+\")", html):
        yield Finding(number, "alt", "a picture without alternative text; add text/html with <img alt>")
    compared = [] if is_ignored(cell) else _texts(output)
    for text in [*_texts(output), *output.get("traceback", [])]:
        if match := MACHINE_PATH.search(text):
            yield Finding(number, "paths", f"{match[0]!r} is a place on one machine")
        if text in compared:
            for what, pattern in VOLATILE.items():
                if match := pattern.search(apply_rules(text, rules)):
                    yield Finding(
                        number, "volatile", f"{match[0]!r} looks like {what}, which differs between runs"
                    )


def _texts(output: NotebookNode) -> list[str]:
    if output.output_type == "stream":
        return [output.text]
    if output.output_type == "error":
        return [output.evalue]
    return [_NOT_TEXT.sub("", str(text)) for mime, text in output.data.items() if mime.startswith("text/")]
