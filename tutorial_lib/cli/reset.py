"""`tutorial reset`: fresh copies of lessons, or a clean course; what is done is listed first.

The lessons themselves, in a checkout or in the wheel, are never written: this is about a learner's copies.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from tutorial_lib.cli.course import (
    Course,
    NotebookNotFoundError,
    console,
    errors,
    find_course,
    find_lesson,
    shorten,
)
from tutorial_lib.course.copies import aside_name, copy_bytes, renew
from tutorial_lib.disk.folders import marked, remove, remove_empty
from tutorial_lib.disk.state import state_folder
from tutorial_lib.errors import NotebookFileError, TutorialError

if TYPE_CHECKING:
    from tutorial_lib.stage.cli import CliResult
    from tutorial_lib.stage.server.shared import ServerInfo

# All that goes is listed, here and among the lessons: a file that is neither is a learner's.
_STATE_FILES = ("jupyterlab.log", "progress.json")
_PROGRESS_FILES = ("*.json", "*.lock", "*.broken-*", ".progress-*")


class ResetError(TutorialError):
    """Something could not be removed."""


@dataclass(frozen=True)
class Fresh:
    """A fresh copy of a lesson that is to be made.

    Attributes:
        lesson: The lesson.
        copy: Where the copy is made.
        kept: What the old copy is called from then on; None if there is none.
    """

    lesson: Path
    copy: Path
    kept: Path | None

    def __str__(self) -> str:
        if self.kept is None:
            return f"make      {shorten(self.copy)}"
        return f"renew     {shorten(self.copy)}; your copy is kept as {self.kept.name}"


@dataclass
class Plan:
    """What a reset would do.

    Attributes:
        fresh: Fresh copies of lessons.
        outputs: A learner's copies whose outputs are cleared.
        files: Files that are removed.
        folders: Folders of the course that are removed, with all that is in them.
        namespaces: Namespaces of the running server that are deleted, with all their workflow executions.
    """

    fresh: list[Fresh] = field(default_factory=list)
    outputs: list[Path] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    namespaces: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """One line a thing, as it is shown before and done after."""
        return [
            *map(str, self.fresh),
            *(f"clear     outputs of {shorten(path)}" for path in self.outputs),
            *(f"remove    {shorten(path)}" for path in [*self.files, *self.folders]),
            *(f"delete    namespace {name} with its workflow executions" for name in self.namespaces),
        ]


def reset(
    lessons: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="NN...", help="Lessons of which you want a fresh copy, and nothing else: 03 05."
        ),
    ] = None,
    notebooks: Annotated[
        bool,
        typer.Option("--notebooks", help="Besides, a fresh copy of every lesson; yours are kept aside."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Take lessons anew: `tutorial reset 03`. Your old copy is kept beside the fresh one.

    Without a lesson, clear the outputs of your copies, the lessons' namespaces and your progress. Lists what
    is done, and asks, first.
    """
    from tutorial_lib.stage.server.shared import held_server

    course = find_course()
    if lessons:
        plan = Plan(fresh=_fresh(course, [_lesson(course, name) for name in lessons]))
        _reset(plan, course, None, "your copy is as the lesson is", yes=yes)
        return
    with held_server("tutorial reset") as server:  # it would end while somebody thinks about the question
        plan = _plan(course, server, fresh=notebooks)
        _reset(plan, course, server, "the course is clean", yes=yes)


def _reset(plan: Plan, course: Course, server: ServerInfo | None, clean: str, *, yes: bool) -> None:
    if not plan.lines():
        console.print(f"Nothing to reset: {clean}.")
        return
    for line in plan.lines():
        console.print(f"  {escape(line)}")
    if not yes:
        typer.confirm("Do this?", abort=True)
    _carry_out(plan, course, server)
    console.print("Done.")
    if plan.fresh:
        console.print("Where one is open in JupyterLab: File > Reload Notebook from Disk.")


def _lesson(course: Course, name: Path) -> Path:
    """The lesson that was named.

    Raises:
        NotebookNotFoundError: If it is none.
    """
    if (lesson := find_lesson(course, name)) is not None:
        return lesson
    known = ", ".join(each.stem for each in course.lessons)
    raise NotebookNotFoundError(f"{str(name)!r} is no lesson of the course", f"the lessons are: {known}")


def _fresh(course: Course, lessons: list[Path]) -> list[Fresh]:
    """Those lessons whose copy is not as it would be made now."""
    found = []
    for lesson in dict.fromkeys(lessons):
        copy, kept = course.copy_of(lesson), None
        if os.path.lexists(copy):
            with contextlib.suppress(OSError):
                if not copy.is_symlink() and copy.read_bytes() == copy_bytes(lesson)[0]:
                    continue
            kept = aside_name(copy)
        found.append(Fresh(lesson, copy, kept))
    return found


def _plan(course: Course, server: ServerInfo | None, *, fresh: bool) -> Plan:
    plan = Plan()
    copies = [course.copy_of(lesson) for lesson in course.lessons]
    if fresh:
        plan.fresh = _fresh(course, list(course.lessons))
    else:
        files = [copy for copy in copies if copy.is_file() and not copy.is_symlink()]
        plan.outputs = [] if course.own.is_symlink() else [copy for copy in files if _has_outputs(copy)]
    checkpoints = course.own / ".ipynb_checkpoints"
    saved = [checkpoints / f"{lesson.stem}-checkpoint.ipynb" for lesson in course.lessons]
    state = state_folder()
    progress = [path for pattern in _PROGRESS_FILES for path in (state / "progress").glob(pattern)]
    files = [*saved, *(state / name for name in _STATE_FILES), *sorted(progress)]
    # Nothing behind a link: what it leads to is not the course's.
    plan.files = [path for path in files if path.is_file() and not path.parent.is_symlink()]
    labs = [] if (state / "labs").is_symlink() else sorted((state / "labs").glob("*"))
    plan.folders = [path for path in [state / "jupyter", *labs] if marked(path)]
    if server is not None:
        plan.namespaces = _lesson_namespaces(server)
    return plan


def _carry_out(plan: Plan, course: Course, server: ServerInfo | None) -> None:
    for each in plan.fresh:
        renew(course.own, each.lesson, each.kept)
    for path in plan.outputs:
        _clear_outputs(path)
    for path in plan.files:
        path.unlink(missing_ok=True)
    for path in plan.folders:
        remove(path)
    for path in {path.parent for path in [*plan.files, *plan.folders]}:
        if path != state_folder():
            remove_empty(path)
    if server is not None:
        for name in plan.namespaces:
            _delete_namespace(server, name)


# ---- outputs ----------------------------------------------------------------------------------------


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


# ---- namespaces ------------------------------------------------------------------------------------
# Through the server's own CLI: it answers before the SDK is imported.


def _lesson_namespaces(server: ServerInfo) -> list[str]:
    from tutorial_lib.stage.namespaces import is_courses
    from tutorial_lib.stage.server.flags import NAMESPACE_DESCRIPTION

    listed = _operator(server, "list", "-o", "json")
    if not listed.ok:
        raise ResetError(
            f"the lessons' namespaces cannot be listed:\n{listed}", "`tutorial server stop` ends all of them"
        )
    described = [entry["namespaceInfo"] for entry in listed.json]
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
