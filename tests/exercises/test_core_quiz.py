"""A quiz: its words, what authors may not write, and which answers count."""

from __future__ import annotations

from pathlib import Path

import pytest

from tutorial_lib.exercises.progress import Progress
from tutorial_lib.exercises.quiz import Choice, Question, Quiz

RIGHT = Choice("The server", why="It holds the `history`.", right=True)
WRONG = Choice("The <worker>", why="It may be gone.")


@pytest.fixture
def mine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Progress:
    monkeypatch.setenv("TUTORIAL_LEARNER", "ada")
    monkeypatch.setenv("TUTORIAL_STATE_DIR", str(tmp_path))
    return Progress()


def quiz() -> Quiz:
    return Quiz("lesson-77", Question("Who keeps it?", [WRONG, RIGHT]), Question("Who else?", [RIGHT, WRONG]))


def test_its_text_is_short_and_the_same_for_everybody(mine: Progress):
    first = repr(quiz())
    assert first == (
        "Quiz: 2 questions\n1. Who keeps it?\n   ○ The <worker>\n   ○ The server\n"
        "2. Who else?\n   ○ The server\n   ○ The <worker>"
    )
    mine.note("lesson-77/quiz-1", solved=True)
    shown = quiz()
    bundle, _ = shown._repr_mimebundle_()
    assert bundle["text/plain"] == first
    assert bundle["text/html"] == quiz().view.static_html()
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_without_a_widget_the_answers_unfold():
    static = quiz().view.static_html()
    assert static.count("<details>") == static.count("</details>") == 2
    assert "The &lt;worker&gt;" in static
    assert "<worker>" not in static
    before, _, unfolded = static.partition("<details>")
    assert "It may be gone" not in before
    assert "✗ not so" in unfolded
    assert "✓ right" in unfolded
    assert "<code>history</code>" in unfolded


def test_answers_count_in_the_learners_progress(mine: Progress):
    view = quiz().view
    view.chosen = [0, -1]
    assert mine.load() == {"lesson-77/quiz-1": {"solved": False, "attempts": 1}}
    view.chosen = [1, -1]
    assert mine.load() == {"lesson-77/quiz-1": {"solved": True, "attempts": 2}}
    view.chosen = [0, -1]
    assert mine.solved("lesson-77/quiz-1"), "once right, always right"
    again = quiz().view
    assert (again.chosen, again.solved) == ([-1, -1], [True, False])


def test_an_answer_counts_once_whether_its_message_or_its_state_comes_or_both(mine: Progress):
    view = quiz().view
    view._handle_custom_msg({"number": 0, "choice": 0}, [])
    assert mine.load() == {"lesson-77/quiz-1": {"solved": False, "attempts": 1}}
    view.chosen = [0, -1]
    assert mine.load() == {"lesson-77/quiz-1": {"solved": False, "attempts": 1}}
    for nonsense in ({"number": 5, "choice": 0}, {"number": 0, "choice": 9}, {"number": "0"}, {}):
        view._handle_custom_msg(nonsense, [])
    view._handle_custom_msg({"number": 0, "choice": 1}, [])
    assert mine.load() == {"lesson-77/quiz-1": {"solved": True, "attempts": 2}}


def test_a_number_that_is_no_choice_counts_for_nothing(mine: Progress):
    quiz().view.chosen = [7, -2]
    assert mine.load() == {}


def test_a_quiz_shown_twice_is_one_widget():
    one = quiz()
    assert one.view is one.view


@pytest.mark.parametrize(
    ("choices", "says"),
    [
        ([RIGHT], "wants two or more"),
        ([WRONG, WRONG], "exactly one"),
        ([RIGHT, RIGHT], "2 of them right"),
        ([RIGHT, Choice("Nobody", why="")], "'Nobody' does not"),
    ],
)
def test_a_question_that_is_none_is_refused(choices: list[Choice], says: str):
    with pytest.raises(ValueError, match=says):
        Question("Who?", choices)


def test_a_quiz_without_questions_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        Quiz("lesson-77")
