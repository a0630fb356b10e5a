"""Whether the learner's code can have forgotten an `await`, by what it says.

A call that is awaited where it is written leaves a coroutine that never began only if the code was
interrupted between the two: by Stop, or by the SDK, which interrupts a workflow that blocks. So does `async
with`, and a library's code. Python warns of such a coroutine as of any other.
"""

from __future__ import annotations

import ast
import functools
import linecache
import re
import sys
from collections.abc import Iterator

from tutorial_lib.cells.source_files import is_own


def may_be_forgotten(name: str) -> bool:
    """Whether a coroutine that never began may be for want of an `await` of the learner's.

    Args:
        name: Its qualified name, as Python warns of it: `Bank.book`.
    """
    called = name.rpartition(".")[2]
    return any(called in _otherwise_used(source) for source in _sources())


def _sources() -> Iterator[str]:
    """The learner's code: cells that have run, and modules."""
    # Not by `getattr`: a module may load others, or raise, when it is asked for a name.
    modules = [getattr(each, "__dict__", {}).get("__file__") for each in list(sys.modules.values())]
    for filename in {*linecache.cache, *filter(None, modules)}:
        if is_own(filename):
            yield "".join(linecache.getlines(filename))


@functools.lru_cache(maxsize=1024)
def _otherwise_used(source: str) -> frozenset[str]:
    """Names that a piece of code uses otherwise than in a call that is awaited where it is."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return frozenset(re.findall(r"\w+", source))
    awaited = {
        id(each.value.func)
        for each in ast.walk(tree)
        if isinstance(each, ast.Await) and isinstance(each.value, ast.Call)
    }
    found = set()
    for each in ast.walk(tree):
        match each:
            case ast.Name(id=used, ctx=ast.Load()) | ast.Attribute(attr=used, ctx=ast.Load()) if (
                id(each) not in awaited
            ):
                found.add(used)
            case ast.alias(name=used, asname=str()):
                found.add(used.rpartition(".")[2])
    return frozenset(found)
