"""A hint or a solution, as a cell shows it."""

from __future__ import annotations

import html
from collections.abc import Sequence

from tutorial_lib.views.kit.cards import card, inline

__all__ = ["HintCard"]


class HintCard:
    """A title and some paragraphs, with code if there is any.

    Args:
        title: What it is.
        paragraphs: Plain text; `code` in backticks.
        code: A program, shown as it is.
    """

    def __init__(self, title: str, paragraphs: Sequence[str], *, code: str = "") -> None:
        self.title = title
        self.paragraphs = list(paragraphs)
        self.code = code

    def __repr__(self) -> str:
        return "\n".join(filter(None, [self.title, *self.paragraphs, self.code]))

    def _repr_html_(self) -> str:
        lines = [f"<b>{inline(self.title)}</b>", *map(inline, self.paragraphs)]
        body = card(lines, "#4f6bed")
        return body + (f"<pre>{html.escape(self.code)}</pre>" if self.code else "")
