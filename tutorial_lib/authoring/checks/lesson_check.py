"""Everything that concerns one lesson and nothing else: what is missing or wrong, each with its cure.

look(lesson)   reads files: style, exercises against cells, answers, quiz, claims, README row, links, list,
               and the table of all exercises, in whichever lesson prints it
prove(lesson)  runs: every cell under strict nbval, every answer of its exercises, every Try it; all at once
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tutorial_lib.authoring import claims, committed_form
from tutorial_lib.authoring.checks.cures import EDIT, make_cure
from tutorial_lib.authoring.checks.lesson_modules import LessonModuleError, errors_in_words
from tutorial_lib.authoring.checks.placeholders import PLACEHOLDERS, ROW_PLACEHOLDERS
from tutorial_lib.authoring.checks.progress_table import stale_table
from tutorial_lib.authoring.exercise_cells import drifted, unknown
from tutorial_lib.authoring.lesson_files import LessonFiles, course_notebooks
from tutorial_lib.authoring.reading.minutes import STATED
from tutorial_lib.authoring.style import rules
from tutorial_lib.authoring.style.exercises import exercise_findings, quiz_findings, tried_findings
from tutorial_lib.authoring.style.finding import Finding
from tutorial_lib.authoring.terms.glossary import stale_files
from tutorial_lib.authoring.try_its.invitation import invitations
from tutorial_lib.course import overview
from tutorial_lib.course.notebooks import notebooks
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.quiz import Quiz

__all__ = ["Proof", "look", "prove"]


@dataclass(frozen=True)
class Proof:
    """A run that proves something of a lesson.

    Attributes:
        what: What it proves.
        ok: Whether it did.
        output: What the run printed.
        again: The command that runs it alone.
    """

    what: str
    ok: bool
    output: str
    again: str


def look(lesson: LessonFiles) -> list[Finding]:
    """What is missing or wrong, as far as the files show.

    Args:
        lesson: Its files.

    Raises:
        LessonModuleError: If a module of exercises or questions cannot be imported.
    """
    with errors_in_words(lesson.root):
        return _findings(lesson)


def _findings(lesson: LessonFiles) -> list[Finding]:
    found = [
        *rules.check(lesson.notebook),
        *_row(lesson),
        *_links(lesson),
        *_claims(lesson),
        *_listed(lesson),
        *_placeholders(lesson),
        *_glossary(lesson),
    ]
    if not (lesson.package / "__init__.py").exists():
        return [*found, Finding(0, "package", f"there is no {lesson.package.relative_to(lesson.root)}")]
    exercises, quiz = overview.exercises_of(lesson.lesson), overview.quiz_of(lesson.lesson)
    return [*found, *_tasks(lesson, exercises, quiz), *_progress(lesson)]


def prove(lesson: LessonFiles) -> Iterator[Proof]:
    """Runs every cell and every answer of a lesson; yields each proof as it is there.

    Args:
        lesson: Its files.
    """
    cells = committed_form.code_cells(committed_form.read(lesson.notebook))
    fresh = sum(cell.execution_count is None for cell in cells)  # nbval has nothing to compare theirs with
    printed = f"{len(cells) - fresh} cells print what is committed; {fresh} were not run before"
    tried = [each for each in invitations(committed_form.read(lesson.notebook)) if not each.by_hand]
    commands = {
        printed if fresh else "every cell prints what is committed": [
            *("-m", "tutorial_lib.cli", "author", "validate", "-q"),
            *("-p", "no:cacheprovider", str(lesson.notebook)),
        ],
        "every answer of its exercises is told what it should be": [
            *("-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("tests/exercises/test_every_exercise.py", "-k", f"{lesson.lesson}/"),
        ],
        "every Try it shows what its answer says": [
            *("-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("tests/authoring/test_try_its.py", "-k", f"{lesson.lesson}/"),
        ],
    }
    if not tried:
        commands.popitem()
    running = {
        what: subprocess.Popen(
            [sys.executable, *command],
            cwd=lesson.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for what, command in commands.items()
    }
    for what, process in running.items():
        output, _ = process.communicate()
        yield Proof(what, process.returncode == 0, output, f"python {' '.join(commands[what])}")


def _tasks(lesson: LessonFiles, exercises: Sequence[Exercise], quiz: Quiz | None) -> Iterator[Finding]:
    cells = committed_form.read(lesson.notebook).cells
    names = {each.name for each in exercises}
    forgotten = {path.stem: 0 for path in lesson.exercise_modules() if path.stem not in names}
    for name, number in (forgotten | unknown(cells, exercises)).items():
        message = f"the lesson has no exercise {name!r}"
        yield Finding(number, "exercise", message, make_cure(name, lesson.number))
    yield from (Finding(number, "drift", message) for number, message in drifted(cells, exercises))
    if not any(cell.cell_type == "code" and cell.source.strip() == "ex.quiz" for cell in cells):
        yield Finding(0, "quiz", "no cell shows the quiz: `ex.quiz`", EDIT.format(number=lesson.number))
    for exercise in exercises:
        yield from exercise_findings(exercise)
    if not exercises:
        yield Finding(0, "exercise", "the lesson has no exercise")
    try:
        yield from tried_findings(exercises, _answers(lesson))
    except LessonModuleError as error:
        yield Finding(0, "answers", error.seen, error.hint)
    yield from quiz_findings(quiz)


def _answers(lesson: LessonFiles) -> Sequence[Any] | None:
    """The list `ANSWERS` of the file of answers, which is no part of the package."""
    spec = importlib.util.spec_from_file_location(f"answers_{lesson.number}", lesson.answers)
    if not lesson.answers.exists() or spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(lesson.root))
    try:
        with errors_in_words(lesson.root):
            spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(lesson.root))
    answers: Sequence[Any] = module.ANSWERS
    return answers


def _row(lesson: LessonFiles) -> Iterator[Finding]:
    first = committed_form.read(lesson.notebook).cells[0].source
    stated = STATED.search(first)
    minutes = stated[1] if stated else "20"
    row = lesson.row()
    path = lesson.notebook.relative_to(lesson.root).as_posix()
    if row is None:
        title = first.splitlines()[0].removeprefix("# ").split(":")[0]
        line = f"| [{lesson.number} {title}]({path}) | {ROW_PLACEHOLDERS[1]} | {minutes} |"
        yield Finding(0, "row", "the README's table has no row for this lesson", f"add a line: {line}")
        return
    if row.notebook != path:
        yield Finding(
            0, "row", f"the README's row links to {row.notebook}, the notebook is {path}", "mend the link"
        )
    if stated is None:
        yield Finding(1, "minutes", "the first cell does not say `**Time.** N minutes`")
    elif row.minutes != int(minutes):
        yield Finding(
            0,
            "minutes",
            f"the README says {row.minutes} minutes, the first cell {minutes}",
            "make both say the same",
        )


def _listed(lesson: LessonFiles) -> Iterator[Finding]:
    """The list of the course's notebooks names this lesson's, and no other one of its number."""
    path, name = lesson.listing.relative_to(lesson.root).as_posix(), lesson.notebook.name
    listed = [each for each in notebooks(lesson.listing) if each.startswith(f"{lesson.number}_")]
    if name not in listed:
        message = (
            f"{path} does not name {name}: with this lesson alone, a folder is not known as the course's"
        )
        yield Finding(0, "list", message, f"add a line to {path}: {name}")
    for other in listed:
        if other != name:
            yield Finding(
                0, "list", f"{path} names {other}, which is not there", f"remove {other} from {path}"
            )


def _links(lesson: LessonFiles) -> Iterator[Finding]:
    """Each lesson's last cell leads to the next one."""
    before, after = lesson.beside(-1), lesson.beside(1)
    for one, other in ((before, lesson), (lesson, after)):
        if one is not None and other is not None and f"]({other.notebook.name})" not in one.last_words():
            yield Finding(
                0,
                "links",
                f"the last cell of lesson {one.number} does not link to {other.notebook.name}",
                EDIT.format(number=one.number),
            )


def _progress(lesson: LessonFiles) -> Iterator[Finding]:
    """Whoever adds an exercise changes what `progress()` prints, in lesson 00."""
    for path in course_notebooks(lesson.root):
        if number := stale_table(path):
            message = f"{path.name}, cell-{number:02} prints another table of exercises than there are"
            yield Finding(0, "progress", message, f"`tutorial author refresh {path.name[:2]} --accept`")


def _glossary(lesson: LessonFiles) -> Iterator[Finding]:
    """What is made of the sentences that explain a term is made of those of now."""
    for path in stale_files(lesson.root):
        where = path.relative_to(lesson.root).as_posix()
        yield Finding(0, "glossary", f"{where} is not what the lessons' sentences make of it")


def _claims(lesson: LessonFiles) -> Iterator[Finding]:
    known, sightings = claims.load_claims(), claims.find_sightings(lesson.notebook)
    for message in claims.problems(known, sightings, []):
        yield Finding(0, "claims", message)
    shown = {sighting.claim for sighting in sightings}  # one that does not count is a finding already
    for claim in claims.planned(known, lesson.number):
        if claim.id not in shown:
            message = f"no cell shows {claim.id!r}: {claim.statement}"
            cure = f'have a cell show it, and tag that in the text: `# %% tags=["claim:{claim.id}"]`'
            yield Finding(0, "claims", message, cure)


def _placeholders(lesson: LessonFiles) -> Iterator[Finding]:
    """Words of `tutorial author new` that an author was to write anew."""
    for number, cell in enumerate(committed_form.read(lesson.notebook).cells, start=1):
        for words in PLACEHOLDERS:
            if words in cell.source:
                yield Finding(number, "unfinished", f"{words!r} is left to be written")
    row = lesson.row()
    if row is not None and row.able in ROW_PLACEHOLDERS:
        yield Finding(
            0, "row", f"{row.able!r} is left to be written", "write in README.md what learners can do"
        )
