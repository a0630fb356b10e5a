"""Values of a notebook that no statement can make again: each run of a workflow gets a copy of its own.

A copy is a pickle in which classes and functions are names. Those of cells are found in the run's own module,
so that an object of a cell's class is an object of the *sandbox's* class there.
"""

from __future__ import annotations

import copy
import io
import pickle
import types
from typing import Any

_SHARED = (type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType)
_IMMUTABLE = (int, float, complex, str, bytes, bool, type(None), tuple, frozenset)


class Copy:
    """A value, to be put into modules.

    Args:
        name: The name that it is bound to.
        value: The value as it is in the notebook.

    Attributes:
        name: The name that it is bound to.
        value: The value as it is in the notebook.
        needs: Names of the notebook's classes and functions that a copy needs.
    """

    def __init__(self, name: str, value: Any) -> None:
        self.name = name
        self.value = value
        self.needs: frozenset[str] = frozenset()
        self._outside: list[Any] = []
        self._data: bytes | None = None
        file = io.BytesIO()
        pickler = _Pickler(file, self._outside)
        try:
            pickler.dump(value)
        except Exception:  # noqa: BLE001 - any class may fail to be pickled in any way
            self._outside.clear()
        else:
            self._data = file.getvalue()
            self.needs = frozenset(pickler.needs)

    @property
    def is_shared(self) -> bool:
        """Whether every run gets the very object: it cannot be copied."""
        return self._data is None and _deep_copy(self.value) is self.value

    @property
    def is_live(self) -> bool:
        """Whether it cannot be copied, and is more than a class, a function or a module."""
        return self.is_shared and not isinstance(self.value, (*_SHARED, *_IMMUTABLE))

    @property
    def is_changeable(self) -> bool:
        """Whether a workflow could change it."""
        return not isinstance(self.value, (*_SHARED, *_IMMUTABLE))

    def put(self, names: dict[str, Any]) -> None:
        """Binds a copy in a module's namespace."""
        if self._data is None:
            names[self.name] = _deep_copy(self.value)
        else:
            names[self.name] = _Unpickler(io.BytesIO(self._data), self._outside, names).load()


def _deep_copy(value: Any) -> Any:
    try:
        return copy.deepcopy(value)
    except Exception:  # noqa: BLE001 - __deepcopy__ and __reduce__ of any class may fail in any way
        return value


class _Pickler(pickle.Pickler):
    """Writes classes and functions as references."""

    def __init__(self, file: io.BytesIO, outside: list[Any]) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._outside = outside
        self.needs: set[str] = set()

    def persistent_id(self, obj: Any) -> tuple[str, str | int] | None:
        """Called by pickle for each object."""
        if not isinstance(obj, _SHARED):
            return None
        if getattr(obj, "__module__", None) == "__main__" and "<locals>" not in obj.__qualname__:
            self.needs.add(obj.__qualname__.partition(".")[0])
            return ("cell", obj.__qualname__)
        self._outside.append(obj)
        return ("outside", len(self._outside) - 1)


class _Unpickler(pickle.Unpickler):
    """Finds the references: classes of cells in the module that is being made."""

    def __init__(self, file: io.BytesIO, outside: list[Any], names: dict[str, Any]) -> None:
        super().__init__(file)
        self._outside = outside
        self._names = names

    def persistent_load(self, pid: Any) -> Any:
        """Called by pickle for each reference."""
        kind, where = pid
        if kind == "outside":
            return self._outside[where]
        first, *rest = where.split(".")
        found = self._names[first]
        for name in rest:
            found = getattr(found, name)
        return found
