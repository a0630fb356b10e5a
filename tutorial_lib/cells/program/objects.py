"""What an object of the notebook is: where it was made, whether it is plain data."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator
from typing import Any

_ATOMS = (int, float, complex, str, bytes, bool, type(None))
_DEEPEST = 6  # containers nested deeper than this are no plain data


def functions_of(obj: Any) -> Iterator[types.FunctionType]:
    """The plain functions of a function or class, unwrapped from decorators and descriptors."""
    members = list(vars(obj).values()) if isinstance(obj, type) else [obj]
    for member in members:
        inner = member.fget if isinstance(member, property) else member
        inner = getattr(inner, "__func__", inner)
        if callable(inner):
            inner = inspect.unwrap(inner)
        if isinstance(inner, types.FunctionType):
            yield inner


def is_of_notebook(value: Any) -> bool:
    """Whether this is a class or function that a cell defines."""
    return isinstance(value, (type, types.FunctionType)) and value.__module__ == "__main__"


def is_immutable(value: Any) -> bool:
    """Whether nothing changes this object: numbers, texts, tuples, modules."""
    return isinstance(value, (*_ATOMS, tuple, types.ModuleType))


def is_plain(value: Any, depth: int = 0) -> bool:
    """Whether this is a number, a text, or a list, set or dict of such: data that has no code."""
    if type(value) in _ATOMS:
        return True
    if depth == _DEEPEST:
        return False
    if type(value) in (list, tuple, set, frozenset):
        return all(is_plain(member, depth + 1) for member in value)
    if type(value) is dict:
        return all(is_plain(member, depth + 1) for pair in value.items() for member in pair)
    return False
