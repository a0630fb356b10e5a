"""The stage, the pictures and the checks of the course *Temporal, learned by running it*.

`%load_ext tutorial_lib` and `open_lab` are all a lesson needs. Names are imported on first use, so
that `import tutorial_lib` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutorial_lib.lazy import lazy_names

if TYPE_CHECKING:
    from tutorial_lib.cells.extension import load_ipython_extension, unload_ipython_extension
    from tutorial_lib.lab import Lab, open_lab

__all__ = ["Lab", "load_ipython_extension", "open_lab", "unload_ipython_extension"]

__getattr__ = lazy_names(
    __name__,
    {
        "Lab": "lab",
        "load_ipython_extension": "cells.extension",
        "open_lab": "lab",
        "unload_ipython_extension": "cells.extension",
    },
)
