"""Runs a lesson as somebody does who follows each *Try it*, and judges what they see.

One kernel for a lesson: from the top, each Try it where it is met, and on to the end. That is how a learner
does it, it costs one run however many there are, and it finds what one run for each does not: a Try it that
breaks the next one. Where one breaks the run, the lesson is run again without it, for the sake of the others.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

from nbformat import NotebookNode

from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.cell_marks import is_ignored
from tutorial_lib.authoring.headless.run import execute
from tutorial_lib.authoring.sanitize import Rule, apply_rules, compare, load_rules
from tutorial_lib.authoring.style.finding import Finding
from tutorial_lib.authoring.try_its.invitation import (
    Invitation,
    PlaceError,
    find_cell,
    invitations,
    normalised,
)

__all__ = ["try_all"]

_ALT = re.compile(r"<img[^>]*\balt=\"([^\"]*)\"[^>]*>")
_TAG = re.compile(r"<style.*?</style>|<[^>]*>", re.DOTALL)
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_DIFF_LINES = 10  # of those that differ
_SHOWN = 300  # characters from either end of an output that lacks something


@dataclass(frozen=True)
class _Step:
    """One run of a cell.

    Attributes:
        cell: Number of the lesson's cell, from 1; that of the Try it for a cell of the learner's own.
        made: The cell that is run.
        committed: The lesson's cell, to be compared with; None where an edit was made.
        invitation: The Try it that asks for this run; None for the lesson's own course.
        is_answer: Whether its output is what the Try it promises.
    """

    cell: int
    made: NotebookNode
    committed: NotebookNode | None = None
    invitation: Invitation | None = None
    is_answer: bool = False


@dataclass
class _Route:
    """The way through a lesson: its own cells, and after each Try it the runs that this asks for."""

    notebook: NotebookNode
    left_out: set[int]
    steps: list[_Step] = field(default_factory=list)
    findings: dict[int, list[Finding]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = {each.number: each for each in invitations(self.notebook)}
        numbers: list[int] = []
        sources: list[str] = []  # of the code cells so far, as the learner has left them
        for number, cell in enumerate(self.notebook.cells, start=1):
            if cell.cell_type == "code":
                numbers.append(number)
                sources.append(cell.source)
                self.steps.append(_Step(number, _fresh(cell), committed=cell))
            elif number in known and number not in self.left_out and not known[number].by_hand:
                try:
                    self.steps += self._followed(known[number], numbers, sources)
                except PlaceError as error:
                    self.findings[number] = [Finding(number, "try-it", str(error))]

    def _followed(self, invitation: Invitation, numbers: list[int], sources: list[str]) -> list[_Step]:
        """The runs that a Try it asks for; `sources` become what the learner leaves behind."""
        before, marks = list(sources), invitation.marks
        edited = set()
        try:
            for edit in invitation.edits:
                at = find_cell(sources, edit)
                edited.add(at)
                if edit.put is not None:
                    sources[at] = sources[at].replace(edit.find, edit.put)
        except PlaceError:
            sources[:] = before
            raise
        runs = sorted(edited)
        if edited and marks.get("through"):
            runs = list(range(runs[0], len(sources)))
        steps = [self._again(invitation, numbers[at], sources[at], is_answer=True) for at in runs]
        if "add" in marks:
            steps.append(self._again(invitation, invitation.number, marks["add"], is_answer=True))
        if marks.get("back"):
            sources[:] = before
            steps += [self._again(invitation, numbers[at], before[at], is_answer=False) for at in runs]
        return steps

    def _again(self, invitation: Invitation, number: int, source: str, *, is_answer: bool) -> _Step:
        cell = self.notebook.cells[number - 1]
        made = _fresh(cell) if cell.cell_type == "code" else committed_form.new_cell("code", "")
        made.source = source
        if is_answer and "raises" in invitation.marks:
            made.metadata["tags"] = [*made.metadata.get("tags", []), "raises-exception"]
        return _Step(number, made, None, invitation, is_answer)


@dataclass(frozen=True)
class _Trip:
    """What became of a route.

    Attributes:
        route: The route.
        cells: What was run, with outputs, step by step.
        error: "" if it led to the end.
        steps: Those up to the error.
    """

    route: _Route
    cells: list[NotebookNode]
    error: str
    steps: list[_Step]

    @property
    def followed(self) -> list[int]:
        """The Try its that were met, by their cells' numbers."""
        return list(dict.fromkeys(step.invitation.number for step in self.steps if step.invitation))


def try_all(path: Path) -> dict[int, list[Finding]]:
    """What is wrong with each Try it of a lesson that a test can do.

    Args:
        path: The notebook.

    Returns:
        Findings by the number of the Try it's cell; an empty list where nothing is wrong.
    """
    notebook = committed_form.read(path)
    found: dict[int, list[Finding]] = {each.number: [] for each in invitations(notebook) if not each.by_hand}
    left_out: set[int] = set()
    while found:
        trip = _go(notebook, left_out, path)
        found |= trip.route.findings
        if not trip.error:
            for number, finding in _judged(trip.steps, trip.cells, load_rules()):
                found[number].append(finding)
            break
        last = trip.steps[-1]
        if not trip.followed:
            message = f"cell-{last.cell:02} ends before any Try it with {trip.error}"
            return {number: [Finding(number, "try-it", message)] for number in found}
        guilty = _guilty(trip, left_out, path)
        where = "it ends with" if last.invitation else f"after it, cell-{last.cell:02} ends with"
        found[guilty] = [Finding(guilty, "try-it", f"{where} {trip.error}")]
        left_out.add(guilty)
    return found


def _go(notebook: NotebookNode, left_out: set[int], path: Path) -> _Trip:
    """Runs a lesson by way of its Try its."""
    route = _Route(notebook, left_out)
    trip = committed_form.new_notebook()
    trip.cells = [step.made for step in route.steps]
    for count, cell in enumerate(trip.cells, start=1):
        cell.id = f"run-{count}"
    done = execute(trip, path)
    cells = committed_form.code_cells(done.notebook)
    if done.error is None:
        return _Trip(route, cells, "", route.steps)
    return _Trip(route, cells, done.error.message, route.steps[: max(done.error.cell, 1)])


def _guilty(trip: _Trip, left_out: set[int], path: Path) -> int:
    """The Try it but for which the run would not have ended there; the last one first."""
    last, followed = trip.steps[-1], trip.followed
    if last.invitation or len(followed) == 1:
        return followed[-1]
    for suspect in reversed(followed):
        again = _go(trip.route.notebook, left_out | {suspect}, path)
        if not again.error or again.steps[-1].cell != last.cell:
            return suspect
    return followed[-1]


def _judged(
    steps: Sequence[_Step], cells: Sequence[NotebookNode], rules: Sequence[Rule]
) -> Iterator[tuple[int, Finding]]:
    answers: dict[int, list[NotebookNode]] = {}
    followed: list[Invitation] = []
    for step, cell in zip(steps, cells, strict=True):
        if step.invitation is not None:
            if step.invitation not in followed:
                followed.append(step.invitation)
                answers[step.invitation.number] = []
            if step.is_answer:
                answers[step.invitation.number] += cell.outputs
        elif followed and (diff := _differs(step, cell, followed, rules)):
            number = followed[-1].number
            changed = [line[:_SHOWN] for line in diff if line.startswith(("+", "-"))]
            seen = "\n  ".join(changed[:_DIFF_LINES])
            yield number, Finding(number, "try-it", f"after it, cell-{step.cell:02} prints\n  {seen}")
    for invitation in followed:
        for message in _missing(invitation, answers[invitation.number], rules):
            yield invitation.number, Finding(invitation.number, "try-it", message)


def _differs(
    step: _Step, cell: NotebookNode, followed: Sequence[Invitation], rules: Sequence[Rule]
) -> list[str]:
    committed = step.committed
    if committed is None or committed.execution_count is None or is_ignored(committed):
        return []
    if any(words in committed.source for each in followed for words in each.marks.get("changes", [])):
        return []
    return compare(committed.outputs, cell.outputs, rules)


def _missing(invitation: Invitation, outputs: Sequence[NotebookNode], rules: Sequence[Rule]) -> Iterator[str]:
    text = apply_rules("\n".join(_text(output) for output in outputs), rules)
    seen = normalised(text)
    for wanted in invitation.shows:
        if normalised(apply_rules(wanted, rules)) not in seen:
            shown = f"{seen[:_SHOWN]} ... {seen[-_SHOWN:]}" if len(seen) > 2 * _SHOWN else seen
            yield f"it does not show {wanted!r}; it shows: {shown or 'nothing'}"
    error = invitation.marks.get("raises")
    ends = [output.ename for output in outputs if output.output_type == "error"]
    if error and error not in ends:
        yield f"no run of it ends with {error}, but with {', '.join(ends) or 'no error'}"


def _text(output: NotebookNode) -> str:
    if output.output_type == "stream":
        return _ANSI.sub("", output.text)
    if output.output_type == "error":
        return f"{output.ename}: {_ANSI.sub('', output.evalue)}"
    html = _TAG.sub(" ", _ALT.sub(r"\1", output.data.get("text/html", "")))
    return f"{output.data.get('text/plain', '')}\n{unescape(html)}"


def _fresh(cell: NotebookNode) -> NotebookNode:
    made = copy.deepcopy(cell)
    made.execution_count, made.outputs = None, []
    return made
