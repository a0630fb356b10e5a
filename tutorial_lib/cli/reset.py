"""`tutorial reset`: back to a clean course, saying exactly what goes."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from tutorial_lib.cli.course import Course, console, find_course, shorten
from tutorial_lib.errors import TutorialError

if TYPE_CHECKING:
    from tutorial_lib.stage.commands import CliResult
    from tutorial_lib.stage.shared import ServerInfo

# What a running server needs in the state folder; the rest of it is a learner's progress and settings.
_SERVER_FILES = {"server.json", "server.log", "keeper.log", "keeper.lock", "bin"}
_COURSE_PREFIXES = ("lesson-", "exercises")


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
        folders: Files and folders that are removed.
        namespaces: Namespaces of the running server that are deleted, with all their workflow executions.
    """

    outputs: list[Path] = field(default_factory=list)
    restored: list[Path] = field(default_factory=list)
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
            *(f"remove    {shorten(path)}" for path in self.folders),
            *(f"delete    namespace {name} with its workflow executions" for name in self.namespaces),
        ]


def reset(
    notebooks: Annotated[
        bool,
        typer.Option("--notebooks", help="Also take the lessons back to their committed state (needs git)."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Clear outputs, the lessons' namespaces and your progress. Says what goes, and asks, first."""
    from tutorial_lib.stage.shared import find_server

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
    from tutorial_lib.stage.shared import default_state_dir

    plan = Plan()
    if restore:
        plan.restored = _changed(course)
    plan.outputs = [path for path in course.lessons if not restore and _has_outputs(path)]
    checkpoints = course.root / "notebooks" / ".ipynb_checkpoints"
    state = default_state_dir()
    found = sorted(
        path for path in state.glob("*") if path.name not in _SERVER_FILES and path.suffix != ".db"
    )
    plan.folders = [*([checkpoints] if checkpoints.exists() else []), *found]
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
    for path in plan.folders:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    if server is not None:
        for name in plan.namespaces:
            _delete_namespace(server, name)


# ---- notebooks -------------------------------------------------------------------------------------


def _has_outputs(path: Path) -> bool:
    from tutorial_lib.notebooks import normal

    return any(cell.outputs or cell.execution_count for cell in normal.code_cells(normal.read(path)))


def _clear_outputs(path: Path) -> None:
    from tutorial_lib.notebooks import normal

    notebook = normal.read(path)
    for cell in normal.code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
    normal.write(notebook, path)


def _changed(course: Course) -> list[Path]:
    """Lessons that differ from the last commit, deleted ones among them."""
    names = _git(course, "diff", "--name-only", "--relative", "-z", "HEAD", "--", "notebooks").split("\0")
    return [course.root / name for name in names if name.endswith(".ipynb")]


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
    described = [entry["namespaceInfo"] for entry in _operator(server, "list", "-o", "json").json]
    registered = [info["name"] for info in described if info["state"] == "NAMESPACE_STATE_REGISTERED"]
    return sorted(name for name in registered if name.startswith(_COURSE_PREFIXES))


def _delete_namespace(server: ServerInfo, name: str) -> None:
    said = _operator(server, "delete", "--namespace", name, "--yes")
    if not said.ok:
        raise ResetError(
            f"namespace {name} is still there:\n{said}", "`tutorial server stop` ends all of them"
        )


def _operator(server: ServerInfo, *arguments: str) -> CliResult:
    from tutorial_lib.stage.commands import run_cli

    # A profile may point elsewhere; this is about the course's own server.
    own = ["--address", server.address, "--disable-config-file", "--disable-config-env"]
    command = ["operator", "namespace", *arguments, *own]
    return run_cli(server.binary.path, command, address=server.address, namespace="default")
