"""The proof of a snapshot: is what came out of it like what the notebook has?

Which statements change a value is found by reading, and reading can miss one (`add = STEPS.append; add(f)`).
So the first module that is made of a snapshot is compared with the notebook, item by item.
"""

from __future__ import annotations

import collections
import contextlib
import enum
import functools
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tutorial_lib.cells.program.program import Program

SNAPSHOT_PREFIX = "notebook_"
_ATOMS = (int, float, complex, str, bytes, bool, type(None))
_CONTAINERS = (list, tuple, collections.deque, set, frozenset, dict, collections.UserDict)
_MOST = 500  # items of a container that are compared
_DEEPEST = 5


def shape(value: Any, deep: int = _DEEPEST) -> Any:
    """What a value looks like from outside: equal for values that are alike, wherever they were made.

    It is looked at, not called.

    Args:
        value: Any value.
        deep: How many levels of containers, attributes and closures to look into.
    """
    if type(value) in _ATOMS:
        return repr(value)
    if deep == 0:
        return "..."
    inner = functools.partial(shape, deep=deep - 1)
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, _CONTAINERS):
        return _shape_of_members(value, inner)
    if isinstance(value, types.FunctionType):
        held = [cell.cell_contents for cell in value.__closure__ or () if not _is_empty(cell)]
        kept = {name: member for name, member in vars(value).items() if not name.startswith("__")}
        return value.__name__, inner(value.__defaults__), inner(kept), [inner(each) for each in held]
    return _shape_of_attributes(value, inner)


def _shape_of_members(value: Any, inner: Callable[[Any], Any]) -> tuple[int, list[Any]]:
    if isinstance(value, (dict, collections.UserDict)):
        return len(value), [(inner(key), inner(member)) for key, member in list(value.items())[:_MOST]]
    members = [inner(member) for member in list(value)[:_MOST]]
    if isinstance(value, (set, frozenset)):
        members.sort(key=repr)
    return len(value), members


def _shape_of_attributes(value: Any, inner: Callable[[Any], Any]) -> Any:
    """Attributes of the notebook's classes, and of their objects; a library's are its own affair."""
    if isinstance(value, type):
        if not _is_of_cells(value):
            return "class"
        kept = {n: member for n, member in vars(value).items() if not n.startswith(("_", "model_"))}
        return value.__name__, sorted(kept), [inner(kept[name]) for name in sorted(kept)]
    if _is_of_cells(type(value)) and hasattr(value, "__dict__"):
        return type(value).__name__, [(name, inner(member)) for name, member in sorted(vars(value).items())]
    return "other"


def shapes(namespace: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The shapes of names' values; those that cannot be looked at are left out."""
    found = {}
    for name in names:
        # `__dict__`, `items` and `__iter__` of any class may fail in any way.
        with contextlib.suppress(Exception):
            found[name] = shape(namespace[name])
    return found


def difference(name: str, here: Any, there: Any) -> str:
    """How a value in the worker differs: `STEPS has 3 entries here and 1 in the worker`.

    Args:
        name: Its name.
        here: The shape in the notebook.
        there: The shape in the worker.
    """
    match here, there:
        case (int(mine), list()), (int(its), list()) if mine != its:
            entries = "entry" if mine == 1 else "entries"
            return f"{name} has {mine} {entries} here and {its} in the worker"
    return f"{name} is not the same in the worker as here"


def reason(name: str, program: Program, label: Callable[[str], str]) -> str:
    """Why a value may differ: the cells that mention it and ran more than once; else all that mention it."""
    made = program.definitions(name, program.end)
    since = made[-1].at if made else -1
    mentions = [ran for ran in program.sequence[since + 1 :] if name in ran.statement.facts.now]
    often: dict[str, str] = {}
    for ran in mentions:
        times, where = program.times_ran(ran.execution), label(ran.statement.filename)
        if times > 1:
            often[where] = f"{where} ran {times} times"
    where = ", ".join(dict.fromkeys(label(ran.statement.filename) for ran in [*made[:1], *mentions]))
    return ", ".join(often.values()) or f"see {where}"


def _is_of_cells(kind: type) -> bool:
    return kind.__module__ == "__main__" or kind.__module__.startswith(SNAPSHOT_PREFIX)


def _is_empty(cell: types.CellType) -> bool:
    try:
        _ = cell.cell_contents
    except ValueError:
        return True
    return False
