"""Where the course is, and how the `tutorial` command talks."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from tutorial_lib import settings
from tutorial_lib.course.copies import RECORD
from tutorial_lib.course.notebooks import notebooks
from tutorial_lib.errors import TutorialError

# URLs and paths are to be copied: `soft_wrap` keeps each on one line, also in a pipe of 80 columns.
console = Console(soft_wrap=True, highlight=False)
errors = Console(stderr=True, soft_wrap=True, highlight=False)

Force = Annotated[
    bool,
    typer.Option("--force", "-f", help="Replace files that are not the course's, or that you changed."),
]

_LESSON = re.compile(r"\d\d_\w+\.ipynb")
_OWN_IN_CHECKOUT = "my-course"  # git leaves it out
_OWN_ELSEWHERE = "temporal-course"


class CourseNotFoundError(TutorialError):
    """The lessons are not where the command looks."""


class NotebookNotFoundError(TutorialError):
    """A notebook that was named does not exist."""


@dataclass(frozen=True)
class Course:
    """The lessons, and the folder with a learner's own copies of them.

    Attributes:
        root: The folder that holds `notebooks`: a checkout, or the installed package.
        lessons: The lessons in it, in order. Commands of learners only read them.
        own: The learner's folder, where JupyterLab starts; it may not be there yet.
    """

    root: Path
    lessons: tuple[Path, ...]
    own: Path

    def copy_of(self, lesson: Path) -> Path:
        """Where the learner's copy of a lesson is, or will be."""
        return self.own / lesson.name

    def notebooks(self) -> Iterator[Path]:
        """What may be named without a path: each lesson, as a learner means it, and notebooks of their own.

        A learner means the copy, which has their answers; where there is none, the lesson as it is.
        """
        for lesson in self.lessons:
            copy = self.copy_of(lesson)
            yield copy if copy.is_file() else lesson
        names = {lesson.name for lesson in self.lessons}
        yield from (path for path in sorted(self.own.glob("*.ipynb")) if path.name not in names)

    def relative(self, notebook: Path) -> str:
        """The path as JupyterLab has it: from the learner's folder, with "/" between its parts."""
        try:
            return notebook.resolve().relative_to(self.own.resolve()).as_posix()
        except ValueError:
            raise NotebookNotFoundError(
                f"{notebook} is outside of your folder {self.own}",
                "copy it into that folder, and open it there",
            ) from None


def find_course() -> Course:
    """Find the lessons, and the learner's folder.

    The lessons are in or above the current folder, where that is a checkout; else those of the package.
    A learner's folder is the one around the current folder, if there is one. Else it is `my-course` in the
    checkout; `temporal-course` in the current folder without a checkout, or in one that cannot be written.

    Raises:
        CourseNotFoundError: If there are no lessons; the message lists where it looked.
    """
    here = Path.cwd()
    around = (here, *here.parents)
    for root in (*around, settings.PACKAGE, settings.CHECKOUT):
        if lessons := _lessons_in(root):
            root = root.resolve()  # noqa: PLW2901
            return Course(root, tuple(path.resolve() for path in lessons), _own_folder(root, around))
    raise CourseNotFoundError(
        f"no lessons (notebooks/00_....ipynb) in or above {here}, nor in {settings.CHECKOUT}",
        "change into the folder that you cloned, and run the command there",
    )


def _lessons_in(root: Path) -> list[Path]:
    """The lessons in a folder; none where `notebooks` holds notebooks of another course or project."""
    folder = root / "notebooks"
    lessons = sorted(path for path in folder.glob("*.ipynb") if _LESSON.fullmatch(path.name))
    return lessons if {path.name for path in lessons} & set(notebooks()) else []


def _own_folder(root: Path, around: tuple[Path, ...]) -> Path:
    for folder in around:
        if (folder / RECORD).is_file():
            return folder
        if folder.resolve() == root:
            break
    own = root / _OWN_IN_CHECKOUT
    if root != settings.PACKAGE and (os.path.lexists(own) or os.access(root, os.W_OK)):
        return own
    return around[0] / _OWN_ELSEWHERE


def find_notebooks(names: list[Path]) -> list[Path]:
    """The notebooks that were named on the command line; each a file, or a lesson's number or name.

    A path means that file. A number or a name means what the learner works on: their copy of the lesson, if
    there is one, or a notebook of theirs beside it.

    Args:
        names: E.g. `notebooks/02_activities.ipynb`, `02_activities`, `02`.

    Raises:
        NotebookNotFoundError: If one does not exist; lists the lessons.
    """
    return [_find_notebook(name) for name in names]


def find_lesson(course: Course, name: Path) -> Path | None:
    """The lesson that a number, a name or a path means, the path of the learner's copy included.

    Returns:
        The lesson of the course, not the copy; None if it means something else.
    """
    for lesson in course.lessons:
        if _is_named(lesson, name):
            return lesson
        # Where a copy is a link, it means the copy all the same.
        if name.absolute() == course.copy_of(lesson) or name.resolve() == lesson:
            return lesson
    return None


def _find_notebook(name: Path) -> Path:
    if name.is_file():
        return name.resolve()
    course = find_course()
    for notebook in course.notebooks():
        if _is_named(notebook, name):
            return notebook
    raise NotebookNotFoundError(
        f"no notebook {str(name)!r} in {Path.cwd()}, and no lesson of that name",
        f"the lessons are: {', '.join(lesson.stem for lesson in course.lessons)}",
    )


def _is_named(notebook: Path, name: Path) -> bool:
    """Whether a number or a name, which is no path, means a notebook."""
    is_same = name.name in (notebook.name, notebook.stem)
    return name.parent == Path() and (is_same or notebook.name.startswith(f"{name.name}_"))


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
