"""Which of the names that there are somebody meant who wrote another."""

from __future__ import annotations

import difflib
from collections.abc import Collection


def likely(written: str, known: Collection[str]) -> str:
    """The name that was most likely meant.

    Args:
        written: What was written.
        known: What there is.

    Returns:
        One of `known`; "" if none is near, or `written` is among them.
    """
    if written in known:
        return ""
    for name in sorted(known):
        if name.casefold() == written.casefold():
            return name
    near = difflib.get_close_matches(written, sorted(known), n=1)
    return near[0] if near else ""


def typo(written: str, meant: str) -> str:
    """Ask whether one of two names is a typo."""
    capitals = " (capitals count)" if written.casefold() == meant.casefold() else ""
    return f"is one of the two names a typo{capitals}?"
