"""`tutorial lab`: the course's server and JupyterLab, together, until Ctrl-C."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from tutorial_lib.cli.course import Course, console, find_course, find_lesson, find_notebooks
from tutorial_lib.cli.server import DatabaseFile
from tutorial_lib.course.copies import check_copy, make_copies
from tutorial_lib.errors import TutorialError


class PortTakenError(TutorialError):
    """The port that was asked for is not free."""


def lab(
    notebook: Annotated[
        Path | None,
        typer.Argument(help="A lesson's number: 03, or a notebook in your folder. Lesson 00 by default."),
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser tab.")] = True,
    port: Annotated[
        int | None, typer.Option(help="Port of JupyterLab; 8888 or a free one by default.", min=1, max=65535)
    ] = None,
    db_filename: DatabaseFile = None,
) -> None:
    """Open your own copy of a lesson in JupyterLab, the Web UI on the right. Ctrl-C stops everything.

    Your copies, without outputs, are in my-course, or without a checkout in temporal-course. Missing ones are
    made; yours stay as they are.
    """
    course = find_course()
    path = _own_notebook(course, notebook)
    serve(course.own, course.relative(path), browser=browser, port=port, db_filename=db_filename)


def serve(
    root: Path,
    notebook: str,
    *,
    browser: bool = True,
    port: int | None = None,
    db_filename: Path | None = None,
    presenting: bool = False,
) -> None:
    """Run the server and JupyterLab until Ctrl-C.

    Args:
        root: The folder that JupyterLab shows.
        notebook: Path of the notebook to open, from there, with "/" between its parts.
        browser: Whether to open a browser tab.
        port: Port of JupyterLab; the usual one or another if None.
        db_filename: Where the server keeps its state; in memory if None.
        presenting: Whether the page opens as a deck.

    Raises:
        PortTakenError: If the port is not free.
    """
    from tutorial_lib.cli.lab_server import LabServer
    from tutorial_lib.stage.server.shared import hold_server

    _check_port(port)
    with contextlib.ExitStack() as stack:
        hold, where = None, _address_elsewhere()
        if where is None:
            database = db_filename and db_filename.resolve()
            hold = stack.enter_context(hold_server(who="tutorial lab", db_filename=database))
        server = LabServer(root, notebook, hold, port=port, browser=browser, presenting=presenting)
        server.elsewhere = where
        server.run()
        server.farewell()


def _own_notebook(course: Course, named: Path | None) -> Path:
    """The notebook to open, after the learner's copies are made: their copy, or a notebook of their own.

    A lesson that is named by its path in the checkout is opened as their copy, too: JupyterLab writes what it
    shows, and the lessons of the course stay as they are.
    """
    lesson = course.lessons[0] if named is None else find_lesson(course, named)
    opened = course.copy_of(lesson) if lesson is not None else None
    if opened is None:
        assert named is not None  # noqa: S101 - else it is a lesson
        opened = find_notebooks([named])[0]
        course.relative(opened)  # refused before anything is made
    found = make_copies(course.own, course.lessons)
    if lesson is not None:
        check_copy(opened, found)
    for note in found.notes:
        console.print(f"[yellow]•[/] {escape(note)}")
    if found.updated:
        console.print(f"[yellow]•[/] {escape(_offer([name[:2] for name in found.updated]))}")
    return opened


def _offer(numbers: list[str]) -> str:
    """What to do about lessons of which there is a newer edition."""
    if len(numbers) == 1:
        lessons, it, copy = f"Lesson {numbers[0]} has", "it", "copy"
    else:
        lessons, it, copy = f"Lessons {', '.join(numbers[:-1])} and {numbers[-1]} have", "them", "copies"
    return (
        f"{lessons} changed since your {copy} {'was' if it == 'it' else 'were'} made: "
        f"`tutorial reset {' '.join(numbers)}` takes {it}, and keeps your {copy} aside"
    )


def _address_elsewhere() -> str | None:
    """What to call the server that TEMPORAL_PROFILE or TEMPORAL_ADDRESS names, if one does."""
    if not (os.environ.get("TEMPORAL_PROFILE") or os.environ.get("TEMPORAL_ADDRESS")):
        return None  # and `temporalio` need not be imported
    from tutorial_lib.stage.target import external_target

    target = external_target()
    return f"{target.address} ({target.name})" if target else None


def _check_port(wanted: int | None) -> None:
    from tutorial_lib.stage.server.process import is_free

    if wanted is not None and not is_free(wanted):
        raise PortTakenError(
            f"port {wanted} is taken", "name another, or leave --port out to have a free one"
        )
