"""An exercise and a quiz in JupyterLab, as a learner does them: wrong first, by keyboard, in both themes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from tests.browser.keys import check_keyboard
from tests.browser.styles import changed_by_a_copy_of_the_theme, dim_texts
from tests.support.answering import replace
from tests.support.attempts import CHECK, GOOD, STARTER
from tests.support.lab_page import LabPage
from tests.support.running_lab import OWN

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

    from tests.support.running_lab import RunningLab

QUIZ = """
from tutorial_lib.exercises.quiz import Choice, Question, Quiz
quiz = Quiz(
    "lesson-01",
    Question("Who holds the event history?", [
        Choice("The worker", why="It may be gone, and the history is still there."),
        Choice("The server", why="It writes each event before anybody goes on.", right=True),
        Choice("The client", why="It only asks for it with `fetch_history`."),
    ]),
    Question("Who calls `run`?", [
        Choice("A worker", why="It got a workflow task.", right=True),
        Choice("The server", why="It never runs your code."),
    ]),
    Question("What does `execute_activity` need?", [
        Choice("A thread", why="The worker has its own."),
        Choice("A timeout", why="The server must know when to give an attempt up.", right=True),
        Choice("A queue", why="It takes that of its workflow, if none is named."),
    ]),
)
quiz
"""
OPEN = """
%load_ext tutorial_lib
from tutorial_lib import open_lab
from tutorial_lib.exercises import ____
from tutorial_lib.course import lesson_01 as ex
lab = await open_lab("lesson-01")
ex.greeting
"""
CELLS = [
    OPEN.strip(),
    STARTER.strip(),
    CHECK,
    replace(STARTER, "____", "await write_greeting(name)").strip(),
    CHECK,
    GOOD.strip(),
    CHECK,
    "ex.greeting.hint()",
    "ex.greeting.solution()",
    QUIZ.strip(),
    "lab.progress()",
]
TASK, NOT_ATTEMPTED, NOT_YET, CORRECT, HINT, SOLUTION, ASKED, PROGRESS = 0, 2, 4, 6, 7, 8, 9, 10
# Screenshots of both themes are kept here for people to look at; nothing is written otherwise.
PICTURES = os.environ.get("TUTORIAL_PICTURES")


@pytest.fixture(scope="module")
def opened(lab: RunningLab, browser: Browser, course: Path) -> Iterator[LabPage]:
    """A notebook with these cells, all run."""
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    path = course / OWN / "exercises.ipynb"
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    with LabPage(lab, browser, path.name) as page:
        page.page.set_viewport_size({"width": 1300, "height": 1200})
        page.run_all()
        state = page.wait_done()
        assert [error for error in state["errors"] if error] == []
        output(page, ASKED).locator(".quiz").wait_for()
        yield page


def output(opened: LabPage, number: int) -> Locator:
    """What the cell of this number shows."""
    return opened.notebook.locator(".jp-CodeCell").nth(number).locator(".jp-OutputArea-output").first


def active_cell(opened: LabPage) -> int:
    """Which cell JupyterLab's own keys would act on."""
    cells = opened.notebook.locator(".jp-CodeCell")
    classes = [cells.nth(number).get_attribute("class") or "" for number in range(cells.count())]
    return next((number for number, each in enumerate(classes) if "jp-mod-active" in each), -1)


def test_the_three_outcomes_are_told_in_symbol_word_and_text(opened: LabPage):
    wanted = {
        TASK: ["Your first workflow", "Let GreetCustomer have"],
        NOT_ATTEMPTED: ["○ Your first workflow: not attempted yet", "____"],
        NOT_YET: ["✗ Your first workflow: not yet", "no event says that an activity was scheduled", "→"],
        CORRECT: ["✓ Your first workflow: correct", "holds the greeting"],
        HINT: ["hint 1 of 2", "1 more"],
        SOLUTION: ["one way", "execute_activity("],
        PROGRESS: ["Lesson 01:", "✓ Your first workflow"],
    }
    for number, pieces in wanted.items():
        shown = output(opened, number).inner_text()
        assert [piece for piece in pieces if piece not in shown] == [], shown


def test_nothing_that_is_not_attempted_or_not_yet_looks_like_an_error(opened: LabPage):
    for number in (NOT_ATTEMPTED, NOT_YET):
        cell = opened.notebook.locator(".jp-CodeCell").nth(number)
        assert cell.locator('[data-mime-type*="error"], [data-mime-type*="stderr"]').count() == 0


def test_the_quiz_works_by_keyboard(opened: LabPage):
    quiz = output(opened, ASKED).locator(".quiz")
    keys = opened.page.keyboard
    quiz.locator("input").first.focus()
    before = active_cell(opened)
    assert before >= 0

    keys.press("Enter")  # nothing is chosen yet
    said = quiz.get_by_role("status").nth(0)
    assert said.inner_text() == "Choose an answer first."

    keys.press("Space")
    keys.press("Enter")
    assert said.inner_text().startswith("✗ Not so. It may be gone")
    assert quiz.locator(".quiz-score").inner_text() == "○ 0 of 3 right"

    keys.press("ArrowDown")
    assert said.inner_text() == "", "passing over a choice tells nothing"
    keys.press("Enter")
    assert said.inner_text().startswith("✓ Right. It writes each event")
    assert quiz.locator(".quiz-score").inner_text() == "○ 1 of 3 right"

    keys.press("Tab")  # the button, then the next question
    assert quiz.evaluate("each => document.activeElement.textContent") == "Check"
    keys.press("Tab")
    keys.press("Space")
    keys.press("Tab")
    keys.press("Enter")
    assert quiz.get_by_role("status").nth(1).inner_text().startswith("✓ Right. It got a workflow task")
    keys.press("Tab")
    keys.press("ArrowUp")  # radio buttons go round: the last one
    keys.press("Enter")
    assert quiz.get_by_role("status").nth(2).inner_text().startswith("✗ Not so. It takes that of")
    assert quiz.locator(".quiz-score").inner_text() == "○ 2 of 3 right"
    assert active_cell(opened) == before, "the keys stay in the quiz"
    widths = quiz.locator(".quiz-foot .tt-button").evaluate_all("all => all.map((each) => each.offsetWidth)")
    assert len(set(widths)) == 1, "whatever is said beside them"


def test_its_groups_have_names_for_screen_readers(opened: LabPage):
    quiz = output(opened, ASKED).locator(".quiz")
    for number, name in enumerate(["1. Who holds", "2. Who calls run?", "3. What does"]):
        group = quiz.get_by_role("group", name=name)
        assert group.get_by_role("radio").count() == (3, 2, 3)[number]
    assert quiz.get_by_role("radio", name="The client").count() == 1


def test_a_click_anywhere_gives_the_quiz_the_keyboard_and_escape_gives_it_back(opened: LabPage):
    quiz = output(opened, ASKED).locator(".quiz")
    check_keyboard(opened, quiz, ".tt-title", "ArrowDown")


def test_answers_are_in_the_learners_progress(opened: LabPage):
    opened.notebook.locator(".jp-CodeCell").nth(PROGRESS).locator(".cm-content").click()
    opened.page.keyboard.press("Control+Enter")
    output(opened, PROGRESS).get_by_text("2 of 3 right").wait_for()


def test_a_views_copy_of_the_theme_changes_nothing(opened: LabPage):
    changed = changed_by_a_copy_of_the_theme(opened.page)
    assert not changed, "\n".join(changed)


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_all_of_it_can_be_read(opened: LabPage, theme: str):
    opened.use_theme(theme)
    for number in (TASK, NOT_ATTEMPTED, NOT_YET, CORRECT, HINT, SOLUTION, ASKED, PROGRESS):
        shown = output(opened, number)
        shown.scroll_into_view_if_needed()
        if PICTURES:
            path = Path(PICTURES) / f"exercise-{theme.lower()}-{number:02}.png"
            opened.notebook.locator(".jp-CodeCell").nth(number).screenshot(path=path)
        assert dim_texts(shown) == []
