"""`tutorial present`, `runsheet` and `rehearse`: a lesson in class, on paper, and tried before."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from tutorial_lib.cli.course import (
    Force,
    NotebookNotFoundError,
    console,
    find_course,
    find_lesson,
    find_notebooks,
    shorten,
)
from tutorial_lib.cli.lab import serve

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from tutorial_lib.presenting.sheet import PresentedScene

Lesson = Annotated[Path, typer.Argument(help="A lesson's number: 03, or a notebook.")]

_KEYS = """\
  Space, PageDown     run the cell, and stay; once more: on      Shift+Space, PageUp    back
  Ctrl+Right, +Left   next scene, the one before                 = and -                larger, smaller
  Ctrl+Alt+P          the deck on or off                         Ctrl+Shift+C           all commands: "Course"
"""


def present(
    notebook: Lesson,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser tab.")] = True,
    port: Annotated[
        int | None, typer.Option(help="Port of JupyterLab; 8888 or a free one by default.", min=1, max=65535)
    ] = None,
) -> None:
    """Present a lesson: scenes as slides with live cells, the Web UI beside, notes in a second window.

    What is presented is a copy, without outputs: the lesson and your own copy stay as they are.
    """
    from tutorial_lib.disk.state import state_folder
    from tutorial_lib.presenting.copy import presented_copy

    course = find_course()
    source = find_lesson(course, notebook) if notebook.parent == Path() else None
    source = source or find_notebooks([notebook])[0]
    copy, kept = presented_copy(source, course.lessons, state_folder())
    if kept is not None:
        console.print(f"[yellow]•[/] what was changed in the last presentation is kept: {escape(str(kept))}")
    console.print(escape(_KEYS))
    serve(copy.parent, copy.name, browser=browser, port=port, presenting=True)


def runsheet(
    notebook: Lesson,
    page: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write it as a page to print.")
    ] = None,
    lab: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where learners' JupyterLab answers, for links to scenes.")
    ] = "http://127.0.0.1:8888",
    force: Force = False,
) -> None:
    """Show what an instructor does in each scene: minutes, words, questions, where classes get stuck."""
    from tutorial_lib.disk.output import write_sealed
    from tutorial_lib.jupyter import scene_address
    from tutorial_lib.presenting.runsheet import as_page, as_table, behind
    from tutorial_lib.presenting.sheet import promised_minutes

    path, read, scenes = _read(notebook)
    promised = promised_minutes(read)
    address_of = functools.partial(scene_address, lab, path.name)
    if page is None:
        console.print(as_table(scenes, promised))
        console.print(Text(behind(scenes, address_of)), soft_wrap=True)
        return
    write_sealed(page, as_page(scenes, promised, address_of), force=force, inputs=[path])
    console.print(f"the run sheet of {escape(path.name)}: {escape(shorten(page.resolve()))}")


def rehearse(notebook: Lesson) -> None:
    """Run a lesson headless, scene by scene, and show where the machine's time eats the scene's minutes.

    Exit code 1 if a cell failed.
    """
    from tutorial_lib.presenting.rehearsal import rehearse as run

    path, _, _ = _read(notebook)
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task(escape(path.name), total=None)
        done = run(path, lambda cell, total: progress.update(task, completed=cell, total=total))
    table = Table(title=Text(path.name), title_justify="left")
    for name in ("min", "machine", "scene", ""):
        table.add_column(name, justify="right" if name in {"min", "machine"} else "left")
    for each in done.scenes:
        minutes = "-" if each.scene.minutes is None else f"{each.scene.minutes:g}"
        told = "the machine takes more than a quarter of it" if each.eats else ""
        table.add_row(minutes, f"{each.seconds:.1f} s", Text(f"{each.scene.number} {each.scene.title}"), told)
    console.print(table)
    if done.error is not None:
        console.print(f"[bold red]✗[/] cell {done.error.cell} failed: {escape(done.error.message)}")
        raise typer.Exit(1)


def _read(named: Path) -> tuple[Path, NotebookNode, list[PresentedScene]]:
    """The notebook that is meant, its cells, and its scenes: the lesson as it is, not a learner's copy."""
    from tutorial_lib.authoring import committed_form
    from tutorial_lib.presenting.sheet import run_sheet

    lesson = find_lesson(find_course(), named) if named.parent == Path() else None
    path = lesson or find_notebooks([named])[0]
    read = committed_form.read(path)
    scenes = run_sheet(read)
    if not scenes:
        raise NotebookNotFoundError(
            f"{path.name} has no headings: there are no scenes in it",
            "begin each scene with a cell whose first line is a heading: ## Title",
        )
    return path, read, scenes
