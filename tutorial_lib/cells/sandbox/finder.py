"""Serves snapshots as modules, to the importer of the SDK's sandbox."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
import weakref
from collections.abc import Sequence
from typing import Protocol


class Served(Protocol):
    """Something that the sandbox imports: a snapshot of cells, or a file."""

    module: str
    """Name under which it is imported."""

    def populate(self, module: types.ModuleType) -> None:
        """Fills the module."""


class SnapshotFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Makes each living snapshot importable under its module name.

    It holds snapshots weakly: a runner owns its snapshots, and they go with it.
    """

    def __init__(self) -> None:
        self._snapshots: weakref.WeakValueDictionary[str, Served] = weakref.WeakValueDictionary()

    def serve(self, snapshot: Served) -> None:
        """Makes a snapshot importable for as long as somebody holds it."""
        self._snapshots[snapshot.module] = snapshot
        weakref.finalize(snapshot, self._leave).atexit = False
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def _leave(self) -> None:
        """Takes itself off Python's import path when the last snapshot is gone."""
        if not self._snapshots and self in sys.meta_path:
            sys.meta_path.remove(self)

    def __len__(self) -> int:
        return len(self._snapshots)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Finds a module that is a snapshot (a meta path finder's contract)."""
        del path, target
        if fullname not in self._snapshots:
            return None
        return importlib.util.spec_from_loader(fullname, self)

    def exec_module(self, module: types.ModuleType) -> None:
        """Fills the module from its snapshot (a loader's contract)."""
        self._snapshots[module.__name__].populate(module)


finder = SnapshotFinder()
