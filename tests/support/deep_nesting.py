"""Tests of JSON that is nested too deep reach Python's recursion limit without a garbage collection there.

Python 3.11 collects in the midst of a parser, at whatever depth. What earlier tests left is finalized then by
code that has no frame left for it: that fails, and so does the test that was only near.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

_DEEP = 9_000  # brackets: many times the recursion limit


def _is_deep(value: object) -> bool:
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    return isinstance(value, str) and "[" * _DEEP in value


@pytest.fixture(autouse=True)
def no_collection_at_the_recursion_limit(request: pytest.FixtureRequest) -> Iterator[None]:
    """Collects before a test with such a parameter, and not while it runs."""
    call = getattr(request.node, "callspec", None)
    if call is None or not any(map(_is_deep, call.params.values())):
        yield
        return
    gc.collect()
    gc.disable()
    yield
    gc.enable()
