"""`tutorial author`: for whoever writes lessons. CONTRIBUTING.md has the steps.

tutorial author new 08 "Retries and failures"    a new lesson, whole from the start
tutorial author text 08 > 08.py                  the notebook as text, to be edited
tutorial author build 08.py 08                   the text as a notebook again
tutorial author refresh 08                       run it, and write its outputs
tutorial author check 08                         all that concerns this lesson
tutorial author preview 08                       look at it in JupyterLab
"""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from tutorial_lib.cli.course import console, shorten
from tutorial_lib.errors import TutorialError

if TYPE_CHECKING:
    from tutorial_lib.authoring.claims import Claim, Sighting
    from tutorial_lib.authoring.refresh import Refreshed
    from tutorial_lib.exercises.exercise import Exercise

app = typer.Typer(no_args_is_help=True, help="Write lessons: make, edit, run, check and look at them.")

Lesson = Annotated[str, typer.Argument(metavar="NN", help="A lesson's number: 08.")]
Notebooks = Annotated[
    list[str] | None,
    typer.Argument(metavar="NN...", help="Lessons' numbers, or notebooks. All lessons by default."),
]
_WIDE = 160  # columns of a table that goes into a file or a pipe


class TextError(TutorialError):
    """A lesson's text cannot be made a notebook, or a notebook a text."""


# ---- one lesson --------------------------------------------------------------------------------------


@app.command()
def new(
    number: Annotated[str, typer.Argument(metavar="NN", help="Two digits: 08.")],
    title: Annotated[str, typer.Argument(help="As learners read it.")],
) -> None:
    """Make a lesson: notebook, exercise, quiz, answers, README row, links. `check` lists what is left."""
    from tutorial_lib.authoring.claims import load_claims, planned
    from tutorial_lib.authoring.lesson_files import lesson_files
    from tutorial_lib.authoring.reading.stated import write_minutes
    from tutorial_lib.authoring.scaffold import new_lesson

    for path in new_lesson(number, title):
        console.print(f"  {escape(shorten(path))}")
    lesson = lesson_files(number)
    if not _renew(lesson.notebook, accept=True):
        raise typer.Exit(1)
    write_minutes(lesson)
    _renew_tables(lesson.notebook)
    for claim in planned(load_claims(), lesson.number):
        console.print(f"This lesson is to show: {escape(claim.statement)}")
        console.print(escape(f'  in a cell that has `# %% tags=["claim:{claim.id}"]`'))
    console.print(f"Next: `tutorial author text {number} > {number}.py`, edit it, and build it again.")


@app.command()
def text(number: Lesson) -> None:
    """Print a lesson as text, without its outputs; each exercise is one line that names it."""
    from tutorial_lib.authoring import committed_form
    from tutorial_lib.authoring.text_form import notebook_to_text
    from tutorial_lib.authoring.text_origin import origin_line

    path = _notebook(number)
    notebook = committed_form.read(path)
    try:
        told = origin_line(path.name, notebook) + notebook_to_text(notebook)
    except ValueError as error:
        raise TextError(str(error), "change that cell in JupyterLab") from error
    if isinstance(sys.stdout, io.TextIOWrapper):  # a lesson's text goes into a file: nothing is lost
        sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.write(told)


@app.command()
def build(
    source: Annotated[
        typer.FileText,
        typer.Argument(metavar="TEXT", help="A text, or - for standard input.", encoding="utf-8"),
    ],
    number: Lesson,
    force: Annotated[
        bool,
        typer.Option("--force", help="Replace what was changed in the notebook since the text was made."),
    ] = False,
) -> None:
    """Make a lesson's notebook from its text; cells that did not change keep their outputs."""
    from tutorial_lib.authoring import committed_form
    from tutorial_lib.authoring.checks.cures import make_cure
    from tutorial_lib.authoring.reading.stated import state_minutes
    from tutorial_lib.authoring.text_form import UnknownExerciseError, keep_outputs, text_to_notebook
    from tutorial_lib.authoring.text_origin import origin_line, split_origin, state_of

    path = _notebook(number)
    state, plain = split_origin(source.read())
    try:
        notebook = text_to_notebook(plain, _exercises(path).__getitem__)
    except UnknownExerciseError as error:
        raise TextError(f"{source.name}: {error}", make_cure(error.name, path.name[:2])) from error
    except ValueError as error:
        raise TextError(f"{source.name}: {error}", "see `tutorial author text` for the form") from error
    there = committed_form.read(path)
    if not force and state_of(there) not in {state, state_of(notebook)}:
        raise TextError(
            f"{path.name} is not what {source.name} was made from: "
            "it was changed since, or the text names no notebook",
            f"`tutorial author text {path.name[:2]}` is the notebook as it is now, to take the changes from; "
            "`--force` replaces it",
        )
    notebook = keep_outputs(notebook, there)
    state_minutes(notebook)
    changed = committed_form.write(notebook, path)
    cells = committed_form.code_cells(notebook)
    fresh = sum(cell.execution_count is None for cell in cells)
    if source.name != "<stdin>" and state != state_of(notebook):
        Path(source.name).write_text(origin_line(path.name, notebook) + plain, encoding="utf-8")
    done = "written" if changed else "unchanged"
    console.print(f"{escape(path.name)}: {done}, {len(cells)} code cells, {fresh} to be run by refresh")
    _renew_tables(path)


@app.command()
def check(
    number: Lesson,
    files_only: Annotated[bool, typer.Option("--files-only", help="Run nothing; only read.")] = False,
) -> None:
    """Check all that concerns a lesson, each finding with its cure. Exit code 1 if there is any."""
    from tutorial_lib.authoring.checks.cures import cure_of
    from tutorial_lib.authoring.checks.lesson_check import look, prove
    from tutorial_lib.authoring.lesson_files import lesson_files

    lesson = lesson_files(number)
    findings = look(lesson)
    for finding in findings:
        console.print(f"[bold red]✗[/] {escape(str(finding))}")
        console.print(f"  → {escape(cure_of(finding, lesson))}")
    if not findings:
        console.print("[green]✓[/] style, exercises, answers, quiz, statements, terms, row, links, list")
    failed = bool(findings)
    for proof in () if files_only else prove(lesson):
        failed |= not proof.ok
        console.print(f"{'[green]✓[/]' if proof.ok else '[bold red]✗[/]'} {escape(proof.what)}")
        if not proof.ok:
            console.print(escape(proof.output.rstrip()))
            console.print(f"  → again: {escape(proof.again)}")
    raise typer.Exit(int(failed))


@app.command()
def preview(number: Lesson) -> None:
    """Open the lesson itself in JupyterLab, not a copy: what you save is in the checkout. Ctrl-C ends it."""
    from tutorial_lib import settings
    from tutorial_lib.cli.lab import serve

    path = _notebook(number).resolve()
    root = settings.CHECKOUT if settings.CHECKOUT in path.parents else path.parent
    serve(root, path.relative_to(root).as_posix())


# ---- one or all --------------------------------------------------------------------------------------


@app.command()
def refresh(
    lessons: Notebooks = None,
    accept: Annotated[bool, typer.Option("--accept", help="Write changed outputs: they are meant.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds that one cell may take.", min=1)] = 60.0,
) -> None:
    """Run lessons and write their outputs; a changed output is shown and refused unless it is accepted."""
    renewed = [_renew(path, accept=accept, timeout=timeout) for path in _notebooks(lessons)]
    glossary()
    raise typer.Exit(int(not all(renewed)))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def validate(context: typer.Context) -> None:
    """Compare every cell's output with what is committed (strict nbval): [NN...] and pytest's options."""
    from tutorial_lib.authoring.validate import arguments

    raise typer.Exit(subprocess.run(arguments(context.args), check=False).returncode)


@app.command()
def style(lessons: Notebooks = None) -> None:
    """Check the house rules of lessons. Exit code 1 if one is broken."""
    from tutorial_lib.authoring.style.rules import check as findings_of

    found = 0
    for path in _notebooks(lessons):
        findings = findings_of(path)
        found += len(findings)
        console.print(f"{escape(path.name)}: {len(findings) or 'no'} findings")
        for finding in findings:
            console.print(f"  {escape(str(finding))}")
    raise typer.Exit(int(bool(found)))


@app.command()
def minutes(
    lessons: Notebooks = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write them into the first cell and the README's row.")
    ] = False,
) -> None:
    """Show how many minutes each scene of a lesson takes, and of what they are made."""
    from tutorial_lib.authoring import committed_form
    from tutorial_lib.authoring.lesson_files import lesson_files
    from tutorial_lib.authoring.reading.minutes import lesson_minutes, minutes_by_scene
    from tutorial_lib.authoring.reading.stated import write_minutes

    for path in _notebooks(lessons):
        notebook = committed_form.read(path)
        console.print(f"{escape(path.name)}: {lesson_minutes(notebook)} minutes", style="bold")
        for scene in minutes_by_scene(notebook):
            parts = {"words": scene.words, **scene.counts}
            of = ", ".join(f"{kind} {count:g}" for kind, count in parts.items() if count)
            console.print(escape(f"  {scene.minutes:4.1f}  {scene.title or '(opening)'}: {of}"))
        if write:
            lesson = lesson_files(path.name[:2])
            console.print(f"{write_minutes(lesson)} minutes are written: first cell, README's row")


@app.command()
def glossary() -> None:
    """Write the page of all terms, and what JupyterLab shows of them, from the lessons' sentences."""
    from tutorial_lib import settings
    from tutorial_lib.authoring.terms.glossary import renew_glossary

    for path in renew_glossary(settings.CHECKOUT):
        console.print(f"{escape(path.name)}: written anew")


@app.command()
def claims(
    lessons: Notebooks = None,
    strict: Annotated[bool, typer.Option("--check", help="Fail when a statement is not shown.")] = False,
) -> None:
    """List the statements of the course's notes, each with the cells that show it."""
    from tutorial_lib.authoring.claims import find_sightings, load_claims, problems

    paths = _notebooks(lessons)
    known = load_claims()
    sightings = [sighting for path in paths for sighting in find_sightings(path)]
    console.print(_table(known, sightings), width=None if console.is_terminal else _WIDE)
    shown = {sighting.claim for sighting in sightings if not sighting.objection} & known.keys()
    console.print(f"{len(shown)} of {len(known)} statements shown")
    found = problems(known, sightings, [path.name[:2] for path in paths]) if strict else []
    for line in found:
        console.print(escape(line))
    raise typer.Exit(int(bool(found)))


@app.command()
def normalise(
    lessons: Notebooks = None,
    only_check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit code 1 if one differs.")
    ] = False,
) -> None:
    """Write lessons in the one form in which they are committed: no widget state, no timings, plain ids."""
    from tutorial_lib.authoring import committed_form

    differ = 0
    for path in _notebooks(lessons):
        notebook = committed_form.normalise(committed_form.read(path))
        if only_check:
            changed = committed_form.dump(notebook) != path.read_text(encoding="utf-8")
        else:
            changed = committed_form.write(notebook, path)
        differ += changed
        state = "not in its committed form" if only_check else "written anew"
        console.print(f"{escape(path.name)}: {state if changed else 'in its committed form'}")
    if differ and only_check:
        console.print("`tutorial author normalise` writes them so")
    raise typer.Exit(int(bool(differ and only_check)))


# ---- how it is told ----------------------------------------------------------------------------------


def _notebook(name: str) -> Path:
    """A lesson's notebook, by its number; or a notebook that is named by its path."""
    from tutorial_lib.authoring.lesson_files import lesson_files

    return Path(name) if name.endswith(".ipynb") else lesson_files(name).notebook


def _notebooks(names: list[str] | None) -> list[Path]:
    from tutorial_lib.authoring.lesson_files import course_notebooks

    return [_notebook(name) for name in names] if names else course_notebooks()


def _exercises(notebook: Path) -> dict[str, Exercise]:
    from tutorial_lib.authoring.checks.lesson_modules import errors_in_words
    from tutorial_lib.course.overview import exercises_of, lessons

    lesson = f"lesson-{notebook.name[:2]}"
    with errors_in_words():
        return {each.name: each for each in exercises_of(lesson)} if lesson in lessons() else {}


def _renew_tables(path: Path) -> None:
    """Writes anew what is made of all lessons: the table of exercises where one prints it, the glossary."""
    from tutorial_lib.authoring.checks.lesson_modules import errors_in_words
    from tutorial_lib.authoring.checks.progress_table import renew_table
    from tutorial_lib.authoring.lesson_files import course_notebooks

    there = course_notebooks()
    for each in there if path.resolve() in there else ():
        with errors_in_words():
            renewed = renew_table(each)
        if renewed:
            console.print(f"{escape(each.name)}: its table of exercises is renewed")
    if path.resolve() in there:
        glossary()


def _renew(path: Path, *, accept: bool, timeout: float = 60.0) -> bool:
    from tutorial_lib.authoring.refresh import refresh as renew

    done = renew(path, accept=accept, timeout=timeout)
    console.print(f"{escape(path.name)}: {escape(_verdict(done, accept=accept))} ({done.run.seconds:.1f} s)")
    for change in done.changes:
        console.print(f"  cell \\[{change.cell}]", style="bold")
        for line in change.diff:
            console.print(Text(f"    {line}", style={"-": "red", "+": "green"}.get(line[:1], "")))
    return done.run.ok and (accept or not done.changes)


def _verdict(done: Refreshed, *, accept: bool) -> str:
    if error := done.run.error:
        return f"cell [{error.cell}] failed, nothing written: {error.message}\n{error.source}\n"
    count = len(done.changes)
    if count and not accept:
        return f"{count} cell(s) print something else, nothing written; --accept when that is meant"
    return "renewed" if done.written else "unchanged"


def _table(known: dict[str, Claim], sightings: list[Sighting]) -> Table:
    table = Table("id", "statement", "verdict", "lesson \\[cell]", show_lines=False, pad_edge=False)
    for claim in known.values():
        cells = [
            f"{sighting.lesson} [{sighting.cell}]"
            for sighting in sightings
            if sighting.claim == claim.id and not sighting.objection
        ]
        verdict = f"{claim.verdict}. {claim.now}" if claim.now else claim.verdict
        table.add_row(*map(escape, (claim.id, claim.statement, verdict, ", ".join(cells) or "-")))
    return table
