"""What tests of the command share: a small course, and the command in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.support.running_lab import clean_environment
from tutorial_lib.stage.server.shared import stop_server

KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
Tutorial = Callable[..., subprocess.CompletedProcess[str]]


def write_notebook(path: Path, *sources: str) -> Path:
    """A notebook of code cells."""
    cells: list[Any] = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course of two lessons, in a folder with a space in its name."""
    folder = tmp_path / "my course"
    write_notebook(folder / "notebooks" / "00_start_here.ipynb", "6 * 7", "print('hello')")
    write_notebook(folder / "notebooks" / "01_core_concepts.ipynb", "import os", "os.sep.join('ab')")
    return folder


@pytest.fixture
def state_dir(tmp_path: Path) -> Iterator[Path]:
    """A state folder, and so a server, of this test alone."""
    folder = tmp_path / "state"
    yield folder
    stop_server(folder)


@pytest.fixture
def tutorial(course: Path, state_dir: Path, tmp_path: Path) -> Tutorial:
    """Runs `tutorial` in the course's folder; takes arguments, `stdin`, `cwd`, `python` and variables."""
    home = tmp_path / "home"
    home.mkdir()

    def run(
        *arguments: str | os.PathLike[str],
        stdin: str = "",
        cwd: Path = course,
        python: str | Path = sys.executable,
        **variables: str,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [python, "-m", "tutorial_lib.cli", *arguments],
            cwd=cwd,
            env=clean_environment(state_dir, home) | variables,
            input=stdin,
            capture_output=True,
            encoding=variables.get("PYTHONIOENCODING", "utf-8").partition(":")[0],
            timeout=100,
            check=False,
        )

    return run
