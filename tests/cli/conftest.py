"""What tests of the command share: a small course, and the command in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.support.preloaded import Preloaded
from tests.support.running_lab import OWN, clean_environment
from tests.support.waiting import BACKSTOP
from tutorial_lib.course.copies import make_copies
from tutorial_lib.stage.server.shared import stop_server

KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
# How text is written. All else that Python reads where it starts may change what it imports.
TERMINALS = {"LANG", "LC_ALL", "PYTHONIOENCODING", "PYTHONUTF8"}
Tutorial = Callable[..., subprocess.CompletedProcess[str]]


def write_notebook(path: Path, *sources: str) -> Path:
    """A notebook of code cells."""
    cells: list[Any] = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def in_own_folder(course: Path, name: str) -> Path:
    """A path in the learner's folder, which is made; its copies are not."""
    (course / OWN).mkdir(exist_ok=True)
    return course / OWN / name


def copies_of(course: Path) -> Path:
    """The learner's folder, with the copies that `tutorial lab` makes."""
    make_copies(course / OWN, sorted((course / "notebooks").glob("[0-9]*.ipynb")))
    return course / OWN


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


@pytest.fixture(scope="session")
def preloaded() -> Iterator[Callable[[Mapping[str, str]], Preloaded | None]]:
    """Gives the process that forks one for a command with these variables; None where none may."""
    made: dict[str, Preloaded] = {}

    def of(variables: Mapping[str, str]) -> Preloaded | None:
        # What Python reads where it starts, the process that forks has to have read.
        python = {
            name: value for name, value in variables.items() if name.startswith(("PYTHON", "LC_", "LANG"))
        }
        if not hasattr(os, "fork") or not python.keys() <= TERMINALS:
            return None
        key = json.dumps(python, sort_keys=True)
        return made.get(key) or made.setdefault(key, Preloaded(os.environ | python))

    yield of
    for each in made.values():
        each.close()


@pytest.fixture
def tutorial(course: Path, state_dir: Path, tmp_path: Path, preloaded: Any) -> Tutorial:
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
        env = clean_environment(state_dir, home) | variables
        encoding = variables.get("PYTHONIOENCODING", "utf-8").partition(":")[0]
        is_pipe = "/dev/stdout" in arguments
        if python == sys.executable and not is_pipe and (process := preloaded(variables)) is not None:
            done: subprocess.CompletedProcess[str] = process.run(arguments, cwd, env, stdin, encoding)
            return done
        return subprocess.run(
            [python, "-m", "tutorial_lib.cli", *arguments],
            cwd=cwd,
            env=env,
            input=stdin,
            capture_output=True,
            encoding=encoding,
            timeout=BACKSTOP,
            check=False,
        )

    return run
