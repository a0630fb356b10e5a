"""The first line of a lesson's text: of which notebook it is, in which state.

    # text of 07_determinism.ipynb, 3f9c2a7e1b0d

A build that would lose what was changed in the notebook since then is refused. The state is that of the cells
without outputs, so that a refresh is no change; after a build, the text's line is renewed.
"""

from __future__ import annotations

import hashlib
import json
import re

from nbformat import NotebookNode

from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.text_form import without_minutes

__all__ = ["origin_line", "split_origin", "state_of"]

_LINE = re.compile(r"\A# text of \S+, ([0-9a-f]{12})\n")


def state_of(notebook: NotebookNode) -> str:
    """The state of a notebook's cells: kinds, sources and metadata, as committed, without minutes."""
    cells = without_minutes(committed_form.normalise(notebook)).cells
    known = [[cell.cell_type, cell.source, cell.metadata] for cell in cells]
    return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()[:12]


def origin_line(name: str, notebook: NotebookNode) -> str:
    """The first line of a text.

    Args:
        name: The notebook's file name.
        notebook: What the text is made from, or was made to.
    """
    return f"# text of {name}, {state_of(notebook)}\n"


def split_origin(text: str) -> tuple[str, str]:
    """The state that a text names, "" if it names none, and the text without that line."""
    match = _LINE.match(text)
    return (match[1], text[match.end() :]) if match else ("", text)
