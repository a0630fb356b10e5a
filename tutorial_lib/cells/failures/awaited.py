"""Whether the learner's code can have forgotten an `await`, by what it says.

A call that is awaited where it is written leaves a coroutine that never began only if the code was
interrupted between the two: by Stop, or by the SDK, which interrupts a workflow that blocks. So does `async
with`, and a library's code; so does a call that is handed straight to what begins it, as in `gather(f())`.
Python warns of such a coroutine as of any other.
"""

from __future__ import annotations

import ast
import functools
import linecache
import re
import sys
from collections.abc import Iterator

from tutorial_lib.cells.source_files import is_own

# What begins every coroutine that it is given. Where such a call is not awaited, it is told of instead.
_BEGIN = frozenset(
    "as_completed create_task ensure_future gather run run_until_complete shield wait_for".split()  # noqa: SIM905
)


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
    """Names that a piece of code uses otherwise than in a call that is awaited, or begun, where it is."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return frozenset(re.findall(r"\w+", source))
    awaited = {id(call.func) for each in ast.walk(tree) for call in _begun(each)}
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


def _begun(node: ast.AST) -> Iterator[ast.Call]:
    """Calls whose coroutines a piece of syntax begins."""
    match node:
        case ast.Await(value=ast.Call() as call):
            yield call
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=given) if name in _BEGIN:
            for each in given:
                yield from _calls(each)


def _calls(given: ast.expr) -> Iterator[ast.Call]:
    match given:
        case ast.Call():
            yield given
        case ast.Starred(value=one) | ast.ListComp(elt=one) | ast.GeneratorExp(elt=one):
            yield from _calls(one)
        case ast.List(elts=several) | ast.Tuple(elts=several):
            for each in several:
                yield from _calls(each)
