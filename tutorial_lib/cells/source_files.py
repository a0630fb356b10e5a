"""Separates the learner's code from Python's, installed packages' and this package's own, by its file name.

The one answer to this question. Asked for each frame of an error that is told, and by the tracer for each
call inside a workflow's sandbox, where nothing may be imported or opened: the answer is worked out from the
name alone and remembered.
"""

from __future__ import annotations

import os
import site
import sysconfig

from tutorial_lib import settings
from tutorial_lib.cells import ipython


def _libraries() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    folders = [paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")]
    folders += [*site.getsitepackages(), str(settings.PACKAGE)]
    found = {folder.rstrip(os.sep) + os.sep for folder in (*folders, *map(os.path.realpath, folders))}
    return (*sorted(found), "<frozen ", "<string>", "<attrs ", "<__array")


_LIBRARIES = _libraries()
answers: dict[str, bool] = {}
"""What `is_own` found so far, by file name."""


def is_own(filename: str) -> bool:
    """Whether code of this file is the learner's: in a cell, a module or an exported file."""
    answer = answers.get(filename)
    if answer is None:
        answer = not filename.startswith(_LIBRARIES)
        # The shell is asked for these names only: asking imports, and the sandbox lets nothing be imported.
        if answer and filename.startswith("<"):
            answer = ipython.is_cell(filename)
        answers[filename] = answer
    return answer


def label_of(filename: str) -> str:
    """The file as a reader finds it: `Cell In[3]` or `shop.py`."""
    return ipython.place(filename, 1).removesuffix(", line 1")
