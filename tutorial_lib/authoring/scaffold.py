"""A new lesson, whole from the start: notebook, exercise, quiz, answers, README row, links, place in a list.

What it writes passes every check of the course, but for words that are left to be written and statements
that the lesson is to show; from there an author changes one thing after the other.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from string import Template

from tutorial_lib import settings
from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.checks.placeholders import ROW_PLACEHOLDERS
from tutorial_lib.authoring.lesson_files import LESSON_ROW, LessonFiles, course_notebooks
from tutorial_lib.authoring.reading.stated import state_minutes
from tutorial_lib.authoring.text_form import text_to_notebook
from tutorial_lib.course.notebooks import add_notebook
from tutorial_lib.course.overview import exercises_of
from tutorial_lib.errors import TutorialError

__all__ = ["LessonExistsError", "new_lesson"]

_TEMPLATES = Path(__file__).with_name("templates")
_NUMBER = re.compile(r"\d\d")
# What a lesson's last cell has to say of the next one: "Next: [06 Event history](...), where ...".
_NEXT = re.compile(r"^(?:\*\*)?Next:(?:\*\*)? (?P<words>.*)$", re.MULTILINE)
_MORE = "more is to come."


class LessonExistsError(TutorialError):
    """A file of the new lesson is there already."""


def new_lesson(number: str, title: str) -> list[Path]:
    """Writes a lesson's files.

    Args:
        number: Two digits: "08".
        title: As learners read it: "Retries and failures".

    Returns:
        The files that were written or changed; the notebook, still without outputs, is the first.

    Raises:
        LessonExistsError: If one of them is there already: nothing is written then.
    """
    slug = re.sub(r"\W+", "_", title.lower()).strip("_")
    if not _NUMBER.fullmatch(number) or not slug:
        raise TutorialError(
            f"{number!r} and {title!r} are no lesson's number and title",
            'two digits and some words: tutorial author new 08 "Retries and failures"',
        )
    root = settings.CHECKOUT
    lesson = LessonFiles(root, root / "notebooks" / f"{number}_{slug}.ipynb")
    there = [path for path in course_notebooks() if path.name.startswith(f"{number}_")]
    there += [path for path in (lesson.package, lesson.answers) if path.exists()]
    if there:
        raise LessonExistsError(
            f"lesson {number} is there already: {', '.join(str(path.relative_to(root)) for path in there)}",
            f"take another number; to change it: `tutorial author text {number}`",
        )
    return _write(lesson, title)


def _write(lesson: LessonFiles, title: str) -> list[Path]:
    package = lesson.package
    words, link = _neighbours(lesson, title)
    values = {"number": lesson.number, "title": title, **words}
    files = {
        package / "__init__.py": "package",
        package / "questions.py": "questions",
        package / "exercises" / "__init__.py": "exercises",
        package / "exercises" / "first_answer.py": "exercise",
        lesson.answers: "answers",
    }
    for path, template in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_filled(template, values), encoding="utf-8")
    importlib.invalidate_caches()  # the package was not there a moment ago
    exercises = {each.name: each for each in exercises_of(lesson.lesson)}
    notebook = text_to_notebook(_filled("notebook", values), exercises.__getitem__)
    state_minutes(notebook)
    committed_form.write(notebook, lesson.notebook)
    add_notebook(lesson.notebook.name, lesson.listing)
    return [lesson.notebook, *files, lesson.listing, *_link_here(lesson, link), _add_row(lesson, title)]


def _filled(template: str, values: dict[str, str]) -> str:
    suffix = ".py.txt"
    return Template((_TEMPLATES / f"{template}{suffix}").read_text(encoding="utf-8")).substitute(values)


def _neighbours(lesson: LessonFiles, title: str) -> tuple[dict[str, str], str]:
    """What the notebook has to say of the lessons before and after it, and the one before of this."""
    notebooks = course_notebooks()
    before = [path for path in notebooks if path.name[:2] < lesson.number][-1:]
    after = [path for path in notebooks if path.name[:2] > lesson.number][:1]
    needs = f"[Lesson {before[0].name[:2]}]({before[0].name})." if before else "Nothing."
    following = f"Next: [{_name(after[0])}]({after[0].name})." if after else f"Next: {_MORE}"
    link = f"[{lesson.number} {title}]({lesson.notebook.name})"
    said = _NEXT.search(LessonFiles(lesson.root, before[0]).last_words()) if before else None
    words = said["words"] if said else _MORE
    own = re.match(rf"(?:lesson )?{lesson.number}(?: {re.escape(title)}(?=[,.])|\b[^,.]*)", words)
    if own:  # it was said of this lesson, before there was one to link to
        link += words[own.end() :]
    elif after and f"]({after[0].name})" in words:  # it was said of the one behind, which now follows this
        link, following = f"{link}.", f"Next: {words}"
    elif words == _MORE:
        link = f"{link}."
    else:  # of one that is not there yet
        link = f"{link}. Later: {words}"
    return {"needs": needs, "next": following}, f"Next: {link}"


def _name(notebook: Path) -> str:
    """A lesson as others link to it: "05 Starting workflows"."""
    return f"{notebook.name[:2]} {notebook.stem[3:].replace('_', ' ').capitalize()}"


def _link_here(lesson: LessonFiles, link: str) -> list[Path]:
    """Lets the last cell of the lesson before lead to this one."""
    before = lesson.beside(-1)
    if before is None:
        return []
    notebook = committed_form.read(before.notebook)
    last = notebook.cells[-1]
    if _NEXT.search(last.source):
        last.source = _NEXT.sub(lambda _: link, last.source)
    else:
        last.source = f"{last.source}\n\n{link}"
    committed_form.write(committed_form.normalise(notebook), before.notebook)
    return [before.notebook]


def _add_row(lesson: LessonFiles, title: str) -> Path:
    """Adds a row to the README's table of lessons, below that of the lesson before."""
    text = lesson.readme.read_text(encoding="utf-8")
    rows = [match for match in LESSON_ROW.finditer(text) if match[1] < lesson.number]
    at = rows[-1].end() if rows else LESSON_ROW.search(text).start() - 1  # type: ignore[union-attr]
    link = f"[{lesson.number} {title}](notebooks/{lesson.notebook.name})"
    row = f"| {link} | {ROW_PLACEHOLDERS[0]} | 20 |"
    lesson.readme.write_text(f"{text[:at]}\n{row}{text[at:]}", encoding="utf-8")
    return lesson.readme
