"""What of a Markdown cell is prose: no code, no targets of links, no tables, and nothing for instructors."""

from __future__ import annotations

import re

__all__ = ["count_words", "plain_text", "without_fences"]

_FENCE = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
_TABLE_ROW = re.compile(r"^\|.*\|\s*$", re.MULTILINE)
_TAG = re.compile(r"</?[a-z][^>]*>")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_WORD = re.compile(r"\S*\w\S*")


def without_fences(source: str) -> str:
    """Markdown without its blocks of code, comments and tags; line breaks are kept."""
    return _TAG.sub("", _COMMENT.sub("", _FENCE.sub("", source)))


def plain_text(source: str) -> str:
    """The words as they are shown, blanks made one: for comparing an answer with an output."""
    shown = _LINK.sub(r"\1", _TAG.sub("", _COMMENT.sub("", source)))
    return " ".join(re.sub(r"^ *(```|~~~).*$|[*`]", "", shown, flags=re.MULTILINE).split())


def count_words(source: str) -> int:
    """How many words of prose a Markdown text has; a table is looked up, not read, and does not count."""
    return len(_WORD.findall(_LINK.sub(r"\1", _TABLE_ROW.sub("", without_fences(source)))))
