"""Decides how a notebook object may enter the sandbox: as itself, as a copy, or made anew."""

from __future__ import annotations

import collections
import copy
import dataclasses
import enum
import sys
import types
import typing
from typing import Any

from tutorial_lib import sdk

_CONTAINERS = (dict, list, set, frozenset, tuple, collections.deque)
_MUTABLE = (dict, list, set, bytearray, collections.deque)
_DEEPEST = 4  # containers nested deeper than this are taken as plain data


def in_notebook(value: Any) -> bool:
    """Whether this is a class or function that a cell defines."""
    return isinstance(value, (type, types.FunctionType)) and value.__module__ == "__main__"


def is_data_type(value: Any) -> bool:
    """Whether a class only carries data, so that one identity must serve inside and outside the sandbox.

    Payloads are decoded into these classes, and `isinstance` and `except` compare them.
    """
    return isinstance(value, type) and (
        dataclasses.is_dataclass(value)
        or issubclass(value, (BaseException, enum.Enum, tuple))
        or typing.is_typeddict(value)
        or hasattr(value, "model_fields")  # pydantic
        or hasattr(value, "__attrs_attrs__")
        or bool(getattr(value, "_is_protocol", False))
    )


def passes_through(value: Any) -> bool:
    """Whether a notebook class or function is used in the sandbox as it is."""
    return is_data_type(value) or sdk.is_activity(value)


def needs_own_code(value: Any, depth: int = 0) -> bool:
    """Whether a value carries notebook code, so that using it as it is would leave the sandbox.

    Such values (partials, decorated functions, handlers in a dict, an object of a notebook class) are
    made anew from the statement that assigned them.
    """
    if isinstance(value, type) or sdk.is_activity(value):
        return in_notebook(value) and not passes_through(value)
    if isinstance(value, _CONTAINERS) and depth < _DEEPEST:
        members = [*value.keys(), *value.values()] if isinstance(value, dict) else list(value)
        return any(needs_own_code(member, depth + 1) for member in members)
    if callable(value) and not isinstance(value, types.GenericAlias):
        return type(value).__module__ != "typing"
    return in_notebook(type(value)) and not is_data_type(type(value))


def is_copied(value: Any) -> bool:
    """Whether each run gets a copy, so that what one execution changes no other sees."""
    mutable = isinstance(value, _MUTABLE) or (
        not isinstance(value, (type, enum.Enum, BaseException)) and is_data_type(type(value))
    )
    return mutable and copied(value) is not value


def copied(value: Any) -> Any:
    """A deep copy, or the value itself when it cannot be copied (it holds a lock, a socket)."""
    try:
        return copy.deepcopy(value)
    except Exception:  # noqa: BLE001 - __deepcopy__ and __reduce__ of any class may fail in any way
        return value


def import_path(value: Any) -> tuple[str, str] | None:
    """Module and name under which a class, function or method of a library can be imported."""
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", "")
    if not isinstance(module, str) or module in ("__main__", "builtins") or not str(name).isidentifier():
        return None
    found = getattr(sys.modules.get(module), name, None)
    return (module, name) if found is value else None


def names_a_type(value: Any) -> bool:
    """Whether annotations may mention this: classes, modules, type variables, aliases."""
    return isinstance(
        value, (type, types.ModuleType, types.GenericAlias, types.UnionType, typing.TypeVar)
    ) or type(value).__module__ in ("typing", "typing_extensions")
