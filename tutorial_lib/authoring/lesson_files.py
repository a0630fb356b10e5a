"""Where the parts of one lesson are: notebook, exercises, answers, the README's row, the links to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tutorial_lib import settings
from tutorial_lib.authoring import committed_form
from tutorial_lib.course.notebooks import LIST
from tutorial_lib.errors import TutorialError

__all__ = [
    "LESSON_ROW",
    "LessonFiles",
    "LessonNotFoundError",
    "LessonRow",
    "course_notebooks",
    "lesson_files",
]

_NOTEBOOK = "[0-9][0-9]_*.ipynb"
LESSON_ROW = re.compile(r"^\| \[(\d\d) ([^\]]+)\]\((notebooks/[^)]+)\) \| (.+) \| (\d+) \|$", re.MULTILINE)


class LessonNotFoundError(TutorialError):
    """There is no lesson of that number."""


@dataclass(frozen=True)
class LessonRow:
    """A lesson's row of the README's table.

    Attributes:
        title: As it is linked: "Core concepts".
        notebook: The link's target: "notebooks/01_core_concepts.ipynb".
        able: What a learner will be able to do.
        minutes: How long the lesson takes.
    """

    title: str
    notebook: str
    able: str
    minutes: int


@dataclass(frozen=True)
class LessonFiles:
    """The files of one lesson.

    Attributes:
        root: The checkout.
        notebook: The notebook.
    """

    root: Path
    notebook: Path

    @property
    def number(self) -> str:
        """Two digits: "01"."""
        return self.notebook.name[:2]

    @property
    def lesson(self) -> str:
        """As the library names it: "lesson-01"."""
        return f"lesson-{self.number}"

    @property
    def package(self) -> Path:
        """The folder of its exercises and its quiz."""
        return self.root / "tutorial_lib" / "course" / f"lesson_{self.number}"

    def exercise_modules(self) -> list[Path]:
        """The modules of its exercises; each has the name of its exercise."""
        return [path for path in sorted((self.package / "exercises").glob("*.py")) if path.stem != "__init__"]

    @property
    def answers(self) -> Path:
        """The file of the answers that its exercises are tried with."""
        return self.root / "tests" / "exercises" / "answers" / f"lesson_{self.number}.py"

    @property
    def readme(self) -> Path:
        """The file with the table of lessons."""
        return self.root / "README.md"

    @property
    def listing(self) -> Path:
        """The list of the course's notebooks."""
        return self.root / "tutorial_lib" / "course" / LIST.name

    def row(self) -> LessonRow | None:
        """Its row of the README's table, if there is one."""
        for number, title, notebook, able, minutes in LESSON_ROW.findall(
            self.readme.read_text(encoding="utf-8")
        ):
            if number == self.number:
                return LessonRow(title, notebook, able, int(minutes))
        return None

    def beside(self, step: int) -> LessonFiles | None:
        """The lesson after (1) or before (-1) this one, if there is one."""
        notebooks = course_notebooks(self.root)
        at = notebooks.index(self.notebook) + step
        return LessonFiles(self.root, notebooks[at]) if 0 <= at < len(notebooks) else None

    def last_words(self) -> str:
        """The last cell's source, where the next lesson is linked to."""
        return str(committed_form.read(self.notebook).cells[-1].source)


def course_notebooks(root: Path | None = None) -> list[Path]:
    """The lessons' notebooks, in the order of their numbers.

    Args:
        root: The checkout; the one that holds this package if None.
    """
    return sorted(((root or settings.CHECKOUT) / "notebooks").glob(_NOTEBOOK))


def lesson_files(number: str, root: Path | None = None) -> LessonFiles:
    """The files of the lesson of a number.

    Args:
        number: "01" or "1".
        root: The checkout; the one that holds this package if None.

    Raises:
        LessonNotFoundError: If there is no such lesson.
    """
    root = root or settings.CHECKOUT
    for notebook in course_notebooks(root):
        if notebook.name.startswith(f"{number.zfill(2)}_"):
            return LessonFiles(root, notebook)
    known = ", ".join(path.name[:2] for path in course_notebooks(root))
    raise LessonNotFoundError(
        f"there is no lesson {number!r} in {root / 'notebooks'}",
        f'the lessons are {known}; `tutorial author new {number.zfill(2)} "Title"` makes one',
    )
