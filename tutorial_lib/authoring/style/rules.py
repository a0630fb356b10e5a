"""The house rules for lessons, each as code.

Their messages state what they ask for; the modules that hold them, what they are for: a
lesson's words, its code, its outputs, its time.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode

from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.style.code import FIRST_LIMITS, LIMITS, code_findings
from tutorial_lib.authoring.style.editions import is_first_edition
from tutorial_lib.authoring.style.finding import Finding
from tutorial_lib.authoring.style.outputs import MAX_IGNORED_SHARE, count_ignored, output_findings
from tutorial_lib.authoring.style.predictions import prediction_findings
from tutorial_lib.authoring.style.terms import term_findings
from tutorial_lib.authoring.style.text import text_findings
from tutorial_lib.authoring.style.time import time_findings
from tutorial_lib.authoring.style.try_its import try_it_findings

__all__ = ["MAX_IGNORED_SHARE", "Finding", "check", "count_ignored"]


def check(path: Path, *, second_edition: bool | None = None) -> list[Finding]:
    """Every breach of a house rule in a lesson, in the order of its cells.

    Args:
        path: The notebook; its name starts with the lesson's number.
        second_edition: Whether the rules of the second edition apply; None for: unless it is a first one.
    """
    notebook = committed_form.read(path)
    second = not is_first_edition(path) if second_edition is None else second_edition
    findings = [
        *text_findings(notebook, path.parent),
        *code_findings(notebook, path.name[:2], LIMITS if second else FIRST_LIMITS),
        *prediction_findings(notebook),
        *output_findings(notebook),
        *(_of_second_editions(notebook, path) if second else ()),
    ]
    return sorted(findings, key=lambda finding: finding.cell)


def _of_second_editions(notebook: NotebookNode, path: Path) -> Iterator[Finding]:
    yield from time_findings(notebook)
    yield from try_it_findings(notebook)
    yield from term_findings(path)
