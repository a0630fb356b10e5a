"""`tutorial lab`: the course's server and JupyterLab, together, until Ctrl-C."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Annotated

import typer

from tutorial_lib.cli.course import find_course, find_notebooks
from tutorial_lib.cli.server import DatabaseFile
from tutorial_lib.errors import TutorialError


class PortTakenError(TutorialError):
    """The port that was asked for is not free."""


def lab(
    notebook: Annotated[
        Path | None,
        typer.Argument(help="What to open: a notebook, or a lesson's number: 03. Lesson 00 by default."),
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser tab.")] = True,
    port: Annotated[
        int | None, typer.Option(help="Port of JupyterLab; 8888 or a free one by default.", min=1, max=65535)
    ] = None,
    db_filename: DatabaseFile = None,
) -> None:
    """Start the server and JupyterLab: lesson on the left, Web UI on the right. Ctrl-C stops everything."""
    from tutorial_lib.cli.lab_server import LabServer
    from tutorial_lib.stage.server.shared import hold_server

    course = find_course()
    path = course.relative(find_notebooks([notebook])[0] if notebook else course.lessons[0])
    _check_port(port)
    with contextlib.ExitStack() as stack:
        hold, where = None, _address_elsewhere()
        if where is None:
            database = db_filename and db_filename.resolve()
            hold = stack.enter_context(hold_server(who="tutorial lab", db_filename=database))
        server = LabServer(course, path, hold, port=port, browser=browser)
        server.elsewhere = where
        server.run()
        server.farewell()


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
