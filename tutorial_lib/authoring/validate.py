"""Strict nbval over notebooks, with the one set of options that `make test` and everyone else uses.

A run of pytest of its own, apart from the unit tests: there every warning is an error, and nbval's
own (it leaves its kernels' log open) would fail cells.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from tutorial_lib import settings
from tutorial_lib.authoring.lesson_files import lesson_files
from tutorial_lib.authoring.sanitize import CONFIG

__all__ = ["CELL_SECONDS", "arguments"]

CELL_SECONDS = 60
_NUMBER = re.compile(r"\d\d")  # of a lesson


def arguments(targets: Sequence[str]) -> list[str]:
    """The command line that proves every cell of `targets` against its committed output.

    Args:
        targets: Lessons' numbers ("08"), notebooks, folders and further pytest options; without any of the
            first three all lessons.

    Raises:
        LessonNotFoundError: If there is no lesson of a number.
    """
    checkout = settings.CHECKOUT
    before = ["", *targets]  # the 12 of `-n 12` is an option's
    targets = [
        str(lesson_files(target).notebook) if _NUMBER.fullmatch(target) and option[:1] != "-" else target
        for option, target in zip(before, targets, strict=False)
    ]
    named = any(not target.startswith("-") and Path(target).exists() for target in targets)
    return [
        *(sys.executable, "-m", "pytest", "-c", str(checkout / "pyproject.toml")),
        # One dev server for all kernels; fixtures do not reach cells, so this is a plugin.
        *("-p", "tutorial_lib.authoring.pytest_server"),
        "--nbval",
        # The kernel is this Python, not whatever `python3` the user's Jupyter knows.
        "--nbval-current-env",
        f"--nbval-sanitize-with={CONFIG}",
        f"--nbval-cell-timeout={CELL_SECONDS}",
        "--nbval-kernel-startup-timeout=120",
        # The cells of one notebook need one kernel.
        "--dist=loadfile",
        # nbval has its own deadline a cell, and interrupts the kernel; pytest-timeout would end the run.
        "--timeout=0",
        # Not the unit tests' errors: nbval leaves its kernels' log open.
        *("-o", "filterwarnings=ignore::ResourceWarning"),
        *targets,
        *([] if named else [str(checkout / "notebooks")]),
    ]
