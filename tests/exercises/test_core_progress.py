"""Progress is kept for each learner, through restarts, broken files and kernels that write at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.attempts import CHECK, GOOD, OPEN
from tests.support.kernels import kernel
from tutorial_lib.authoring.headless.unattended import unattended
from tutorial_lib.course import overview
from tutorial_lib.errors import TutorialError
from tutorial_lib.exercises.progress import NOBODY, Progress, learner
from tutorial_lib.exercises.progress_cards import CourseProgress, LessonProgress
from tutorial_lib.stage.server.keeper import lock
from tutorial_lib.stage.server.shared import stop_server

MANY = """
import sys
from pathlib import Path
from tutorial_lib.exercises.progress import Progress
mine = Progress("ada", Path(sys.argv[1]))
for n in range(40):
    mine.note(f"lesson-01/{sys.argv[2]}-{n}", solved=True)
"""


def test_what_is_solved_stays_solved(tmp_path: Path):
    Progress("ada", tmp_path).note("lesson-01/greeting", solved=False)
    assert not Progress("ada", tmp_path).solved("lesson-01/greeting")
    Progress("ada", tmp_path).note("lesson-01/greeting", solved=True)
    Progress("ada", tmp_path).note("lesson-01/greeting", solved=False)
    assert Progress("ada", tmp_path).load() == {"lesson-01/greeting": {"solved": True, "attempts": 2}}


def test_learners_do_not_share_it(tmp_path: Path):
    names = ["ada", "Ümit", "Ömit", "a/b", "a_b", "..", "李", "\udcff"]
    for name in names[::2]:
        Progress(name, tmp_path).note("lesson-01/greeting", solved=True)
    assert [Progress(name, tmp_path).solved("lesson-01/greeting") for name in names] == [
        position % 2 == 0 for position in range(len(names))
    ]
    assert {path.parent for path in tmp_path.rglob("*")} == {tmp_path}


def test_the_learner_is_the_variable_or_the_login_name(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TUTORIAL_LEARNER", "ada")
    assert learner() == "ada"
    monkeypatch.delenv("TUTORIAL_LEARNER")
    monkeypatch.setenv("LOGNAME", "grace")
    assert learner() == "grace"


@pytest.mark.parametrize(
    "held", ["", "{", "[" * 100000, "1" * 5000, "[]", '{"lesson-01/greeting": 1}', "\udcff", "null"]
)
def test_a_broken_file_is_set_aside_with_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], held: str
):
    mine = Progress("ada", tmp_path)
    mine.path.write_bytes(held.encode("utf-8", "surrogateescape"))
    assert mine.load() == {}
    said = capsys.readouterr().out
    assert "Your progress cannot be read" in said
    [aside] = tmp_path.glob("ada.broken-*")
    assert str(aside) in said
    assert aside.read_bytes() == held.encode("utf-8", "surrogateescape")
    mine.note("lesson-01/greeting", solved=True)
    assert mine.solved("lesson-01/greeting")
    assert capsys.readouterr().out == "", "said once"


def test_odd_entries_do_no_harm(tmp_path: Path):
    mine = Progress("ada", tmp_path)
    mine.path.write_text(json.dumps({"lesson-01/greeting": {"solved": "yes", "attempts": "many"}}))
    mine.note("lesson-01/greeting", solved=False)
    assert mine.load() == {"lesson-01/greeting": {"solved": False, "attempts": 1}}


def test_two_processes_at_once_lose_nothing(tmp_path: Path):
    command = [sys.executable, "-c", MANY, str(tmp_path)]
    running = [subprocess.Popen([*command, name]) for name in ("one", "two")]
    assert [process.wait(60) for process in running] == [0, 0]
    assert len(Progress("ada", tmp_path).load()) == 80
    assert not list(tmp_path.glob(".progress-*")), "no temporary file is left"


def test_where_nothing_can_be_written_it_lasts_as_long_as_the_kernel(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "state").write_text("a file where a folder should be")
    mine = Progress("ada", tmp_path / "state" / "progress")
    mine.note("lesson-01/greeting", solved=True)
    mine.note("lesson-01/other", solved=False)
    assert capsys.readouterr().out.count("Your progress lasts only as long as this kernel") == 1
    assert Progress("ada", tmp_path / "state" / "progress").solved("lesson-01/greeting")
    assert not Progress("grace", tmp_path / "state" / "progress").solved("lesson-01/greeting")


def test_what_could_not_be_written_is_written_with_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tutorial_lib.exercises.progress._LOCK_SECONDS", 0.0)
    mine = Progress("ada", tmp_path)
    with lock(tmp_path / "ada.lock"):  # another kernel, for long
        mine.note("lesson-01/greeting", solved=False)
    (tmp_path / "ada.json").write_text('{"lesson-01/other": {"solved": true, "attempts": 1}}')
    mine.note("lesson-01/greeting", solved=True)
    known = {
        "lesson-01/other": {"solved": True, "attempts": 1},
        "lesson-01/greeting": {"solved": True, "attempts": 2},
    }
    assert json.loads(mine.path.read_text()) == mine.load() == known
    (tmp_path / "ada.json").write_text("{}")  # what is written by now is not kept beside the file
    assert mine.load() == {}


def test_nobody_leaves_nothing_on_disk(tmp_path: Path):
    Progress(NOBODY, tmp_path).note("lesson-01/greeting", solved=True)
    assert Progress(NOBODY, tmp_path).solved("lesson-01/greeting")
    assert list(tmp_path.iterdir()) == []


def test_kernels_without_a_learner_are_nobodys(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TUTORIAL_LEARNER", "ada")
    assert unattended()["TUTORIAL_LEARNER"] == NOBODY


def test_it_is_there_after_a_restart_and_for_its_learner_alone(tmp_path: Path):
    state = tmp_path / "state"
    state.mkdir()
    try:
        with kernel(state, TUTORIAL_LEARNER="ada") as first:
            first.run(OPEN)
            assert first.run("lab.progress()").text.count("✓") == 0
            first.run(GOOD)
            assert "✓ correct" in first.run(CHECK).text
            assert "✓ Your first workflow" in first.run("lab.progress()").text
        with kernel(state, TUTORIAL_LEARNER="ada") as second:
            second.run(OPEN)
            assert "✓ Your first workflow" in second.run("lab.progress()").text
            assert "✓ solved" in second.run("print(ex.greeting._repr_html_())").text
            second.run(GOOD.replace("return await", "await"))
            assert "✗ not yet" in second.run(CHECK).text
            assert "✓ Your first workflow" in second.run("lab.progress()").text, "once solved, always solved"
        with kernel(state, TUTORIAL_LEARNER="grace") as other:
            other.run(OPEN)
            assert "○ Your first workflow" in other.run("lab.progress()").text
        assert [path.name for path in (state / "progress").glob("*.json")] == ["ada.json"]
    finally:
        stop_server(state)


# ---- how it looks --------------------------------------------------------------------------------------


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Progress:
    monkeypatch.setenv("TUTORIAL_LEARNER", "ada")
    monkeypatch.setenv("TUTORIAL_STATE_DIR", str(tmp_path))
    return Progress()


def test_a_lessons_card_lists_exercises_and_quiz():
    card = LessonProgress(
        "lesson-01", (("Your first workflow", True), ("<b> & co", False)), (True, False, True)
    )
    assert repr(card) == (
        "Lesson 01: 1 of 2 exercises solved\n✓ Your first workflow\n○ <b> & co\n○ Quiz: 2 of 3 right"
    )
    assert "&lt;b&gt; &amp; co" in card._repr_html_()
    assert not card.complete
    assert LessonProgress("lesson-01", (("One", True),), (True,)).complete


def test_the_courses_table_has_a_line_a_lesson(fresh: Progress):
    lines = repr(overview.progress()).splitlines()
    assert lines[0].split() == ["lesson", "exercises", "quiz"]
    assert [line.split()[:2] for line in lines[1:]] == [["○", each[-2:]] for each in overview.lessons()]
    assert all(" 0 of " in line for line in lines[1:])
    assert "✓" not in repr(overview.progress())
    for each in overview.exercises_of("lesson-01"):
        fresh.note(each.key, solved=True)
    quiz = overview.quiz_of("lesson-01")
    for key in quiz.keys if quiz else ():
        fresh.note(key, solved=True)
    [mine] = [line for line in repr(overview.progress()).splitlines() if line.split()[1] == "01"]
    assert mine.startswith("✓ 01")
    assert CourseProgress(()).lessons == ()


def test_a_lesson_without_exercises_says_so(fresh: Progress):
    with pytest.raises(TutorialError, match="'lab' has no exercises"):
        overview.lesson_progress("lab")
