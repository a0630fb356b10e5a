"""What led to an error: members of an `ExceptionGroup`, and the error that it was raised from."""

from __future__ import annotations

from collections.abc import Iterator

MOST = 6
"""Causes that are listed; a group of a hundred tasks has as many members."""


def causes_of(error: BaseException) -> list[BaseException]:
    """The members of a group, then the cause of `raise X from Y`, each with its own, at most `MOST`.

    An error that merely happened while another one was handled is no cause.
    """
    found = []
    for each in _all(error, set()):
        found.append(each)
        if len(found) == MOST:
            break
    return found


def _all(error: BaseException, seen: set[int]) -> Iterator[BaseException]:
    members = list(error.exceptions) if isinstance(error, BaseExceptionGroup) else []
    for each in [*members, error.__cause__]:
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            yield each
            yield from _all(each, seen)
