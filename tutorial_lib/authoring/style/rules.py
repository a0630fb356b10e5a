"""The house rules for lessons, each as code.

    python -m tutorial_lib.authoring.style.rules [NOTEBOOK...]

What they ask for is told in the messages; what they are for, in the modules that hold them: a
lesson's words, its code, its outputs.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.refresh import course_notebooks
from tutorial_lib.authoring.style.code import MAX_LINES, MAX_WIDTH, code_findings
from tutorial_lib.authoring.style.finding import Finding
from tutorial_lib.authoring.style.outputs import MAX_IGNORED_SHARE, count_ignored, output_findings
from tutorial_lib.authoring.style.text import text_findings
from tutorial_lib.cli.consoles import settle_streams

__all__ = ["MAX_IGNORED_SHARE", "MAX_LINES", "MAX_WIDTH", "Finding", "check", "count_ignored", "main"]


def check(path: Path) -> list[Finding]:
    """Every breach of a house rule in a lesson, in the order of its cells.

    Args:
        path: The notebook; its name starts with the lesson's number.
    """
    notebook = committed_form.read(path)
    findings = [
        *text_findings(notebook, path.parent),
        *code_findings(notebook, path.name[:2]),
        *output_findings(notebook),
    ]
    return sorted(findings, key=lambda finding: finding.cell)


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the findings of the notebooks given, or of all lessons; 1 if there are any."""
    parser = argparse.ArgumentParser(prog="python -m tutorial_lib.authoring.style.rules", description=__doc__)
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all lessons")
    options = parser.parse_args(argv)
    settle_streams()
    console = Console(highlight=False, markup=False, soft_wrap=True)
    found = 0
    for path in options.notebooks or course_notebooks():
        findings = check(path)
        found += len(findings)
        console.print(f"{path.name}: {len(findings) or 'no'} findings")
        for finding in findings:
            console.print(f"  {finding}")
    return int(bool(found))


if __name__ == "__main__":
    raise SystemExit(main())
