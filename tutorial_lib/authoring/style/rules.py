"""The house rules for lessons, each as code.

Their messages state what they ask for; the modules that hold them, what they are for: a
lesson's words, its code, its outputs, its time, its notes.
"""

from __future__ import annotations

from pathlib import Path

from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.style.code import code_findings
from tutorial_lib.authoring.style.finding import Finding
from tutorial_lib.authoring.style.notes import note_findings
from tutorial_lib.authoring.style.outputs import MAX_IGNORED_SHARE, count_ignored, output_findings
from tutorial_lib.authoring.style.predictions import prediction_findings
from tutorial_lib.authoring.style.terms import term_findings
from tutorial_lib.authoring.style.text import text_findings
from tutorial_lib.authoring.style.time import time_findings
from tutorial_lib.authoring.style.try_its import try_it_findings

__all__ = ["MAX_IGNORED_SHARE", "Finding", "check", "count_ignored"]


def check(path: Path) -> list[Finding]:
    """Every breach of a house rule in a lesson, in the order of its cells.

    Args:
        path: The notebook; its name starts with the lesson's number.
    """
    notebook = committed_form.read(path)
    findings = [
        *text_findings(notebook, path.parent),
        *code_findings(notebook, path.name[:2]),
        *prediction_findings(notebook),
        *note_findings(notebook),
        *output_findings(notebook),
        *time_findings(notebook),
        *try_it_findings(notebook),
        *term_findings(path),
    ]
    return sorted(findings, key=lambda finding: finding.cell)
