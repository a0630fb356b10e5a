"""Where the course is, and how the `tutorial` command talks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from tutorial_lib import settings
from tutorial_lib.errors import TutorialError

# URLs and paths are to be copied: `soft_wrap` keeps each on one line, also in a pipe of 80 columns.
console = Console(soft_wrap=True, highlight=False)
errors = Console(stderr=True, soft_wrap=True, highlight=False)

Force = Annotated[
    bool,
    typer.Option("--force", "-f", help="Replace files that are not the course's, or that you changed."),
]

_LESSON = re.compile(r"\d\d_\w+\.ipynb")


class CourseNotFoundError(TutorialError):
    """The lessons are not where the command looks."""


class NotebookNotFoundError(TutorialError):
    """A notebook that was named does not exist."""


@dataclass(frozen=True)
class Course:
    """A checkout of the course.

    Attributes:
        root: The folder that JupyterLab shows.
        lessons: The lessons in it, in order.
    """

    root: Path
    lessons: tuple[Path, ...]

    def relative(self, notebook: Path) -> str:
        """The path as JupyterLab has it: from the root, with "/" between its parts."""
        try:
            return notebook.resolve().relative_to(self.root).as_posix()
        except ValueError:
            raise NotebookNotFoundError(
                f"{notebook} is outside of the course's folder {self.root}",
                "copy it into the course's folder `notebooks`, and open it there",
            ) from None


def find_course() -> Course:
    """Find the lessons: in or above the current folder, then beside the installed package.

    Raises:
        CourseNotFoundError: If there are none; the message lists where it looked.
    """
    here = Path.cwd()
    beside = settings.CHECKOUT
    for root in (here, *here.parents, beside):
        folder = root / "notebooks"
        lessons = sorted(path for path in folder.glob("*.ipynb") if _LESSON.fullmatch(path.name))
        if lessons:
            return Course(root.resolve(), tuple(path.resolve() for path in lessons))
    raise CourseNotFoundError(
        f"no lessons (notebooks/00_....ipynb) in or above {here}, nor in {beside}",
        "change into the folder that you cloned, and run the command there",
    )


def find_notebooks(names: list[Path]) -> list[Path]:
    """The notebooks that were named on the command line; each a file, or a lesson's number or name.

    Args:
        names: E.g. `notebooks/02_activities.ipynb`, `02_activities`, `02`.

    Raises:
        NotebookNotFoundError: If one does not exist; lists the lessons.
    """
    return [_find_notebook(name) for name in names]


def _find_notebook(name: Path) -> Path:
    if name.is_file():
        return name.resolve()
    lessons = find_course().lessons
    if name.parent == Path():
        for lesson in lessons:
            if name.name in (lesson.name, lesson.stem) or lesson.name.startswith(f"{name.name}_"):
                return lesson
    raise NotebookNotFoundError(
        f"no notebook {str(name)!r} in {Path.cwd()}, and no lesson of that name",
        f"the lessons are: {', '.join(lesson.stem for lesson in lessons)}",
    )


def shorten(path: Path) -> str:
    """A path as short as it stays true: from the current folder, if it is below it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def fail(error: TutorialError) -> NoReturn:
    """Show an error as the course's errors are shown everywhere, and end with exit code 1.

    Raises:
        SystemExit: Always.
    """
    errors.print(f"[bold red]✗[/] {escape(error.seen)}")
    if error.hint:
        errors.print(f"  [bold]→[/] {escape(error.hint)}")
    if settings.DEBUG.get():
        errors.print_exception()
    raise SystemExit(1)
