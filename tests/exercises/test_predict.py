"""A prediction: its words, what is kept of it, what is told beside what happened, and authors' slips."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.kernels import Kernel, kernel
from tutorial_lib.authoring.headless.unattended import unattended
from tutorial_lib.course import overview
from tutorial_lib.errors import PredictionError
from tutorial_lib.exercises.predict import Prediction
from tutorial_lib.exercises.progress import NOBODY, Progress

QUESTION = "Roll back: which of the `<orders>` go on?"
CHOICES = ("both", "only the older one", "neither!")


@pytest.fixture
def mine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Progress:
    monkeypatch.setenv("TUTORIAL_LEARNER", "ada")
    monkeypatch.setenv("TUTORIAL_STATE_DIR", str(tmp_path))
    return Progress()


def asked(question: str = QUESTION, choices: tuple[str, ...] = CHOICES) -> Prediction:
    return Prediction("lesson-07", question, choices)


def said(prediction: Prediction, happened: str, capsys: pytest.CaptureFixture[str]) -> str:
    prediction.was(happened)
    return capsys.readouterr().out


def test_its_text_and_its_fallback_are_the_same_for_everybody(mine: Progress):
    words = f"Predict: {QUESTION}\n   ○ both\n   ○ only the older one\n   ○ neither!"
    assert repr(asked()) == words
    asked().view.chosen = "both"
    bundle, _ = asked().view._repr_mimebundle_()
    assert bundle["text/plain"] == words
    assert bundle["text/html"] == (
        "<p><b>Predict: Roll back: which of the <code>&lt;orders&gt;</code> go on?</b></p>"
        "<ul><li>both</li><li>only the older one</li><li>neither!</li></ul>"
    )
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_what_was_said_is_told_beside_what_happened(mine: Progress, capsys: pytest.CaptureFixture[str]):
    prediction = asked()
    prediction.view.chosen = "both"
    assert said(prediction, "only the older one", capsys) == "You said: both. It was: only the older one.\n"
    assert said(prediction, "both", capsys) == "As you said: both.\n"
    assert said(prediction, "neither!", capsys) == "You said: both. It was: neither!\n"
    assert prediction.view.happened == "neither!", "the widget tells it too, and is changed no more"


def test_whoever_says_nothing_is_told_nothing(mine: Progress, capsys: pytest.CaptureFixture[str]):
    prediction = asked()
    assert said(prediction, "both", capsys) == ""
    assert prediction.view.happened == "", "it can still be said"


def test_nobody_is_told_nothing(
    mine: Progress, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("TUTORIAL_LEARNER", NOBODY)
    prediction = asked()
    prediction.view.chosen = "both"
    assert said(prediction, "both", capsys) == ""
    assert asked().view.chosen == ""


def test_what_is_said_is_kept_and_can_be_changed(mine: Progress):
    prediction = asked()
    prediction.view.chosen = "both"
    prediction.view.chosen = "neither!"
    assert list(mine.load().values()) == [{"predicted": "neither!", "question": QUESTION}]
    again = asked()
    assert again.view.chosen == "neither!"
    again.view.chosen = "both"
    prediction.view.before_display()
    assert prediction.view.chosen == "both", "shown again, it says what was said meanwhile"


def test_a_question_in_other_words_is_another_one(mine: Progress, capsys: pytest.CaptureFixture[str]):
    asked().view.chosen = "both"
    assert said(asked("Which go on?"), "both", capsys) == ""
    assert said(Prediction("lesson-08", QUESTION, CHOICES), "both", capsys) == ""
    assert said(asked(choices=("all", "none")), "all", capsys) == "", "both is no choice any more"


@pytest.mark.parametrize("entry", [{}, {"predicted": 7}, {"predicted": None}, {"predicted": ["both"]}])
def test_a_strange_entry_is_nothing_said(
    mine: Progress, capsys: pytest.CaptureFixture[str], entry: dict[str, object]
):
    asked().view.chosen = "both"
    [key] = mine.load()
    mine.path.write_text(json.dumps({key: entry, "lesson-07/rest": {"solved": True}}), encoding="utf-8")
    assert said(asked(), "both", capsys) == ""
    assert asked().view.chosen == ""
    assert mine.solved("lesson-07/rest")
    assert "prediction" not in repr(overview.lesson_progress("lesson-07"))
    asked().view.chosen = "both"
    assert said(asked(), "both", capsys) == "As you said: both.\n"


def test_what_the_page_sends_and_is_no_choice_is_not_kept(mine: Progress):
    asked().view.chosen = "<script>"
    assert mine.load() == {}


def test_progress_counts_predictions_and_grades_none(mine: Progress):
    before = overview.lesson_progress("lesson-07")
    asked().view.chosen = "both"
    assert repr(overview.lesson_progress("lesson-07")) == f"{before!r}\n1 prediction made"
    asked("And then?").view.chosen = "both"
    after = overview.lesson_progress("lesson-07")
    assert repr(after) == f"{before!r}\n2 predictions made"
    assert "2 predictions made" in after._repr_html_()
    assert after.solved == before.solved
    assert repr(overview.lesson_progress("lesson-06")).count("prediction") == 0


def test_a_check_keeps_what_was_predicted(mine: Progress):
    asked().view.chosen = "both"
    mine.note("lesson-07/rest", solved=True)
    assert asked().view.chosen == "both"
    assert mine.solved("lesson-07/rest")


@pytest.mark.parametrize(
    ("question", "choices", "says"),
    [
        ("Which?", (), "has 0 choices; it wants 2 to 4"),
        ("Which?", ("both",), "has 1 choice; it wants 2 to 4"),
        ("Which?", ("a", "b", "c", "d", "e"), "has 5 choices"),
        ("Which?", ("both", "both"), "say the same"),
        ("", ("both", "neither"), "'' is no line of text"),
        ("Which?", ("both", " "), "' ' is no line of text"),
        ("Which\nof them?", ("both", "neither"), "is no line of text"),
        ("Which?", (["both", "neither"], "c"), "is no line of text"),
    ],
)
def test_a_question_that_nobody_could_answer_is_refused(
    mine: Progress, question: str, choices: tuple[str, ...], says: str
):
    with pytest.raises(PredictionError, match=says):
        asked(question, choices)


@pytest.mark.parametrize("answer", ["", "both"])
def test_what_happened_is_one_of_the_choices_whether_or_not_anything_was_said(mine: Progress, answer: str):
    prediction = asked()
    if answer:
        prediction.view.chosen = answer
    with pytest.raises(PredictionError, match=r"was\('Both'\).*'both', 'only the older one', 'neither!'"):
        prediction.was("Both")


# ---- in a kernel

ASK = 'lab.predict("Which go on?", "both", "only the older one", "neither")'
WORDS = "Predict: Which go on?\n   ○ both\n   ○ only the older one\n   ○ neither\n"


@pytest.fixture(scope="module")
def ada(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel of a learner; its lab is no server's, which a prediction does not ask for."""
    with kernel(tmp_path_factory.mktemp("ada") / "state", TUTORIAL_LEARNER="ada") as running:
        opened = running.run(
            "%load_ext tutorial_lib\n"
            "from tutorial_lib.lab import Lab\n"
            'lab = Lab.__new__(Lab); lab.name = "lesson-07"'
        )
        assert opened.error is None, opened.error
        yield running


@pytest.mark.parametrize(
    "cell", [f"goes_on = {ASK}", ASK, f"goes_on = {ASK}\ngoes_on", f"{ASK};", f"x = 1\n(goes_on := {ASK})"]
)
def test_each_way_to_write_it_shows_it_once(ada: Kernel, cell: str):
    ran = ada.run(cell)
    assert (ran.error, ran.text) == (None, WORDS)


def test_its_name_in_a_later_cell_shows_it_again(ada: Kernel):
    ada.run(f"goes_on = {ASK}")
    assert ada.run("goes_on").text == WORDS
    assert ada.run("goes_on").text == WORDS


def test_in_cells_sent_at_once_nothing_is_told_and_the_rest_runs(ada: Kernel):
    ran = ada.run_all([f"goes_on = {ASK}", 'goes_on.was("both")', "print('on')"])
    assert [(each.error, each.text) for each in ran] == [(None, WORDS), (None, ""), (None, "on\n")]


def test_in_a_cell_it_is_told_once_said(ada: Kernel):
    ada.run(f"goes_on = {ASK}\ngoes_on.view.chosen = 'both'")
    assert ada.run('goes_on.was("neither")').text == "You said: both. It was: neither.\n"
    assert ada.run(f"goes_on = {ASK}").text == WORDS
    assert ada.run('goes_on.was("both")').text == "As you said: both.\n"


def test_an_authors_slip_fails_a_kernel_without_a_learner(tmp_path: Path):
    environment = {"TUTORIAL_LEARNER": unattended()["TUTORIAL_LEARNER"]}
    with kernel(tmp_path / "state", **environment) as running:
        running.run("from tutorial_lib.lab import Lab\nlab = Lab.__new__(Lab); lab.name = 'lesson-07'")
        assert running.run(f"goes_on = {ASK}").text == WORDS
        ran = running.run('goes_on.was("all of them")')
        assert ran.error is not None
        assert ran.error.startswith("PredictionError: `was('all of them')`")
