"""Python source as coloured runs of text: what the stepper and its static picture write line by line.

Read with Python's own tokenizer, so that the page needs no parser. What cannot be read (the rest of a cell
after a `!command`) stays plain.
"""

from __future__ import annotations

import builtins
import io
import keyword
import tokenize
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Final

Runs = list[str]
"""One line of code: a class, its text, the next class, its text ... The class "" is plain."""

KEYWORD: Final = "k"
STRING: Final = "s"
NUMBER: Final = "n"
COMMENT: Final = "c"
DEFINED: Final = "d"
DECORATOR: Final = "a"
ITSELF: Final = "v"
BUILTIN: Final = "b"

_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))
# Python 3.12 and later read an f-string in parts; 3.11 as one string.
_FSTRING = ("FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END")
_STRINGS = {tokenize.STRING} | {getattr(tokenize, name) for name in _FSTRING if hasattr(tokenize, name)}
_Mark = tuple[int, int, int, str]  # line (from 1), first column, column after the last, class


@lru_cache(maxsize=64)
def coloured(source: str) -> tuple[Runs, ...]:
    """The lines of a source, each as runs.

    Args:
        source: The whole text of a file or cell.
    """
    lines = source.removesuffix("\n").split("\n")  # not splitlines: a form feed ends no line
    marks: list[list[_Mark]] = [[] for _ in lines]
    for mark in _marks(source, lines):
        if mark[0] <= len(lines):
            marks[mark[0] - 1].append(mark)
    return tuple(_runs(line, found) for line, found in zip(lines, marks, strict=True))


def plain(runs: Runs) -> str:
    """The text of a line."""
    return "".join(runs[1::2])


def _runs(line: str, marks: list[_Mark]) -> Runs:
    runs: Runs = []
    end = 0
    for _, first, after, kind in marks:
        if first < end:
            continue
        if first > end:
            runs += ["", line[end:first]]
        runs += [kind, line[first:after]]
        end = after
    if end < len(line):
        runs += ["", line[end:]]
    return runs


def _marks(source: str, lines: list[str]) -> Iterator[_Mark]:
    for before, token in pairwise(_tokens(source)):
        kind = _kind(before, token)
        if not kind:
            continue
        (row, column), (last, after) = token.start, token.end
        for number in range(row, min(last, len(lines)) + 1):  # a string may span lines
            first = column if number == row else 0
            until = after if number == last else len(lines[number - 1])
            if until > first:
                yield number, first, until, kind


def _tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    """The tokens up to the first thing that is not Python, after one that precedes all."""
    yield tokenize.TokenInfo(tokenize.NEWLINE, "", (0, 0), (0, 0), "")
    try:
        yield from tokenize.generate_tokens(io.StringIO(source).readline)
    except (tokenize.TokenError, SyntaxError):
        return


def _kind(before: tokenize.TokenInfo, token: tokenize.TokenInfo) -> str:
    if token.type in _STRINGS:
        return STRING
    if token.type == tokenize.NUMBER:
        return NUMBER
    if token.type == tokenize.COMMENT:
        return COMMENT
    if token.type == tokenize.OP:
        return DECORATOR if token.string == "@" and _begins_line(token) else ""
    if token.type != tokenize.NAME:
        return ""
    return _kind_of_name(before, token)


def _kind_of_name(before: tokenize.TokenInfo, token: tokenize.TokenInfo) -> str:
    name = token.string
    if token.line.lstrip().startswith("@") and "(" not in token.line[: token.start[1]]:
        return DECORATOR
    if keyword.iskeyword(name):
        return KEYWORD
    if before.string in {"def", "class"}:
        return DEFINED
    if before.string == ".":
        return ""
    if name in {"self", "cls"}:
        return ITSELF
    return BUILTIN if name in _BUILTINS else ""


def _begins_line(token: tokenize.TokenInfo) -> bool:
    return not token.line[: token.start[1]].strip()
