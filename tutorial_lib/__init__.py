"""The stage, the pictures and the checks of the course *Temporal, learned by running it*.

`%load_ext tutorial_lib` and `open_lab` are all a lesson needs. Names are imported on first use, so
that `import tutorial_lib` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tutorial_lib.cells.extension import load_ipython_extension, unload_ipython_extension
    from tutorial_lib.stage.lab import Lab
    from tutorial_lib.stage.opening import open_lab

__all__ = ["Lab", "load_ipython_extension", "open_lab", "unload_ipython_extension"]

_HOMES = {
    "Lab": "tutorial_lib.stage.lab",
    "open_lab": "tutorial_lib.stage.opening",
    "load_ipython_extension": "tutorial_lib.cells.extension",
    "unload_ipython_extension": "tutorial_lib.cells.extension",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
