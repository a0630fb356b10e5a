"""A prediction in JupyterLab: by mouse and by keyboard, kept over restart and reload, in both themes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from tests.browser.keys import check_keyboard, selected
from tests.browser.styles import dim_texts
from tests.support.lab_page import LabPage
from tests.support.waiting import looks

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

    from tests.support.running_lab import RunningLab

SETUP = '%load_ext tutorial_lib\nfrom tutorial_lib import open_lab\nlab = await open_lab("lesson-07")\nlab'
ASK = """goes_on = lab.predict(
    "Roll back to version 1: which orders go on?",
    "both", "only the older one", "`neither` of them",
)"""
CELLS = [SETUP, ASK, 'goes_on.was("only the older one")', "print('and on')"]
SET_UP, ASKED, TURN, LAST = range(4)
PICTURES = os.environ.get("TUTORIAL_PICTURES")


@pytest.fixture(scope="module")
def lab(course: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    """A `tutorial lab` with a learner in front of it: nobody's predictions are not kept."""
    from tests.support.running_lab import running_lab

    with running_lab(course, tmp_path_factory.mktemp("predict"), TUTORIAL_LEARNER="ada") as running:
        yield running


@pytest.fixture
def opened(lab: RunningLab, browser: Browser, course: Path) -> Iterator[LabPage]:
    """A notebook with these cells, all run at once; nobody has predicted anything."""
    for kept in (lab.state_dir / "progress").glob("*.json"):
        kept.unlink()
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    path = course / "my-course" / "predict.ipynb"
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    with LabPage(lab, browser, path.name) as page:
        page.run_all()
        assert not any(page.wait_done()["errors"])
        widget(page).wait_for()
        yield page


def cell(opened: LabPage, number: int) -> Locator:
    return opened.notebook.locator(".jp-CodeCell").nth(number)


def widget(opened: LabPage) -> Locator:
    return cell(opened, ASKED).locator(".predict")


def status(opened: LabPage) -> str:
    return widget(opened).get_by_role("status").inner_text()


def run(opened: LabPage, number: int) -> None:
    """Run one cell, and wait for its end."""
    cell(opened, number).locator(".cm-content").click()
    opened.page.keyboard.press("Control+Enter")
    opened.wait_done()


def told(opened: LabPage) -> str:
    """What the turn's cell shows."""
    outputs = cell(opened, TURN).locator(".jp-OutputArea-output")
    return " ".join(outputs.first.inner_text().split()) if outputs.count() else ""


def test_run_all_goes_on_and_tells_nothing(opened: LabPage):
    assert told(opened) == ""
    assert "and on" in cell(opened, LAST).inner_text()
    assert status(opened) == "What do you think? It is not graded."


def test_by_mouse_it_is_kept_and_can_be_changed_until_the_turn(opened: LabPage):
    widget(opened).get_by_text("both").click()
    assert status(opened) == "You say: both. Change it until you run on."
    run(opened, TURN)
    assert told(opened) == "You said: both. It was: only the older one."
    assert status(opened) == "You said: both. It was: only the older one."
    widget(opened).get_by_text("neither").click(force=True)
    opened.page.keyboard.press("3")
    assert widget(opened).get_by_role("radio", checked=True).get_attribute("aria-disabled") == "true"
    assert status(opened) == "You said: both. It was: only the older one.", "what was said was said"

    run(opened, ASKED)  # the next turn: what was said is there, and can be changed again
    widget(opened).get_by_text("You say: both.").wait_for()
    widget(opened).get_by_text("only the older one").click()
    run(opened, TURN)
    assert told(opened) == "As you said: only the older one."


def test_what_was_said_stands_apart_from_printed_lines(opened: LabPage):
    widget(opened).get_by_text("both").click()
    cell(opened, TURN).locator(".cm-content").click()
    opened.page.keyboard.press("Control+Home")
    opened.page.keyboard.insert_text("print('it ran')\n")
    run(opened, TURN)
    gap = (
        cell(opened, TURN)
        .locator(".jp-OutputArea")
        .evaluate("""area => {
      const card = [...area.querySelectorAll('div[style*="border-left"]')].at(-1).getBoundingClientRect();
      return card.top - area.querySelector('pre').getBoundingClientRect().bottom;
    }""")
    )
    assert gap > 4


def test_by_keyboard_with_digits_and_arrows(opened: LabPage):
    keys = opened.page.keyboard
    widget(opened).get_by_role("radio").first.focus()
    before, text = selected(opened), cell(opened, ASKED).locator(".cm-content").inner_text()
    for key, choice in [("3", "neither of them"), ("1", "both"), ("ArrowRight", "only the older one")]:
        keys.press(key)
        assert status(opened) == f"You say: {choice}. Change it until you run on."
    keys.press("4")  # no such choice, and no heading of the notebook's
    assert status(opened).startswith("You say: only the older one.")
    ring = widget(opened).evaluate("""each => {
      const now = getComputedStyle(document.activeElement);
      return each.contains(document.activeElement) && `${now.outlineStyle} ${now.outlineWidth}`;
    }""")
    assert ring == "solid 2px"
    assert (selected(opened), cell(opened, ASKED).locator(".cm-content").inner_text()) == (before, text)
    keys.press("Shift+Enter")  # the notebook's own key: the cell runs again, and what was said is there
    opened.wait_done()
    widget(opened).get_by_text("You say: only the older one.").wait_for()


def test_the_last_choice_counts_though_the_kernel_was_busy(opened: LabPage, tmp_path: Path):
    gate = tmp_path / "gate"
    cell(opened, LAST).locator(".cm-content").click()
    opened.page.keyboard.press("Control+Home")
    wait = f"[time.sleep(0.01) for _ in iter(lambda: os.path.exists({str(gate)!r}), True)]"
    opened.page.keyboard.insert_text(f"import os, time; print('waits'); {wait}\n")
    opened.page.keyboard.press("Control+Enter")
    cell(opened, LAST).get_by_text("waits", exact=True).wait_for()
    for choice in ["neither of them", "both", "only the older one"]:
        widget(opened).get_by_text(choice).click()
    cell(opened, ASKED).locator(".cm-content").click()
    opened.page.keyboard.press("Control+Enter")  # waits for its turn, before what the page has not sent yet
    gate.touch()
    opened.wait_done()
    widget(opened).get_by_text("You say: only the older one.").wait_for()


def test_what_is_said_stands_out_by_more_than_a_dot(opened: LabPage):
    opened.page.mouse.move(0, 0)
    widget(opened).get_by_role("radio").first.focus()
    opened.page.keyboard.press("2")
    behind = (
        widget(opened)
        .locator(".predict-choice")
        .evaluate_all("all => all.map((each) => getComputedStyle(each).backgroundColor)")
    )
    assert behind[1] not in {behind[0], behind[2]}


def test_enter_takes_what_has_the_keyboard(opened: LabPage):
    widget(opened).get_by_role("radio").first.focus()
    opened.page.keyboard.press("Enter")
    assert status(opened).startswith("You say: both.")


def test_a_click_anywhere_gives_it_the_keyboard_and_escape_gives_it_back(opened: LabPage):
    check_keyboard(opened, widget(opened), "legend", "2")


def test_it_has_names_for_screen_readers(opened: LabPage):
    group = widget(opened).get_by_role("group", name="Predict: Roll back to version 1: which orders go on?")
    names = ["both", "only the older one", "neither of them"]
    assert [group.get_by_role("radio", name=name).count() for name in names] == [1, 1, 1]


def test_a_choice_arrives_before_the_cell_that_is_run_right_after_it(opened: LabPage):
    for choice in (2, 1, 0, 2):
        run(opened, ASKED)
        widget(opened).get_by_role("radio").first.focus()
        before = opened.state()["prompts"][TURN]
        for key in (str(choice + 1), "Escape", "ArrowDown", "Control+Enter"):
            opened.page.keyboard.press(key)
        for _ in looks(0, told=opened.state):
            if opened.state()["prompts"][TURN] != before:
                break
            opened.page.wait_for_timeout(20)
        opened.wait_done()
        wanted = ["You said: both.", "As you said: only the older one.", "You said: neither of them."][choice]
        assert told(opened).startswith(wanted)


def test_it_is_kept_over_a_restart_and_a_reload(opened: LabPage):
    widget(opened).get_by_text("both").click()
    opened.run_all()
    opened.wait_done()
    assert told(opened) == "You said: both. It was: only the older one."

    run(opened, ASKED)
    widget(opened).get_by_text("only the older one").click()
    with opened.page.expect_response(
        lambda answer: answer.request.method == "PUT" and "/api/contents" in answer.url
    ):
        opened.page.keyboard.press("Control+s")
    opened.reload()
    cell(opened, ASKED).get_by_text("Predict: Roll back to version 1").wait_for()
    run(opened, ASKED)  # what is saved is the list; the cell makes it a question again
    widget(opened).get_by_text("You say: only the older one.").wait_for()
    run(opened, TURN)
    assert told(opened) == "As you said: only the older one."


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_all_of_it_can_be_read(opened: LabPage, theme: str):
    opened.use_theme(theme)
    assert dim_texts(cell(opened, ASKED).locator(".jp-OutputArea-output")) == []
    widget(opened).get_by_text("both").click()
    assert dim_texts(cell(opened, ASKED).locator(".jp-OutputArea-output")) == []
    if PICTURES:
        cell(opened, ASKED).screenshot(path=Path(PICTURES) / f"predict-{theme.lower()}-said.png")
    run(opened, TURN)
    for number in (ASKED, TURN):
        assert dim_texts(cell(opened, number).locator(".jp-OutputArea-output")) == []
        if PICTURES:
            cell(opened, number).screenshot(path=Path(PICTURES) / f"predict-{theme.lower()}-{number}.png")
