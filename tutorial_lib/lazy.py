"""Public names of a package that are imported on first use (PEP 562), so that importing it costs nothing."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any


def lazy_names(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Makes a package's `__getattr__`.

        __getattr__ = lazy_names(__name__, {"Lab": "lab"})

    The package lists the same names in `__all__`, and imports them under `TYPE_CHECKING`, for readers and
    for the type checker.

    Args:
        package: The package's `__name__`.
        homes: Public names, each with the module that defines it, relative to the package.
    """

    def getattr_(name: str) -> Any:
        if name in homes:
            return getattr(importlib.import_module(f"{package}.{homes[name]}"), name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return getattr_
