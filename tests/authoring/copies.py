"""A copy of the course to write in, and `tutorial author` there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tutorial_lib import settings


def copy_course(folder: Path) -> Path:
    """Copy what makes the course into a folder, which Python then prefers to the checkout."""
    for name in ("notebooks", "tests", "tutorial_lib"):
        shutil.copytree(
            settings.CHECKOUT / name,
            folder / name,
            ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"),
        )
    for name in ("README.md", "pyproject.toml"):
        shutil.copy(settings.CHECKOUT / name, folder / name)
    return folder


def author_in(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`tutorial author ...` of the copy."""
    variables = {**os.environ, "PYTHONPATH": str(checkout), "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-m", "tutorial_lib.cli", "author", *arguments],
        cwd=checkout,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
