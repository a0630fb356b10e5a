"""Cards in a cell, in JupyterLab's own colours, and plain text as HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

# Words only: a star in a learner's own value is a star.
_STRESSED = re.compile(r"(?<![\w*])\*(\w(?:[\w ]*\w)?)\*(?![\w*])")


def card(lines: Sequence[str], edge: str = "#4f6bed") -> str:
    """A card in JupyterLab's own colours.

    Args:
        lines: HTML of each line.
        edge: Colour of its left edge.
    """
    style = (
        f"border:1px solid var(--jp-border-color1,#767676);border-left:4px solid {edge};border-radius:4px;"
        "padding:.5em .9em;max-width:46em;line-height:1.6;"
        "color:var(--jp-content-font-color1,#1f1f1f);background:var(--jp-layout-color1,#fff)"
    )
    return f'<div style="{style}">{"<br>".join(lines)}</div>'


def inline(text: str) -> str:
    """Plain text as HTML: `code` in backticks is set as code, *a few words* between stars as stressed."""
    parts = html.escape(text).split("`")
    return "".join(
        f"<code>{part}</code>" if number % 2 else _STRESSED.sub(r"<em>\1</em>", part)
        for number, part in enumerate(parts)
    )
