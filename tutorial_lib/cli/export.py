"""`tutorial export`: a notebook's workflows and activities as a project that runs without Jupyter."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from tutorial_lib.cli.course import Force, console, find_notebooks, shorten


def export(
    notebook: Annotated[Path, typer.Argument(help="A notebook, or a lesson's number: 02.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write; made if it is not there.")],
    force: Force = False,
) -> None:
    """Write a notebook's workflows, activities, worker and starter as modules that run with plain Python."""
    from tutorial_lib.cells.export.project import export_project

    [source] = find_notebooks([notebook])
    written = export_project(source, folder, force=force)
    console.print(f"{escape(source.name)} as a project in {escape(shorten(folder.resolve()))}:")
    for path in written.files:
        console.print(f"  {escape(path.name)}")
    if written.notes:
        console.print("What could not be taken along:")
    for note in written.notes:
        console.print(f"  - {escape(note)}")
