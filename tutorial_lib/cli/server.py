"""`tutorial server`: the course's dev server without JupyterLab, e.g. for a project of one's own."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from tutorial_lib.cli.course import console, shorten

if TYPE_CHECKING:
    from tutorial_lib.stage.server.shared import ServerInfo

app = typer.Typer(help="Start, stop or look at the course's Temporal server.", no_args_is_help=True)

DatabaseFile = Annotated[
    Path | None,
    typer.Option(
        "--db-filename",
        help="Keep the server's state in this file, so that workflows survive its end. In memory by default.",
        dir_okay=False,
    ),
]


@app.command()
def start(db_filename: DatabaseFile = None) -> None:
    """Start the course's server, and leave it running until `tutorial server stop`.

    Notebooks and `tutorial lab` use it while it runs.
    """
    from tutorial_lib.stage.server.shared import find_server, hold_server

    running = find_server() is not None
    with hold_server(who="tutorial server start", db_filename=_absolute(db_filename)) as hold:
        hold.pin()
        info = hold.info
    console.print("The server runs already." if running else "The server runs.")
    describe(info)
    console.print("[bold]tutorial server stop[/] ends it.")


@app.command()
def stop() -> None:
    """Stop the course's server, also if notebooks use it."""
    from tutorial_lib.stage.server.shared import stop_server

    console.print("The server has stopped." if stop_server() else "No server was running.")


@app.command()
def status() -> None:
    """Show whether the course's server runs, where, and who uses it. Exit code 3 if it does not."""
    from tutorial_lib.disk.state import state_folder
    from tutorial_lib.stage.server.shared import find_server, hold_server

    if find_server() is None:
        console.print(f"No server runs for this course (state in {escape(str(state_folder()))}).")
        console.print("[bold]tutorial server start[/] or [bold]tutorial lab[/] starts one.")
        raise typer.Exit(3)  # as service managers have it: 3 is "not running"
    with hold_server(who="tutorial server status") as hold:
        describe(hold.info)
        users = [user for user in hold.users() if user["who"] != "tutorial server status"]
        names = ", ".join(f"{user['who']} (pid {user['pid']})" for user in users)
        console.print(f"  used by   {escape(names) or 'nobody'}")


def describe(info: ServerInfo) -> None:
    """Print where a server is and what it is."""
    minutes, seconds = divmod(int(time.time() - info.started), 60)
    console.print(f"  gRPC      {info.address}")
    console.print(f"  Web UI    {escape(info.ui_url)}")
    console.print(f"  state     {escape(shorten(info.db_filename)) if info.db_filename else 'in memory'}")
    console.print(f"  program   {escape(str(info.binary.path))}, from {escape(info.binary.source)}")
    console.print(f"  process   {info.pid}, for {minutes} min {seconds} s; log {escape(shorten(info.log))}")


def _absolute(path: Path | None) -> Path | None:
    return None if path is None else path.resolve()
