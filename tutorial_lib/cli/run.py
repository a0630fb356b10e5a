"""`tutorial run`: execute notebooks headless, and report on each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tutorial_lib.cli.course import console, find_course, find_notebooks

if TYPE_CHECKING:
    from tutorial_lib.authoring.headless.run import RunResult


def run(
    notebooks: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="NOTEBOOK...", help="Notebooks, or lessons' numbers: 02. All lessons by default."
        ),
    ] = None,
    timeout: Annotated[float, typer.Option(help="Seconds that one cell may take.", min=1)] = 60.0,
    queued: Annotated[
        bool, typer.Option("--queued", help="Send all cells at once, as JupyterLab's Run All does.")
    ] = False,
) -> None:
    """Execute notebooks from the first cell to the last, each in a kernel of its own; files stay as they are.

    Exit code 1 if a cell of any of them failed.
    """
    from tutorial_lib.authoring.headless.run import run_notebook

    paths = find_notebooks(notebooks or [Path(lesson.name) for lesson in find_course().lessons])
    results: list[RunResult] = []
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("cells"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    ) as progress:
        for path in paths:
            task = progress.add_task(escape(path.name), total=None)

            def on_cell(done: int, total: int, task: int = task) -> None:
                progress.update(task, completed=done, total=total)  # type: ignore[arg-type]

            result = run_notebook(path, timeout=timeout, on_cell=on_cell, queued=queued)
            results.append(result)
            progress.remove_task(task)
            _report(result)
    failed = sum(result.error is not None for result in results)
    seconds = sum(result.seconds for result in results)
    console.print(f"{len(results) - failed} of {len(results)} notebooks ran to the end, {seconds:.1f} s")
    raise typer.Exit(1 if failed else 0)


def _report(result: RunResult) -> None:
    name, seconds = escape(result.path.name), f"{result.seconds:6.1f} s"
    if result.error is None:
        console.print(f"[green]✓ ran[/]     {seconds}  {name} ({result.cells} cells)")
        return
    where = f"cell {result.error.cell}" if result.error.cell else "before the first cell"
    console.print(f"[bold red]✗ failed[/]  {seconds}  {name}, {where}:")
    for line in result.error.source.splitlines():
        console.print(f"      [dim]│[/] {escape(line)}")
    for line in result.error.message.splitlines():
        console.print(f"    {escape(line)}")
