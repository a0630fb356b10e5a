"""A copy of this checkout to try its commands in: they install, lock, clear and refresh there, not here.

Its `.venv` is really made, with a lock of two packages. The other 150 it borrows from the environment that
runs the tests, where they were installed from the same lock.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.running_lab import OWN, TERMINAL, RunningLab, clean_environment, running_lab
from tests.support.waiting import BACKSTOP, wait_for
from tutorial_lib.course.copies import make_copies

ROOT = Path(__file__).resolve().parents[2]
PIP_LINE = (
    "python3 -m venv .venv && .venv/bin/pip install --no-deps --require-hashes -r requirements.lock"
    " && .venv/bin/pip install --no-deps -e ."
)
# Any path will do; only of a quotation mark or a dollar sign pip makes programs that do not start.
ODD = "it's #1, ä (100%) & [b]"
# Where the user's own settings and caches of pip and uv are.
_USER = {
    name: os.environ[name] for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME") if name in os.environ
}


@dataclass(frozen=True)
class Checkout:
    """A copy of the checkout, with a home and a state folder of its own.

    Attributes:
        root: The copy.
        scratch: Folder for everything else.
    """

    root: Path
    scratch: Path

    @property
    def lock(self) -> Path:
        return self.root / "requirements.lock"

    @property
    def state_dir(self) -> Path:
        """Where its server is: where it is by default."""
        return self.root / ".tutorial"

    @property
    def pip_log(self) -> Path:
        """What the README's line without make said."""
        return self.scratch / "pip.log"

    @property
    def environment(self) -> dict[str, str]:
        """As in a terminal where `.venv` is activated; the environment of the tests is not in sight."""
        env = clean_environment(self.state_dir, self.scratch / "home", BROWSER=str(self.browser))
        ours = str(Path(sys.executable).parent)
        path = [part for part in env["PATH"].split(os.pathsep) if part != ours]
        env["PATH"] = os.pathsep.join([str(self.root / ".venv/bin"), str(self.scratch / "bin"), *path])
        env["PIP_RETRIES"] = "1"
        return env

    @property
    def browser(self) -> Path:
        """A browser that only writes down what it is to open."""
        return self.scratch / "bin" / "browser"

    def opened(self) -> str:
        """What it was to open."""
        wait_for(lambda: self._opened.exists() and self._opened.read_text(), lambda: "no browser was opened")
        return self._opened.read_text()

    @property
    def _opened(self) -> Path:
        return self.scratch / "opened"

    def run(self, command: str, *, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a line as a shell does, in the copy's folder."""
        return subprocess.run(
            ["sh", "-c", command],
            cwd=self.root,
            env=self.environment | variables,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=250,
            check=False,
        )

    def good(self, command: str, *, stdin: str = "", **variables: str) -> str:
        """What a command prints that has to succeed."""
        return _output(command, self.run(command, stdin=stdin, **variables))

    def install(self, command: str, **variables: str) -> str:
        """The same for a command that asks a package index; without a network its test is skipped."""
        done = self.run(command, **_USER, **variables)
        if done.returncode and re.search("connection broken by|error sending request", done.stderr):
            pytest.skip(f"no package index answers: {command}")
        return _output(command, done)

    @contextlib.contextmanager
    def lab(self, command: str, **variables: str) -> Iterator[RunningLab]:
        """A command that opens JupyterLab, typed at a terminal."""
        self._opened.unlink(missing_ok=True)
        env = self.environment | variables
        with running_lab(
            self.root, self.scratch, through=TERMINAL, command=["sh", "-c", command], **env
        ) as lab:
            yield lab

    @property
    def own(self) -> Path:
        """The learner's folder."""
        return self.root / OWN

    def lesson(self, number: str) -> Path:
        """A lesson of the course."""
        [found] = (self.root / "notebooks").glob(f"{number}_*.ipynb")
        return found

    def lessons(self) -> dict[str, bytes]:
        """All lessons, with what is in their files."""
        return {path.name: path.read_bytes() for path in (self.root / "notebooks").glob("*.ipynb")}

    @contextlib.contextmanager
    def own_copies(self) -> Iterator[None]:
        """A learner's copies are there, as `tutorial lab` makes them, and gone afterwards."""
        make_copies(self.own, sorted((self.root / "notebooks").glob("*.ipynb")))
        try:
            yield
        finally:
            shutil.rmtree(self.own)

    @contextlib.contextmanager
    def lessons_put_back(self) -> Iterator[Path]:
        """The folder of the lessons, which is as it was afterwards."""
        folder, aside = self.root / "notebooks", self.scratch / "notebooks"
        shutil.copytree(folder, aside)
        try:
            yield folder
        finally:
            shutil.rmtree(folder)
            aside.rename(folder)

    def pins(self) -> list[str]:
        """The packages of requirements.lock, each with its marker and hashes."""
        return re.split(r"\n(?=\S)", self.lock.read_text().strip())

    @contextlib.contextmanager
    def lock_put_back(self) -> Iterator[None]:
        """Whatever happens to requirements.lock is undone, and `.venv` is taken to fit it."""
        whole = self.lock.read_bytes()
        try:
            yield
        finally:
            self.lock.write_bytes(whole)
            ready = self.root / ".venv" / ".ready"
            if ready.exists():
                ready.touch()

    @contextlib.contextmanager
    def short_lock(self, *names: str) -> Iterator[None]:
        """Only these packages are in requirements.lock, each as it is there."""
        with self.lock_put_back():
            kept = [pin for pin in self.pins() if pin.partition("==")[0] in names]
            assert len(kept) == len(names), f"requirements.lock has not all of {names}"
            self.lock.write_text("\n".join(kept) + "\n")
            yield


def borrow_packages(venv: Path) -> None:
    """Let an environment see what is installed for the tests; what it has itself comes first.

    Of this checkout it sees nothing: Python reads no `.pth` file of a folder that was added by one.
    """
    [site_packages] = venv.glob("lib/python3*/site-packages")
    (site_packages / "borrowed.pth").write_text(path_line(sysconfig.get_path("purelib")))
    for program in Path(sysconfig.get_path("scripts")).iterdir():
        own = venv / "bin" / program.name
        if not own.exists() and os.access(program, os.X_OK) and not _is_script(program):
            own.symlink_to(program)  # temporal, ruff, uv
    for shared in ("share", "etc"):  # JupyterLab's pages and settings
        if not (venv / shared).exists():
            (venv / shared).symlink_to(Path(sys.prefix) / shared)


def path_line(*folders: str | Path) -> str:
    """The line of a `.pth` file that adds folders, in ASCII: Python reads it in the terminal's encoding."""
    return f"import sys; sys.path.extend({[str(folder) for folder in folders]!a})\n"


def copy_checkout(scratch: Path) -> Checkout:
    """Copy what git has or would take, uncommitted changes included."""
    checkout = Checkout(scratch / ODD, scratch)
    git = ["git", "-c", f"safe.directory={ROOT}"]  # CI's files may belong to another user
    command = [*git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=BACKSTOP
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():  # not deleted since the last commit
            target = checkout.root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    with contextlib.suppress(OSError):  # only there to save time
        shutil.copytree(ROOT / ".mypy_cache", checkout.root / ".mypy_cache")
    (scratch / "home").mkdir()
    (scratch / "bin").mkdir()
    # The Python of this version that belongs to no environment.
    python = sys._base_executable  # type: ignore[attr-defined]
    _write_script(scratch / "bin" / "python3", f'exec {shlex.quote(python)} "$@"')
    _write_script(checkout.browser, f"printf '%s' \"$1\" > {shlex.quote(str(checkout._opened))}")
    return checkout


def make_environment(checkout: Checkout) -> None:
    """Run the README's line without make, then `make setup`, both with a short lock; borrow the rest."""
    with checkout.short_lock("colorama", "editables"):  # one for Windows alone, one for all
        checkout.pip_log.write_text(checkout.install(PIP_LINE))
    borrow_packages(checkout.root / ".venv")
    with checkout.short_lock("editables", "uv"):
        # From a terminal that knows ASCII alone, after pip noted this path, which has more, in a file.
        checkout.install("make setup", LC_ALL="C")


def _output(command: str, done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, f"{command}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def _write_script(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def _is_script(program: Path) -> bool:
    """Whether it belongs to the Python that its first line names."""
    with program.open("rb") as file:
        return file.read(2) == b"#!"
