"""The checkout may be in any folder: make and CI say so, with a Python that only listens.

What a real environment makes of such a path is seen in the copy that the README's commands are tried in.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.checkout import ROOT
from tests.support.running_lab import OWN

ODD = [
    "it's here",
    'a "quoted" one',
    "#1, 100%; (a) & b",
    "ä日本",
    "$HOME $(PATH) ${PATH} $$ `pwd`",
    "[a]*?{b,c}!",
    r"back\slash \n ~",
    " = and += and -n ",
    'it\'s "all" #1 ä $x `y` (z) 100% & [f] *, \\k',
]
# A Python that makes environments with itself inside, and writes down what else it is asked for.
LISTENER = """#!/bin/sh
case "$1 $2" in
  -c*) printf '%s\\n' "$0" ;;
  "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && cp "$0" "$3/bin/oxlint" && : > "$3/pyvenv.cfg" ;;
  *) printf '%s\\n' "${PATH%%:*}" "$*" >> "$LOG" ;;
esac
"""


class Folder:
    """A folder with what make needs, and what its Python was asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log = path.parent / "log"
        self.python = path / "bin with 'quotes'" / "python3"
        self.python.parent.mkdir(parents=True)
        self.python.write_text(LISTENER)
        self.python.chmod(0o755)
        (path / "tutorial_lib").mkdir()
        (path / ".ci").mkdir()
        shutil.copy(ROOT / ".ci" / "run", path / ".ci")
        for name in ("Makefile", "pyproject.toml", "requirements.lock"):
            shutil.copy(ROOT / name, path)

    def run(
        self, *command: str, cwd: Path | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        names = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES", "PYTHON")
        own = {name: value for name, value in os.environ.items() if name not in names}
        env = own | {"LOG": str(self.log), "PYTHON": str(self.python)} | variables
        return subprocess.run(
            command,
            cwd=cwd or self.path,
            env=env,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    def asked(self) -> list[str]:
        """What Python was asked for since the last time; each with this folder's programs first in PATH."""
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        assert set(lines[0::2]) <= {str(self.path / ".venv" / "bin")}
        return lines[1::2]


@pytest.mark.parametrize("name", ODD)
def test_make_works_in_a_folder_of_any_name(name: str, tmp_path: Path):
    folder = Folder(tmp_path / name)
    made = folder.run("make", "setup")
    assert made.returncode == 0, made.stdout + made.stderr
    assert (folder.path / ".venv" / ".ready").read_text(encoding="utf-8") == str(folder.path)
    assert "-m compileall -q tutorial_lib" in folder.asked()
    # The environment is there, so nothing is done again; a make inside of make finds the same.
    checked = folder.run("make", "test", "CHECKS=lint")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert [line.split()[1] for line in folder.asked() if "-m" in line] == ["ruff", "ruff", "mypy"]


@pytest.mark.parametrize("name", ["it's #1 ä $x", "plain"])
def test_a_python3_that_is_too_old_gives_way_to_one_that_has_its_version_in_its_name(
    name: str, tmp_path: Path
):
    folder = Folder(tmp_path / name)
    newer = folder.python.rename(folder.python.with_name("python3.13"))
    for old in ("python3", "uv"):
        folder.python.with_name(old).write_text("#!/bin/sh\nexit 1\n")
        folder.python.with_name(old).chmod(0o755)
    path = f"{newer.parent}{os.pathsep}{os.environ['PATH']}"
    made = folder.run("make", "setup", PYTHON="python3", PATH=path)
    assert made.returncode == 0, made.stdout + made.stderr
    assert f"Making .venv with {newer}" in made.stdout
    assert "-m compileall -q tutorial_lib" in folder.asked()
    # The one that is asked for, and no other.
    refused = folder.run("make", "setup", PYTHON=str(folder.python.with_name("python3")), PATH=path)
    assert refused.returncode == 0, "the environment is there"
    shutil.rmtree(folder.path / ".venv")
    refused = folder.run("make", "setup", PYTHON=str(folder.python.with_name("python3")), PATH=path)
    assert refused.returncode == 2
    assert "make setup PYTHON=/path/to/python3" in refused.stderr


def test_hooks_are_those_of_the_one_environment(tmp_path: Path):
    folder = Folder(tmp_path / "it's here")
    other = folder.python.rename(folder.python.with_name("python3.13"))
    refused = folder.run("make", "hooks", PYTHON=str(other))
    assert refused.returncode == 2
    assert "they would be in .venv-python3.13: make hooks, without it" in refused.stderr
    assert not folder.asked()
    assert folder.run("make", "hooks", PYTHON=str(other.rename(folder.python))).returncode == 0
    assert "-m pre_commit install" in folder.asked()


def test_clean_leaves_nothing_that_git_ignores_but_a_learners_work_and_an_authors_texts(tmp_path: Path):
    folder = Folder(tmp_path / "it's here")
    (folder.path / "tests").mkdir()
    (folder.path / "08.py").touch()
    (folder.path / OWN / "images").mkdir(parents=True)
    (folder.path / OWN / "03_mine.ipynb").touch()
    (folder.path / ".git" / "dist").mkdir(parents=True)
    before = sorted(folder.path.rglob("*"))
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert f"/{OWN}/" in ignored
    names = [name.strip("/").replace("*", "-x") for name in ignored if name.endswith("/")]
    names.remove(OWN)
    anywhere = {"__pycache__", "-x.egg-info", ".ipynb_checkpoints", ".pytest_cache", ".ruff_cache"}
    places = [folder.path / name for name in names]
    places += [folder.path / "tests" / name for name in names if name in anywhere]
    assert len(places) == len(names) + len(anywhere)
    for place in places:
        (place / "inside").mkdir(parents=True)
    done = folder.run("make", "clean")
    assert done.returncode == 0, done.stderr
    assert sorted(folder.path.rglob("*")) == before


def test_an_environment_that_was_moved_along_with_its_folder_is_made_anew(tmp_path: Path):
    folder = Folder(tmp_path / "it's here")
    folder.run("make", "setup")
    folder.asked()
    moved = Folder.__new__(Folder)
    moved.__dict__ = {**folder.__dict__, "path": folder.path.rename(tmp_path / "it's there")}
    moved.python = moved.path / folder.python.relative_to(folder.path)
    assert moved.run("make", "setup").returncode == 0
    assert "-m compileall -q tutorial_lib" in moved.asked()


@pytest.mark.parametrize(("name", "sign"), [("a:b", "colon"), ("a\nb", "line break")])
def test_what_no_environment_can_bear_is_said_before_anything_is_done(name: str, sign: str, tmp_path: Path):
    folder = Folder(tmp_path / name)
    before = sorted(folder.path.rglob("*"))
    refused = folder.run("make", "setup")
    assert refused.returncode == 2
    assert f"No environment works in a folder with a {sign} in its path" in refused.stderr
    assert "Move or rename the folder" in refused.stderr
    assert sorted(folder.path.rglob("*")) == before
    assert folder.run("make", "help").returncode == 0


@pytest.mark.parametrize("name", ["it's #1 ä $x", "-e"])
def test_ci_works_in_a_folder_of_any_name(name: str, tmp_path: Path):
    folder = Folder(tmp_path / name)
    for program in (
        "chromium",
        "make",
    ):  # there already, so that nothing is installed; make tells where it is
        (folder.path / "bin" / program).parent.mkdir(exist_ok=True)
        (folder.path / "bin" / program).write_text('#!/bin/sh\nprintf "%s\\n" "$PWD" "$@"\n')
        (folder.path / "bin" / program).chmod(0o755)
    fonts = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
    if not fonts.exists():
        pytest.skip("it would install fonts on this machine")
    path = f"{folder.path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    # CDPATH, which many shells have, would lead `cd .ci/..` to another folder of that name.
    (tmp_path / "other" / ".ci").mkdir(parents=True)
    said = folder.run("env", f"PATH={path}", f"CDPATH={tmp_path / 'other'}", "bash", ".ci/run")
    assert said.stdout.splitlines() == [str(folder.path), "test"], said.stderr
