"""What somebody who adds a lesson forgets is told, with its cure."""

import ast
import re
import shutil
import subprocess
from types import SimpleNamespace

import pytest
import typer

from tutorial_lib import settings
from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.checks.cures import CURES, cure_of
from tutorial_lib.authoring.checks.lesson_check import look, prove
from tutorial_lib.authoring.exercise_cells import part_of
from tutorial_lib.authoring.lesson_files import LessonNotFoundError, course_notebooks, lesson_files
from tutorial_lib.authoring.style.exercises import exercise_findings, quiz_findings, tried_findings
from tutorial_lib.cli.author import app
from tutorial_lib.course import lesson_01
from tutorial_lib.course.overview import exercises_of
from tutorial_lib.exercises.quiz import Quiz


@pytest.fixture
def lesson(tmp_path):
    """Lesson 01 in a copy of what its check reads."""
    for name in ("notebooks", "tests/exercises/answers", "tutorial_lib/course"):
        shutil.copytree(settings.CHECKOUT / name, tmp_path / name)
    (tmp_path / "tests" / "support").mkdir()
    for name in ("tests/support/answering.py", "README.md"):
        shutil.copy(settings.CHECKOUT / name, tmp_path / name)
    return lesson_files("01", tmp_path)


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def change_cells(lesson, change):
    notebook = committed_form.read(lesson.notebook)
    change(notebook)
    committed_form.write(notebook, lesson.notebook)


def starter_of(notebook):
    return next(cell for cell in notebook.cells if part_of(cell) == ("greeting", "starter"))


def told(lesson):
    """The rule of each finding, with its cure."""
    return {finding.rule: cure_of(finding, lesson) for finding in look(lesson)}


@pytest.mark.parametrize("path", course_notebooks(), ids=lambda path: path.stem)
def test_every_lesson_of_the_course_is_complete(path):
    assert [str(finding) for finding in look(lesson_files(path.name[:2]))] == []


def test_without_a_row_in_the_readme(lesson):
    row = next(line for line in lesson.readme.read_text("utf-8").splitlines() if line.startswith("| [01 "))
    edit(lesson.readme, row + "\n", "")
    assert told(lesson) == {
        "row": "add a line: | [01 Core concepts](notebooks/01_core_concepts.ipynb) | do this and that | 25 |"
    }


def test_a_row_that_says_other_minutes(lesson):
    edit(lesson.readme, "read it in an event history | 25 |", "read it in an event history | 90 |")
    assert list(told(lesson)) == ["minutes"]


def test_a_row_that_leads_elsewhere(lesson):
    edit(lesson.readme, "(notebooks/01_core_concepts.ipynb)", "(notebooks/01_concepts.ipynb)")
    assert list(told(lesson)) == ["row"]


def test_a_notebook_that_is_not_in_the_list(lesson):
    edit(lesson.listing, "01_core_concepts.ipynb\n", "")
    assert told(lesson) == {"list": "add a line to tutorial_lib/course/notebooks.txt: 01_core_concepts.ipynb"}


def test_a_list_that_names_the_notebook_as_it_was(lesson):
    edit(lesson.listing, "01_core_concepts.ipynb\n", "01_concepts.ipynb\n01_core_concepts.ipynb\n")
    assert told(lesson) == {"list": "remove 01_concepts.ipynb from tutorial_lib/course/notebooks.txt"}


@pytest.mark.parametrize("number", ["00", "01"])
def test_without_a_link_to_the_next_lesson(lesson, number):
    near = lesson_files(number, lesson.root)
    following = near.beside(1).notebook.name

    def unlink(notebook):
        notebook.cells[-1].source = re.sub(rf"\[([^\]]*)\]\({following}\)", r"\1", notebook.cells[-1].source)

    change_cells(near, unlink)
    [cure] = told(lesson).values()
    assert f"tutorial author build {number}.py {number}" in cure


def test_without_answers(lesson):
    lesson.answers.unlink()
    assert told(lesson) == {"answers": "write them in tests/exercises/answers/lesson_01.py"}


def test_too_few_answers():
    few = [SimpleNamespace(exercise="greeting", outcome="not yet")] * 3
    messages = [finding.message for finding in tried_findings([lesson_01.greeting], few)]
    assert messages == [
        "greeting: 3 wrong answers; 4 plausible ones at least",
        "greeting: no right answer written otherwise than the solution",
    ]
    unknown = [SimpleNamespace(exercise="greetnig", outcome="not yet")]
    assert "'greetnig'" in next(tried_findings([], unknown)).message


def test_a_quiz_of_two_questions():
    two = Quiz("lesson-01", *lesson_01.quiz.questions[:2])
    assert "2 questions; it wants 3" in [finding.message for finding in quiz_findings(two)]
    assert "no quiz" in next(quiz_findings(None)).message
    same = Quiz("lesson-01", *[lesson_01.quiz.questions[0]] * 3)
    assert [finding.message for finding in quiz_findings(same)] == [
        "the right choice is always in the same place"
    ]


def test_an_exercise_that_leaves_a_learner_alone(monkeypatch):
    greeting = type(lesson_01.greeting)()
    greeting.hints = (greeting.solution_code.strip(), "more")
    greeting.starter = "return ____ +"
    greeting.why = ""
    messages = " ".join(finding.message for finding in exercise_findings(greeting))
    for part in ("gives the solution away", "starter is not valid Python", "a text is empty"):
        assert part in messages


def test_a_starter_that_has_drifted(lesson):
    def rename(notebook):
        cell = starter_of(notebook)
        cell.source = cell.source.replace("GreetCustomer", "GreetGuest")

    change_cells(lesson, rename)
    cure = "`tutorial author text 01 | tutorial author build - 01`"
    assert told(lesson) == {"drift": f"{cure} makes them anew"}


def test_a_check_that_is_written_by_hand(lesson):
    def by_hand(notebook):
        cell = next(cell for cell in notebook.cells if part_of(cell) == ("greeting", "check"))
        del cell.metadata["course"]

    change_cells(lesson, by_hand)
    messages = [finding.message for finding in look(lesson)]
    assert messages == [
        "the check of 'greeting' is written by hand; let the build make it",
        "the check of 'greeting' stands there 0 times; once is wanted",
    ]


def test_words_that_the_scaffold_left(lesson):
    def forget(notebook):
        notebook.cells[2].source += "\n\nOne question, in one sentence."

    change_cells(lesson, forget)
    edit(lesson.readme, "read it in an event history |", "read it |")
    row = lesson.row()
    edit(lesson.readme, row.able, "do this and that")
    assert set(told(lesson)) >= {"unfinished", "row"}


def test_without_the_quiz_in_the_notebook(lesson):
    def drop(notebook):
        notebook.cells = [cell for cell in notebook.cells if cell.source != "ex.quiz"]

    change_cells(lesson, drop)
    assert "quiz" in told(lesson)


def test_a_statement_that_is_shown_no_more(lesson):
    def untag(notebook):
        for cell in notebook.cells:
            cell.metadata.pop("tags", None)

    change_cells(lesson, untag)
    findings = [finding for finding in look(lesson) if finding.rule == "claims"]
    [activity] = [finding for finding in findings if "'activity'" in finding.message]
    assert activity.message.startswith("no cell shows 'activity': Activities do the actual work")
    assert '`# %% tags=["claim:activity"]`' in cure_of(activity, lesson)


def test_a_table_of_exercises_that_has_not_the_new_one(lesson, author, monkeypatch):
    """Lesson 00 prints it: whoever adds an exercise in lesson 01 hears of it there."""
    table = lesson_files("00", lesson.root).notebook
    whole = table.read_text("utf-8")
    edit(table, "○ 01       0 of 3", "○ 01       0 of 2")
    assert told(lesson) == {"progress": "`tutorial author refresh 00 --accept`"}
    monkeypatch.setattr("tutorial_lib.settings.CHECKOUT", lesson.root)
    (lesson.root / "01.py").write_text(author("text", "01"), encoding="utf-8")
    assert "00_start_here.ipynb: its table of exercises is renewed" in author(
        "build", lesson.root / "01.py", "01"
    )
    assert told(lesson) == {}
    assert table.read_text("utf-8") == whole


def test_without_a_package(lesson):
    shutil.rmtree(lesson.package)
    assert list(told(lesson)) == ["package"]


def rules_of_the_checks():
    """The rule of each finding that code of the library makes; None where that is no plain text."""
    for path in (settings.PACKAGE / "authoring").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Finding":
                rule = node.args[1]
                yield rule.value if isinstance(rule, ast.Constant) else None


def test_each_rule_has_its_cure_and_no_cure_is_for_another():
    assert set(rules_of_the_checks()) == set(CURES)
    for cure in CURES.values():
        assert "{" not in cure.format(number="08")


def test_the_commands_of_cures_are_there():
    known = set(typer.main.get_command(app).commands)
    named = set(re.findall(r"tutorial author (\w+)", " ".join(CURES.values())))
    assert named
    assert named <= known


def test_cells_that_were_not_run_are_one_finding(lesson):
    def forget(notebook):
        for cell in committed_form.code_cells(notebook)[2:5]:
            cell.execution_count = None

    change_cells(lesson, forget)
    [finding] = [finding for finding in look(lesson) if finding.rule == "executed"]
    assert finding.message == "3 cells were not run"
    assert "tutorial author refresh 01 --accept" in cure_of(finding, lesson)


def test_what_was_not_run_is_not_said_to_print_what_is_committed(lesson, monkeypatch):
    class Passed:
        returncode = 0

        def __init__(self, *_arguments, **_options): ...

        def communicate(self):
            return "", None

    monkeypatch.setattr(subprocess, "Popen", Passed)
    assert next(proof.what for proof in prove(lesson)) == "every cell prints what is committed"

    def forget(notebook):
        committed_form.code_cells(notebook)[2].execution_count = None

    change_cells(lesson, forget)
    count = len(committed_form.code_cells(committed_form.read(lesson.notebook)))
    assert next(proof.what for proof in prove(lesson)) == (
        f"{count - 1} cells print what is committed; 1 were not run before"
    )


def test_a_lesson_that_is_not_there(author):
    with pytest.raises(LessonNotFoundError, match=r"no lesson '88'.*\n.*tutorial author new 88"):
        lesson_files("88")


def test_the_command_shows_each_finding_with_its_cure(lesson, author, monkeypatch):
    lesson.answers.unlink()
    monkeypatch.setattr("tutorial_lib.authoring.lesson_files.lesson_files", lambda _: lesson)
    said = author("check", "01", "--files-only", fails=True)
    assert "✗ notebook [answers] there is no file of answers" in said
    assert "→ write them in tests/exercises/answers/lesson_01.py" in said


def test_the_exercises_are_those_of_the_package():
    assert [each.name for each in exercises_of("lesson-01")] == ["greeting", "verdicts", "adopted"]
    assert {each.lesson for each in exercises_of("lesson-01")} == {"lesson-01"}
