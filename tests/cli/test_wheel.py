"""The wheel carries the course: installed into a clean environment, it opens in an empty folder."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.checkout import ROOT, borrow_packages
from tests.support.running_lab import clean_environment, running_lab
from tests.support.waiting import BACKSTOP
from tutorial_lib.course.notebooks import notebooks
from tutorial_lib.stage.server.shared import stop_server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
FOLDER = "temporal-course"


@dataclass(frozen=True)
class Installed:
    """An environment that the wheel was installed into.

    Attributes:
        venv: The environment.
        before: What `import tutorial_lib` said there without the wheel.
    """

    venv: Path
    before: str

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def package(self) -> Path:
        [package] = self.venv.glob("lib/python3*/site-packages/tutorial_lib")
        return package

    def files(self) -> dict[str, str]:
        """The package's files, each with a digest of what is in it."""
        found = sorted(path for path in self.package.rglob("*") if path.is_file())
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def run(command: Sequence[str | Path], cwd: Path, env: dict[str, str] | None = None, code: int = 0) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, encoding="utf-8", timeout=BACKSTOP, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel, built from this checkout; dependencies are those of the tests. Nothing is downloaded."""
    folder = tmp_path_factory.mktemp("wheel")
    run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder / "dist"],
        ROOT,
    )
    [wheel] = (folder / "dist").glob("*.whl")
    venv = folder / "an environment"
    run([sys.executable, "-m", "venv", "--without-pip", venv], folder)
    borrow_packages(venv)
    env = clean_environment(folder / "state", folder)
    without = [venv / "bin" / "python", "-c", "import typer, tutorial_lib"]
    before = run(without, folder, env, code=1)
    install = ["uv", "pip", "install", "--quiet", "--offline", "--no-deps", "--compile-bytecode"]
    run([sys.executable, "-m", *install, "--python", venv / "bin" / "python", wheel], folder)
    return Installed(venv, before)


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """An empty folder, which is no checkout and in none."""
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def test_the_package_is_the_wheels_and_not_the_checkouts(installed: Installed, empty: Path):
    assert "No module named 'tutorial_lib'" in installed.before
    where = [installed.python, "-c", "import tutorial_lib, sys; print(tutorial_lib.__file__, sys.path)"]
    said = run(where, empty, clean_environment(empty / "state", empty))
    assert said.startswith(f"{installed.package / '__init__.py'} ")
    assert repr(str(ROOT)) not in said


def test_the_wheel_has_the_lessons_and_nothing_that_git_ignores(installed: Installed):
    folder = installed.package / "notebooks"
    lessons = {path.name for path in folder.glob("*.ipynb")}
    assert lessons == set(notebooks())
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    git = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "--cached", "--others", "--exclude-standard"]
    assert there == {name.removeprefix("notebooks/") for name in run([*git, "notebooks"], ROOT).split()}


def test_lesson_00_runs_from_it_in_an_empty_folder(installed: Installed, empty: Path, tmp_path: Path):
    before = installed.files()
    env = clean_environment(tmp_path / "state", tmp_path, TUTORIAL_PATIENCE="1")
    path = f"{installed.venv / 'bin'}{os.pathsep}{env['PATH']}"
    try:
        said = run([installed.python, "-m", "tutorial_lib", "run", "00"], empty, env | {"PATH": path})
    finally:
        stop_server(tmp_path / "state")
    assert "1 of 1 notebooks ran to the end" in said
    assert installed.files() == before
    # The kernel began in the folder of whoever called, not among installed packages.
    assert f"your copies     `tutorial lab` makes them in {FOLDER}" in run(
        [installed.venv / "bin" / "tutorial", "doctor"], empty, env | {"PATH": path}
    )


def test_the_lab_opens_copies_in_an_empty_folder(installed: Installed, empty: Path, tmp_path: Path):
    before = installed.files()
    command = [str(installed.venv / "bin" / "tutorial"), "lab", "--no-browser"]
    with running_lab(empty, tmp_path / "lab", command=command) as lab:
        assert f"your work    {empty / FOLDER}\n" in lab.log.read_text()
        listed = {entry["name"] for entry in lab.api("/api/contents")["content"]}
        assert listed >= {*notebooks(), "images"}
        lesson = lab.api("/api/contents/00_start_here.ipynb")["content"]
        assert lesson["cells"][0]["source"].startswith("# ")
        assert not any(cell.get("outputs") for cell in lesson["cells"])
        with lab.kernel("00_start_here.ipynb") as kernel:
            where = {"package": "__import__('tutorial_lib').__file__", "folder": "__import__('os').getcwd()"}
            reply = kernel.execute("", user_expressions=where, reply=True, timeout=BACKSTOP)
        found = reply["content"]["user_expressions"]
        assert str(installed.package) in found["package"]["data"]["text/plain"]
        assert str(empty / FOLDER) in found["folder"]["data"]["text/plain"]
    assert installed.files() == before
    assert {path.name for path in empty.iterdir()} == {FOLDER}
