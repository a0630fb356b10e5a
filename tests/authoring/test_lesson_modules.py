"""An error in a lesson's own files is told by file and line; what it forgets to make, with its cure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.authoring.copies import author_in, copy_course
from tutorial_lib.authoring.checks.lesson_modules import LessonModuleError, errors_in_words


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_course(tmp_path_factory.mktemp("course") / "it's here")


@contextmanager
def written(path: Path, text: str) -> Iterator[None]:
    """Another text in a file, for a while."""
    whole = path.read_text("utf-8")
    path.write_text(text, encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(whole, encoding="utf-8")


@pytest.mark.parametrize(
    ("command", "file", "source", "words"),
    [
        ("check", "exercises/verdicts.py", "def (", "line 1: SyntaxError: invalid syntax"),
        ("build", "exercises/verdicts.py", "\nclass (", "line 2: SyntaxError: invalid syntax"),
        ("check", "questions.py", "\nfrom tutorial_lib import gone", "line 2: ImportError: "),
        ("build", "exercises/greeting.py", "\n\nwhat", "line 3: NameError: name 'what' is"),
    ],
)
def test_a_module_of_a_lesson_that_cannot_be_imported(course: Path, command, file, source, words):
    path = course / "tutorial_lib" / "course" / "lesson_01" / file
    (course / "01.py").write_text("# %%\n1\n")
    arguments = {"check": ["01", "--files-only"], "build": ["01.py", "01"]}
    with written(path, source):
        done = author_in(course, command, *arguments[command])
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert f"tutorial_lib/course/lesson_01/{file}, {words}" in done.stderr
    assert "mend that line" in done.stderr


def test_answers_that_cannot_be_imported(course: Path):
    path = course / "tests" / "exercises" / "answers" / "lesson_01.py"
    whole = path.read_text("utf-8")
    with written(path, f"{whole}\n)"):
        done = author_in(course, "check", "01", "--files-only")
    line = whole.count("\n") + 2
    assert f"tests/exercises/answers/lesson_01.py, line {line}: SyntaxError: unmatched ')'" in done.stdout
    assert done.stderr == ""


def test_an_error_elsewhere_is_left_as_it_is(tmp_path: Path):
    with pytest.raises(ZeroDivisionError), errors_in_words():
        _ = 1 / 0
    file = tmp_path / "tutorial_lib" / "course" / "lesson_01" / "x.py"
    wanted = pytest.raises(LessonModuleError, match=r"lesson_01/x.py, line 2: ZeroDivisionError: division")
    with wanted, errors_in_words(tmp_path):
        eval(compile("\n1 / 0", str(file), "eval"))  # noqa: S307 - a line of a file of that name


def test_an_exercise_that_the_lesson_does_not_make(course: Path):
    """Its module is there, and a cell names it: build and check lead to the place that forgets it."""
    path = course / "tutorial_lib" / "course" / "lesson_01" / "__init__.py"
    whole = path.read_text("utf-8")
    text = course / "01.py"
    text.write_text(author_in(course, "text", "01").stdout, encoding="utf-8")
    cure = (
        "import it from its module, make it (`verdicts = Verdicts()`) and name it in `__all__`: "
        "tutorial_lib/course/lesson_01/__init__.py"
    )
    for forgotten in ('"verdicts"', "verdicts = Verdicts()\n"):
        assert forgotten in whole
        with written(path, whole.replace(f", {forgotten}", "").replace(forgotten, "")):
            built = author_in(course, "build", str(text), "01")
            checked = author_in(course, "check", "01", "--files-only")
        assert built.returncode == checked.returncode == 1
        assert "the lesson has no exercise 'verdicts'" in built.stderr
        assert cure in built.stderr
        assert checked.stdout.count("the lesson has no exercise 'verdicts'") == 1
        assert cure in checked.stdout
        assert "[drift]" not in checked.stdout
