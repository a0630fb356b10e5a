"""`tutorial doctor`: what the course needs, one line a need, and how to get what is missing."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape

from tutorial_lib import settings
from tutorial_lib.cli.course import Course, console, find_course, shorten
from tutorial_lib.cli.loaded import FreshPythonError, load_packages, moved_names
from tutorial_lib.errors import FolderError, TutorialError

_PROJECT = "temporal-tutorial"
_MARK = ".ready"  # of make, in an environment that it has made
_OLDEST_PYTHON = (3, 11)
_LITTLE_DISK = 500  # MB: below it a warning
_NO_DISK = 100  # MB: logs, a database file and notebooks' outputs do not fit for sure
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

_MARKS = {"ok": "[green]✓ ok     [/]", "note": "[yellow]• note   [/]", "missing": "[bold red]✗ missing[/]"}


@dataclass(frozen=True)
class Need:
    """One need of the course, looked at.

    Attributes:
        name: What is needed.
        state: "missing" keeps the course from running; "note" does not.
        found: What was seen.
        fix: What to do, where something is to be done.
    """

    name: str
    state: Literal["ok", "note", "missing"]
    found: str
    fix: str = ""


def doctor(
    download: Annotated[
        bool,
        typer.Option(
            "--download",
            help="Fetch the `temporal` program through the SDK first (where no wheel has it: Windows).",
        ),
    ] = False,
) -> None:
    """Check what the course needs, one line each with its fix. Exit code 1 if something is missing."""
    if download:
        _download()
    missing = 0
    for check in CHECKS:
        for need in _looked_at(check):
            missing += need.state == "missing"
            console.print(f"{_MARKS[need.state]}  [bold]{need.name:<15}[/] {escape(need.found)}")
            if need.fix:
                console.print(f"{'':25} [bold]→[/] {escape(need.fix)}")
    console.print("\nSomething is missing." if missing else "\nAll that the course needs is here.")
    raise typer.Exit(1 if missing else 0)


def _looked_at(check: Callable[[], Iterator[Need]]) -> Iterator[Need]:
    """The needs that a check found; a package that cannot be imported is one of them."""
    try:
        yield from check()
    except ImportError as error:
        name = check.__name__.removeprefix("check_")
        yield Need(name, "missing", f"cannot be looked at: {error}", "see what is said of packages")


def check_python() -> Iterator[Need]:
    """The interpreter."""
    found = f"{platform.python_version()}, {sys.executable}"
    if sys.version_info >= _OLDEST_PYTHON:
        yield Need("Python", "ok", found)
    else:
        yield Need(
            "Python", "missing", found, "install Python 3.11 or newer, and make the environment with it"
        )


def check_packages() -> Iterator[Need]:
    """The packages that pyproject.toml asks for: what a kernel loads, which need not be what is installed."""
    from packaging.requirements import Requirement

    try:
        lines = importlib.metadata.requires(_PROJECT) or []
    except importlib.metadata.PackageNotFoundError:
        yield Need("packages", "missing", f"{_PROJECT} is not installed here", _again())
        return
    wanted = [need for need in map(Requirement, lines) if need.marker is None or need.marker.evaluate()]
    folder = _notebooks()
    try:
        loaded = load_packages([*(need.name for need in wanted), "tutorial-lib"], folder)
    except FreshPythonError as error:
        paths = f" (PYTHONPATH is {os.environ['PYTHONPATH']})" if os.environ.get("PYTHONPATH") else ""
        yield Need("packages", "missing", f"a fresh Python does not start{paths}: {error}", _again())
        return
    wrong: list[str] = []
    fixes: dict[str, None] = {}
    for need in wanted:
        package = loaded[need.name]
        if package.error:
            told = f"{need.name} cannot be imported, {package.error}"
        elif package.version is None:
            told = f"{need.name} is not installed"
        elif not need.specifier.contains(package.version, prereleases=True):
            told = f"{need.name} is {package.version}, not {need.specifier}"
        else:
            continue
        intruder = package.intruder()
        wrong.append(f"{told}: {package.file}; {intruder[0]}" if intruder else told)
        fixes[intruder[1] if intruder else _again(whole=bool(package.error))] = None
    ours = loaded["tutorial-lib"]
    if ours.file is None or not Path(ours.file).samefile(settings.PACKAGE / "__init__.py"):
        wrong.append(f"notebooks load another tutorial_lib: {ours.file}")
        fixes[intruder[1] if (intruder := ours.intruder()) else _again()] = None
    if wrong:
        yield Need("packages", "missing", "; ".join(wrong), "; ".join(fixes))
    else:
        sdk = loaded["temporalio"].version
        yield Need("packages", "ok", f"all {len(wanted)}, temporalio {sdk} among them")


def check_private_names() -> Iterator[Need]:
    """What cells and recordings look at in the SDK beyond its public API, in what a kernel loads."""
    name = "temporalio (private names)"
    try:
        moved = moved_names(_notebooks())
    except FreshPythonError:
        return  # said of packages
    except ImportError as error:
        yield Need(name, "missing", f"cannot be looked at: {error}", "see what is said of packages")
        return
    if not moved:
        yield Need(name, "ok", "all that cells and recordings look at is there")
        return
    wanted = next(
        (line for line in importlib.metadata.requires(_PROJECT) or [] if line.startswith("temporalio")),
        "temporalio",
    )
    yield Need(
        name,
        "missing",
        f"moved in this version: {', '.join(moved)}",
        f"cells and recordings need the version that the course asks for, {wanted} ({_again()})",
    )


def _again(*, whole: bool = False) -> str:
    """How to install again what the course needs.

    To make, an environment is up to date as long as it has the mark that make wrote, whatever pip did since.

    Args:
        whole: Make the environment anew: a package's files are damaged, which no installer sees.
    """
    place = Path(sys.prefix)
    mark = place / _MARK
    if not (settings.CHECKOUT / "pyproject.toml").exists():
        return f"pip install --force-reinstall {_PROJECT}, from where you had it"
    if not mark.exists():
        return "make setup, or: pip install -e ."
    python = place.name.removeprefix(".venv").removeprefix("-")
    remove = f"rm -rf {shlex.quote(shorten(place))}" if whole else f"rm {shlex.quote(shorten(mark))}"
    return f"{remove}; make setup{f' PYTHON={python}' if python else ''}"


def _notebooks() -> Path:
    """The folder in which kernels start."""
    try:
        course = find_course()
        return course.own if course.own.is_dir() else course.root / "notebooks"
    except TutorialError:  # said of the lessons
        return Path()


def check_binary() -> Iterator[Need]:
    """The `temporal` program: which, which version, where from."""
    from tutorial_lib.stage.server.binary import find_binary

    try:
        binary = find_binary()
        yield Need("temporal", "ok", f"{binary.version()}, {binary.path}, from {binary.source}")
    except TutorialError as error:
        yield Need("temporal", "missing", error.seen, error.hint)


def check_start() -> Iterator[Need]:
    """Whether the program really starts as a server, in these surroundings."""
    from tutorial_lib.stage.server.binary import find_binary
    from tutorial_lib.stage.server.flags import server_arguments
    from tutorial_lib.stage.server.process import ServerProcess

    try:
        program = find_binary()
    except TutorialError:
        return  # told already
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        command = [str(program.path), *server_arguments(public_path="/temporal-ui")]
        server = ServerProcess(command, Path(folder) / "server.log", (0, 0))
        try:
            starts = server.start()
        except OSError as error:
            yield Need("dev server", "missing", f"it does not start: {error}", f"does {program.path} run?")
            return
        finally:
            server.stop()
        if starts:
            yield Need("dev server", "ok", "starts, and answers")
            return
        said = server.log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["nothing"]
    # An error of `temporal` tells the whole way to its cause, which comes last.
    cause = said[-1].rpartition("): ")[2] or said[-1]
    yield Need("dev server", "missing", f"it does not start: {cause[-300:]}", "see that line, or ask with it")


def check_ports() -> Iterator[Need]:
    """The two ports that Temporal's documentation names; others do as well."""
    from tutorial_lib.stage.server.process import is_free
    from tutorial_lib.stage.server.shared import find_server

    try:
        info = find_server()
    except FolderError:  # told of in a line of its own
        info = None
    ours = {info.grpc_port, info.ui_port} if info else set()
    for port, use in ((7233, "gRPC"), (8233, "Web UI")):
        name = f"port {port}"
        if port in ours:
            yield Need(name, "ok", f"the course's server has it ({use})")
        elif is_free(port):
            yield Need(name, "ok", f"free ({use})")
        else:
            yield Need(
                name,
                "note",
                f"taken by {_holder(port)}; the course's server takes another for {use}",
                f"what names localhost:{port} reaches that program; end it to have the course's there",
            )


def check_places() -> Iterator[Need]:
    """Lessons, a folder that can be written, and disk."""
    from tutorial_lib.disk.state import state_folder
    from tutorial_lib.jupyter import is_writable

    try:
        course = find_course()
        yield Need("lessons", "ok", f"{len(course.lessons)} in {shorten(course.root / 'notebooks')}")
        yield _check_copies(course)
    except TutorialError as error:
        yield Need("lessons", "missing", error.seen, error.hint)
    try:
        state = state_folder()
    except FolderError as error:
        yield Need("state folder", "missing", error.seen, error.hint)
        return
    if not is_writable(state):
        yield Need(
            "state folder", "missing", f"{state} cannot be written", "set TUTORIAL_STATE_DIR to a folder"
        )
        return
    yield Need("state folder", "ok", f"{state}, yours alone")
    free = shutil.disk_usage(state).free // 1_000_000
    if free < _NO_DISK:
        yield Need("disk", "missing", f"{free} MB free", f"free at least {_LITTLE_DISK} MB")
    elif free < _LITTLE_DISK:
        yield Need("disk", "note", f"{free} MB free", f"{_LITTLE_DISK} MB are comfortable")
    else:
        yield Need("disk", "ok", f"{free / 1000:.1f} GB free")


def _check_copies(course: Course) -> Need:
    """The learner's folder: what is in it, and whether JupyterLab can save there."""
    from tutorial_lib.jupyter import is_writable

    name, own = "your copies", course.own
    if not os.path.lexists(own):
        return Need(name, "ok", f"`tutorial lab` makes them in {shorten(own)}")
    count = sum(course.copy_of(lesson).is_file() for lesson in course.lessons)
    if own.is_symlink() or not own.is_dir():
        kind = "a link" if own.is_symlink() else "no folder"
        return Need(name, "missing", f"{shorten(own)} is {kind}", "move it away; `tutorial lab` makes one")
    if not is_writable(own):
        return Need(name, "missing", f"{shorten(own)} cannot be written", f"chmod u+rwx {own}")
    return Need(name, "ok", f"{count} in {shorten(own)}")


def check_browser() -> Iterator[Need]:
    """What only the browser tests need."""
    name = "browser tests"
    path = find_browser()
    if path is None:
        yield Need(name, "note", "no Chromium (learners do not need it)", "apt install chromium")
    elif importlib.util.find_spec("playwright") is None:
        yield Need(name, "note", f"{path}, but no playwright (learners do not need it)", _again())
    else:
        yield Need(name, "ok", f"{path}, playwright {importlib.metadata.version('playwright')}")


CHECKS: tuple[Callable[[], Iterator[Need]], ...] = (
    check_python,
    check_packages,
    check_private_names,
    check_binary,
    check_start,
    check_ports,
    check_places,
    check_browser,
)


def find_browser() -> Path | None:
    """The Chromium that browser tests drive, from PATH."""
    return next((Path(path) for name in _BROWSERS if (path := shutil.which(name))), None)


def _holder(port: int) -> str:
    """Who listens on a port, as far as this user may know."""
    import psutil

    try:
        for connection in psutil.net_connections(kind="tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr
            if listens and listens.port == port and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    except psutil.Error:  # macOS shows other users' connections to the super-user only
        pass
    return "another program"


def _download() -> None:
    from tutorial_lib.disk.state import state_folder
    from tutorial_lib.stage.server.binary import download_binary

    binary = download_binary(state_folder() / "bin")
    console.print(f"Downloaded {escape(str(binary.path))}")
    if sys.platform != "win32":
        console.print("To have the course use it: set TEMPORAL_CLI to this path.")
