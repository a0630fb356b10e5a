"""Values of a notebook on their way to another process, when no statement can make them again."""

from __future__ import annotations

import functools
import io
import pathlib
import pickle
from typing import Any


class _NotebookPickler(pickle.Pickler):
    """Notes which of the notebook's own classes a value needs."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self.needs: set[str] = set()

    def reducer_override(self, obj: Any) -> Any:
        """Called by pickle for each object; pickles as usual."""
        if getattr(obj, "__module__", None) == "__main__" and hasattr(obj, "__qualname__"):
            self.needs.add(obj.__qualname__.partition(".")[0])
        return NotImplemented


class _ModuleUnpickler(pickle.Unpickler):
    """Finds the notebook's classes in the module that was written from it."""

    def __init__(self, file: io.BytesIO, names: dict[str, Any]) -> None:
        super().__init__(file)
        self._names = names

    def find_class(self, module_name: str, global_name: str) -> Any:
        """Called by pickle for each class."""
        if module_name == "__main__" and global_name.partition(".")[0] in self._names:
            first, *rest = global_name.split(".")
            return functools.reduce(getattr, rest, self._names[first])
        return super().find_class(module_name, global_name)


def dump(value: Any) -> tuple[bytes, frozenset[str]]:
    """Pickles a value; also returns the names of the notebook's classes that it needs."""
    file = io.BytesIO()
    pickler = _NotebookPickler(file)
    pickler.dump(value)
    return file.getvalue(), frozenset(pickler.needs)


def load(module_file: str, name: str, names: dict[str, Any]) -> Any:
    """Reads a value that was stored beside a worker module.

    Args:
        module_file: The module's `__file__`.
        name: The value's name.
        names: The module's `globals()`.
    """
    path = pathlib.Path(module_file)
    return loads(path.with_name(f"{path.stem}.{name}.pickle").read_bytes(), names)


def loads(data: bytes, names: dict[str, Any]) -> Any:
    """A value that `dump` made, with the notebook's classes of these names."""
    return _ModuleUnpickler(io.BytesIO(data), names).load()
