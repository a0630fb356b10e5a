"""The `tutorial` command: the course's stage, from a terminal.

    tutorial lab [03]               your own copy of a lesson in JupyterLab, and the server, until Ctrl-C
    tutorial doctor                 what the course needs, whether it is there, and the fix
    tutorial server start|stop|status
    tutorial run NOTEBOOK...        execute headless
    tutorial export NOTEBOOK DIR    take a notebook home as a project
    tutorial show HISTORY.json      any workflow's event history as a page to look at
    tutorial reset [03]             a fresh copy of a lesson, your old one kept; or a clean course
    tutorial present 03             in class: the lesson as slides, notes in a second window
    tutorial runsheet 03            minutes, what to say and ask, scene by scene; rehearse: its machine time
    tutorial author ...             write lessons

Each command imports what it needs when it runs: `tutorial --help` answers in a moment.
"""

from __future__ import annotations

import sys
from typing import NoReturn

import typer

from tutorial_lib.cli import author, doctor, export, lab, present, reset, run, server, show
from tutorial_lib.cli.consoles import settle_streams
from tutorial_lib.cli.course import fail
from tutorial_lib.errors import TutorialError

__all__ = ["app", "main"]

app = typer.Typer(
    name="tutorial",
    help="Learn Temporal in Python by running it: the course from a terminal.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,  # the course's own errors are shown by `main`; others are bugs, in full
)
app.command()(lab.lab)
app.command()(doctor.doctor)
app.add_typer(server.app, name="server")
app.command()(run.run)
app.command()(export.export)
app.command()(show.show)
app.command()(reset.reset)
app.command()(present.present)
app.command()(present.runsheet)
app.command()(present.rehearse)
app.add_typer(author.app, name="author")


def main() -> NoReturn:
    """Run the command line, and show the course's own errors as they are shown everywhere.

    Raises:
        SystemExit: Always; 0 for success, 1 for an error, 2 for a command line that makes no sense.
    """
    # An optional part of jsonschema, which Jupyter imports, builds a parser for two seconds at each start.
    # To Python, None says "not installed"; nothing here checks IRIs.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    settle_streams()
    try:
        app()
    except TutorialError as error:
        fail(error)
    finally:
        if (sdk := sys.modules.get("tutorial_lib.sdk")) is not None:  # else nothing of the core has run
            sdk.let_core_settle()
    raise SystemExit(0)
