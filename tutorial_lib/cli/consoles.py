"""Terminals that cannot hold every character: `LANG=C`, code pages of Windows, a pipe with an encoding."""

from __future__ import annotations

import codecs
import sys

__all__ = ["settle_streams"]

_HANDLER = "tutorial_lib.plainer"
# What the course's own lines hold beyond ASCII.
_PLAINER = {
    "✓": "+", "✔": "+", "✗": "x", "✕": "x", "•": "*", "●": "*", "○": "o", "◆": "*", "■": "*", "▲": "!",
    "→": "->", "←": "<-", "↑": "^", "↓": "v",
    "≠": "!=", "≥": ">=", "≤": "<=", "\u00d7": "x", "\u2212": "-",
    "⏳": "...", "…": "...", "\u2013": "-", "—": "-", "·": "-",
    "“": '"', "”": '"', "„": '"', "\u2018": "'", "\u2019": "'",
    "─": "-", "━": "-", "│": "|", "┃": "|", "├": "|", "└": "`",
}  # fmt: skip


def settle_streams() -> None:
    r"""Let what a stream cannot hold be written in plainer characters; without this, printing it fails.

    To be called by each command before it prints. What has no plainer form is written as Python writes it in
    strings, `\xe4`, so that a name can still be distinguished.
    """
    codecs.register_error(_HANDLER, _plainer)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)  # tests and notebooks have streams without
        if reconfigure is not None:
            reconfigure(errors=_HANDLER)


def _plainer(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(map(_plain, wrong)), error.end


def _plain(character: str) -> str:
    return _PLAINER.get(character) or character.encode("ascii", "backslashreplace").decode()
