"""`tutorial reset`: back to a clean course, listing exactly what is removed."""

from __future__ import annotations

import contextlib
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from tutorial_lib.cli.course import Course, console, errors, find_course, shorten
from tutorial_lib.course.notebooks import notebooks
from tutorial_lib.disk.folders import MARK, marked, remove
from tutorial_lib.disk.state import state_folder
from tutorial_lib.errors import NotebookFileError, TutorialError

if TYPE_CHECKING:
    from tutorial_lib.stage.cli import CliResult
    from tutorial_lib.stage.server.shared import ServerInfo

# All that goes is listed, here and in the course's list of notebooks: a file in none of these is a learner's.
_STATE_FILES = ("jupyterlab.log", "progress.json")
_PROGRESS_FILES = ("*.json", "*.lock", "*.broken-*", ".progress-*")


class RestoreError(TutorialError):
    """The lessons cannot be taken back to their committed state."""


class ResetError(TutorialError):
    """Something could not be removed."""


@dataclass
class Plan:
    """What a reset would remove.

    Attributes:
        outputs: Lessons whose outputs are cleared.
        restored: Lessons that are taken back to their committed state: a learner's own cells go.
        files: Files that are removed.
        folders: Folders of the course that are removed, with all that is in them.
        namespaces: Namespaces of the running server that are deleted, with all their workflow executions.
    """

    outputs: list[Path] = field(default_factory=list)
    restored: list[Path] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    namespaces: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """One line a thing, as it is shown before and done after."""
        return [
            *(
                f"restore   {shorten(path)} as committed; changes to its cells are lost"
                for path in self.restored
            ),
            *(f"clear     outputs of {shorten(path)}" for path in self.outputs),
            *(f"remove    {shorten(path)}" for path in [*self.files, *self.folders]),
            *(f"delete    namespace {name} with its workflow executions" for name in self.namespaces),
        ]


def reset(
    notebooks: Annotated[
        bool,
        typer.Option("--notebooks", help="Also take the lessons back to their committed state (needs git)."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Clear outputs, the lessons' namespaces and your progress. Lists what is removed, and asks, first."""
    from tutorial_lib.stage.server.shared import find_server

    course = find_course()
    info = find_server()
    plan = _plan(course, info, restore=notebooks)
    if not plan.lines():
        console.print("Nothing to reset: the course is clean.")
        return
    for line in plan.lines():
        console.print(f"  {escape(line)}")
    if not yes:
        typer.confirm("Do this?", abort=True)
    _carry_out(plan, course, info)
    console.print("Done.")


def _plan(course: Course, server: ServerInfo | None, *, restore: bool) -> Plan:
    plan = Plan()
    if restore:
        plan.restored = _changed(course)
    plan.outputs = [path for path in _lessons(course) if not restore and _has_outputs(path)]
    checkpoints = course.root / "notebooks" / ".ipynb_checkpoints"
    copies = [checkpoints / f"{Path(name).stem}-checkpoint.ipynb" for name in notebooks()]
    state = state_folder()
    progress = [path for pattern in _PROGRESS_FILES for path in (state / "progress").glob(pattern)]
    files = [*copies, *(state / name for name in _STATE_FILES), *sorted(progress)]
    # Nothing behind a link: what it leads to is not the course's.
    plan.files = [path for path in files if path.is_file() and not path.parent.is_symlink()]
    labs = [] if (state / "labs").is_symlink() else sorted((state / "labs").glob("*"))
    plan.folders = [path for path in [state / "jupyter", *labs] if marked(path)]
    if server is not None:
        plan.namespaces = _lesson_namespaces(server)
    return plan


def _carry_out(plan: Plan, course: Course, server: ServerInfo | None) -> None:
    if plan.restored:
        _git(
            course, "checkout", "HEAD", "--", *(str(path.relative_to(course.root)) for path in plan.restored)
        )
    for path in plan.outputs:
        _clear_outputs(path)
    for path in plan.files:
        path.unlink(missing_ok=True)
    for path in plan.folders:
        remove(path)
    for path in {path.parent for path in [*plan.files, *plan.folders]}:
        if path != state_folder() and all(left.name == MARK for left in path.iterdir()):
            _remove_empty(path)
    if server is not None:
        for name in plan.namespaces:
            _delete_namespace(server, name)


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):  # something has come into it
        (folder / MARK).unlink(missing_ok=True)
        folder.rmdir()


# ---- notebooks -------------------------------------------------------------------------------------


def _lessons(course: Course) -> list[Path]:
    """The course's own lessons; a notebook that a learner put beside them is not one."""
    paths = [course.root / "notebooks" / name for name in notebooks()]
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def _has_outputs(path: Path) -> bool:
    from tutorial_lib.authoring import committed_form

    try:
        return any(
            cell.outputs or cell.execution_count
            for cell in committed_form.code_cells(committed_form.read(path))
        )
    except NotebookFileError as error:
        errors.print(f"[yellow]•[/] left alone: {escape(error.seen)}")
        return False


def _clear_outputs(path: Path) -> None:
    from tutorial_lib.authoring import committed_form

    notebook = committed_form.read(path)
    for cell in committed_form.code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
    committed_form.write(notebook, path)


def _changed(course: Course) -> list[Path]:
    """The course's lessons that differ from the last commit, deleted ones among them."""
    ours = notebooks()
    names = _git(course, "diff", "--name-only", "--relative", "-z", "HEAD", "--", "notebooks").split("\0")
    return [course.root / name for name in names if Path(name).name in ours]


def _git(course: Course, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=course.root, capture_output=True, text=True, check=True, timeout=60
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        raise RestoreError(
            f"git cannot restore the lessons in {course.root}: {said[-1] if said else error}",
            "without --notebooks the outputs alone are cleared; for fresh lessons, download the course again",
        ) from error
    return done.stdout


# ---- namespaces ------------------------------------------------------------------------------------
# Through the server's own CLI: it answers before the SDK is imported.


def _lesson_namespaces(server: ServerInfo) -> list[str]:
    from tutorial_lib.stage.namespaces import is_courses
    from tutorial_lib.stage.server.flags import NAMESPACE_DESCRIPTION

    described = [entry["namespaceInfo"] for entry in _operator(server, "list", "-o", "json").json]
    registered = [info for info in described if info["state"] == "NAMESPACE_STATE_REGISTERED"]
    made = [info["name"] for info in registered if info.get("description") == NAMESPACE_DESCRIPTION]
    return sorted(filter(is_courses, made))


def _delete_namespace(server: ServerInfo, name: str) -> None:
    said = _operator(server, "delete", "--namespace", name, "--yes")
    if not said.ok:
        raise ResetError(
            f"namespace {name} is still there:\n{said}", "`tutorial server stop` ends all of them"
        )


def _operator(server: ServerInfo, *arguments: str) -> CliResult:
    from tutorial_lib.stage.cli import run_cli

    # A profile may point elsewhere; this is about the course's own server.
    own = ["--address", server.address, "--disable-config-file", "--disable-config-env"]
    command = ["operator", "namespace", *arguments, *own]
    return run_cli(server.binary.path, command, address=server.address, namespace="default")
