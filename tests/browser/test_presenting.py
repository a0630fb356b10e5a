"""A lesson in class: scenes as slides with live cells, a second window with the notes, and catching up."""

from __future__ import annotations

import os
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import psutil
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from playwright.sync_api import Locator, Page

from tests.support.lab_page import LabPage
from tests.support.running_lab import RunningLab, running_lab
from tests.support.waiting import BACKSTOP, looks
from tutorial_lib.jupyter import scene_address
from tutorial_lib.presenting.sheet import run_sheet

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LESSONS = sorted((Path(__file__).parents[2] / "notebooks").glob("[0-9]*.ipynb"))
PICTURES = os.environ.get("TUTORIAL_PICTURES")
HEADING = {"slideshow": {"slide_type": "slide"}}
CELL = {"slideshow": {"slide_type": "fragment"}}
NOTES = {"slideshow": {"slide_type": "notes"}}
LONG = "for number in range(60):\n    print('line', number)"

_ACTIVE = "cells => cells.findIndex((cell) => cell.classList.contains('jp-mod-active'))"
# Whether the active cell is in sight: its end, or its top if it is taller than the window.
_IN_SIGHT = """() => {
  const cell = document.querySelector('.course-presented .jp-Cell.jp-mod-active');
  const box = cell.getBoundingClientRect();
  const outer = cell.closest('.jp-WindowedPanel-outer').getBoundingClientRect();
  if (box.height > outer.height) return Math.abs(box.top - outer.top) < 3;
  return box.bottom <= outer.bottom + 1 && box.top >= outer.top - 1;
}"""


# How many pixels of a cell are below the window.
_BELOW = """cell => cell.getBoundingClientRect().bottom
  - cell.closest('.jp-WindowedPanel-outer').getBoundingClientRect().bottom"""


def talk() -> NotebookNode:
    """A short lesson: two scenes, notes between their cells, an output that was saved, one that is long."""
    saved = new_code_cell("print('the answer')", execution_count=7, metadata=CELL)
    saved.outputs = [new_output("stream", text="the answer\n")]
    cells = [
        new_markdown_cell("# A talk", metadata=HEADING),
        new_markdown_cell("*Say*: <script>alert(1)</script> hello", metadata=NOTES),
        new_code_cell("first = 1", metadata=CELL),
        saved,
        new_markdown_cell("## Second scene", metadata=HEADING | {"course": {"minutes": 2}}),
        new_markdown_cell("*Ask*: why?", metadata=NOTES),
        new_code_cell(LONG, metadata=CELL),
        new_code_cell("first + 1", metadata=CELL),
        new_markdown_cell("## Last", metadata=HEADING),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


class DeckPage(LabPage):
    """A notebook that is presented."""

    def present(self) -> None:
        self.notebook.locator(".jp-Cell").first.click()
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Control+Alt+p")
        self.page.locator("body[data-course-present]").wait_for(state="attached")
        self.drawn()  # JupyterLab gives the cell that was clicked the focus with the next frame

    @property
    def cells(self) -> Locator:
        return self.notebook.locator(".jp-Notebook-cell")

    @property
    def active(self) -> int:
        found: int = self.cells.evaluate_all(_ACTIVE)
        return found

    def at(self, number: int) -> None:
        for _ in looks(0, told=lambda: f"{self.active} for {number}"):
            if self.active == number:
                return
            self.page.wait_for_timeout(30)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def ran(self, number: int) -> None:
        """Wait until a cell has run."""
        self.cells.nth(number).locator(".course-ran").wait_for(state="attached")

    def seen(self) -> str:
        cells = self.cells.evaluate_all(
            "all => all.map(each => each.className + ' ' + each.innerText.slice(0, 80))"
        )
        return "\n".join([super().seen(), *cells])


@contextmanager
def presented(
    notebook: NotebookNode, lab: RunningLab, browser: Browser, path: Path, **options: Any
) -> Iterator[DeckPage]:
    """A notebook, written to a file of the learner's folder and presented."""
    nbformat.write(notebook, path)
    with DeckPage(lab, browser, path.name, **options) as page:
        page.present()
        yield page


@pytest.fixture
def deck(lab: RunningLab, browser: Browser, course: Path) -> Iterator[DeckPage]:
    with presented(talk(), lab, browser, course / "my-course" / "talk.ipynb") as page:
        yield page


def presenter(deck: DeckPage, name: str = "talk.ipynb") -> Page:
    page = deck.context.new_page()
    page.goto(f"{deck.lab.base}/course/presenter/{name}")  # the first window's cookie logs in
    page.locator("#state", has_text=re.compile("^presenting")).wait_for()
    return page


def test_one_key_runs_and_stays_then_goes_on(deck: DeckPage):
    deck.at(0)
    for bar in ("#jp-top-panel", "#jp-menu-panel", "#jp-bottom-panel"):
        assert not deck.page.locator(bar).is_visible()
    assert not deck.cells.nth(2).is_visible()  # to come
    deck.press("Space")
    deck.at(2)  # over the notes
    deck.press("Space")
    deck.ran(2)
    deck.at(2)
    deck.press("PageDown")
    deck.at(3)
    assert not deck.cells.nth(3).get_by_text("the answer", exact=True).is_visible()  # another kernel's
    deck.press("Space")
    deck.cells.nth(3).get_by_text("the answer", exact=True).wait_for()
    deck.ran(3)  # a moment after its output: until then the key does nothing
    deck.press("Space")
    deck.at(4)
    assert not deck.cells.nth(0).is_visible()  # the scene before is away
    deck.press("Shift+Space")
    deck.at(3)
    deck.press("PageUp")
    deck.press("ArrowLeft")
    deck.at(0)


def test_while_a_cell_runs_the_key_does_nothing_and_the_strip_says_why(
    lab: RunningLab, browser: Browser, course: Path, tmp_path: Path
):
    notebook, gate = talk(), tmp_path / "gate"
    notebook.cells[2].source = f"""import pathlib, time
print("begun")
while not pathlib.Path({str(gate)!r}).exists():
    time.sleep(0.01)"""
    with presented(notebook, lab, browser, course / "my-course" / "running.ipynb") as page:
        page.press("Space")
        page.at(2)
        strip = page.page.locator(".course-strip")
        assert strip.inner_text() == "scene 0 of 2"
        page.press("Space")
        page.cells.nth(2).get_by_text("begun", exact=True).wait_for()
        assert strip.inner_text() == "scene 0 of 2 · running"
        page.press("Space")
        page.press("ArrowLeft")  # had the one before led on, this would lead to the same cell
        page.at(0)
        assert strip.inner_text() == "scene 0 of 2"
        page.press("ArrowRight")
        page.at(2)
        assert strip.inner_text() == "scene 0 of 2 · running"
        gate.touch()
        page.ran(2)
        assert strip.inner_text() == "scene 0 of 2"
        page.press("Space")
        page.at(3)


# What a cell shows with each change of it, from now on: only what is not hidden.
_SHOWN = """number => {
  const cell = document.querySelectorAll('.course-presented .jp-Notebook-cell')[number];
  const output = cell.querySelector('.jp-OutputArea');
  window.shown = [];
  new MutationObserver(() => {
    if (!cell.classList.contains('course-unrun')) window.shown.push(output.innerText);
  }).observe(cell, { attributes: true, childList: true, subtree: true });
}"""


def test_a_saved_output_is_not_shown_while_its_cell_begins_to_run(
    lab: RunningLab, browser: Browser, course: Path
):
    notebook = talk()
    notebook.cells[3].outputs = [new_output("stream", text="of another kernel\n")]
    with presented(notebook, lab, browser, course / "my-course" / "saved.ipynb") as page:
        page.press("Space")
        page.press("Space")
        page.ran(2)
        page.press("PageDown")
        page.at(3)
        page.page.evaluate(_SHOWN, 3)
        page.press("Space")
        page.ran(3)
        shown = page.page.evaluate("() => window.shown")
        assert "the answer" in shown[-1]
        assert not any("of another kernel" in each for each in shown)


def test_jupyterlabs_own_key_steps_over_notes_too_and_output_comes_into_view(deck: DeckPage):
    deck.at(0)
    deck.press("Shift+Enter")
    deck.at(2)
    deck.press("Control+ArrowRight")
    deck.at(4)
    deck.press("Space")
    deck.at(6)
    deck.press("Space")
    deck.cells.nth(6).get_by_text("line 59").wait_for()
    for _ in looks(0):
        if deck.page.evaluate(_IN_SIGHT):
            break
        deck.page.wait_for_timeout(50)
    deck.press("Control+ArrowLeft")
    deck.at(4)


# As on a machine that draws late: keys come before the cell that the last one led to has the focus.
_HOLD_FRAMES = """() => {
  const held = [];
  const draw = window.requestAnimationFrame;
  window.requestAnimationFrame = (callback) => held.push(callback);
  window.releaseFrames = () => {
    window.requestAnimationFrame = draw;
    for (const callback of held) draw(callback);
  };
}"""


@contextmanager
def no_frame(deck: DeckPage) -> Iterator[None]:
    deck.page.evaluate(_HOLD_FRAMES)
    yield
    deck.page.evaluate("() => releaseFrames()")
    deck.drawn()


@pytest.mark.parametrize("key", ["PageUp", "ArrowLeft"])
def test_keys_that_are_quicker_than_a_frame_all_count(deck: DeckPage, key: str):
    deck.press("Space")
    deck.press("Space")
    deck.ran(2)
    deck.press("PageDown")
    deck.at(3)
    deck.drawn()
    with no_frame(deck):
        deck.press(key)
        deck.press(key)
    deck.at(0)


def test_a_key_that_comes_before_the_new_cell_has_the_focus_runs_it(deck: DeckPage):
    with no_frame(deck):
        deck.press("Space")
        deck.press("Space")
    deck.ran(2)


def test_what_is_taller_than_the_window_is_read_to_its_end_before_the_next(
    lab: RunningLab, browser: Browser, course: Path
):
    notebook = talk()
    notebook.cells[2].source = LONG.replace("60", "90")
    with presented(notebook, lab, browser, course / "my-course" / "tall.ipynb", size=(1280, 720)) as page:
        page.press("Space")
        page.press("Space")
        page.ran(2)
        pages = 0
        while page.active == 2:
            assert pages < 10, "it never goes on"
            end = page.cells.nth(2).evaluate(_BELOW)
            page.press("Space")
            page.drawn()
            pages += 1
        assert end < 10  # its end was in sight before
        assert pages > 2


def test_a_reload_presents_the_same_cell_and_off_is_as_before(deck: DeckPage):
    deck.press("Control+ArrowRight")
    deck.at(4)
    deck.page.reload()
    deck.page.locator("body[data-course-present]").wait_for(state="attached")
    deck.at(4)
    deck.press("Control+Alt+p")
    deck.page.locator("#jp-menu-panel").wait_for()
    assert deck.page.locator("#jp-bottom-panel").is_visible()
    assert deck.page.locator(".course-away, .course-later, .course-unrun, .course-strip").count() == 0
    assert deck.cells.nth(0).is_visible()


@contextmanager
def kept(deck: DeckPage) -> Iterator[None]:
    """Wait until JupyterLab has kept a new layout for pages to come."""
    with deck.page.expect_response(lambda got: "/api/workspaces/" in got.url and got.request.method == "PUT"):
        yield


def test_who_leaves_while_presenting_finds_the_side_bars_as_they_were(deck: DeckPage):
    files = deck.page.locator("#filebrowser")
    tab = deck.page.locator('.lm-TabBar-tab[data-id="filebrowser"]')
    deck.press("Control+Alt+p")
    tab.wait_for()
    if not files.is_visible():
        tab.click()
    width = files.bounding_box()["width"]
    with kept(deck):
        deck.present()
    assert not tab.is_visible()
    deck.page.reload()  # it presents again
    deck.page.locator("body[data-course-present]").wait_for(state="attached")
    assert not tab.is_visible()
    deck.press("Control+Alt+p")
    tab.wait_for()
    assert files.bounding_box()["width"] == pytest.approx(width, abs=2)
    with kept(deck):
        deck.present()
    # In another tab, or when the browser is opened again.
    other = deck.context.new_page()
    other.goto(deck.page.url)
    other.locator("#filebrowser").wait_for()


def test_a_kernel_that_restarts_is_told_and_catching_up_runs_what_stood_above(deck: DeckPage):
    deck.press("Space")
    deck.press("Space")
    deck.ran(2)
    deck.press("Control+ArrowRight")
    deck.at(4)
    for process in psutil.Process(deck.lab.process.pid).children(recursive=True):
        if any("ipykernel_launcher" in part for part in process.cmdline()):
            process.kill()
    deck.page.locator(".jp-Dialog button.jp-mod-accept").click()  # "it will restart automatically"
    told = deck.page.locator(".course-strip[data-told=wrong]")
    told.get_by_text("The kernel has restarted").wait_for()
    told.get_by_role("button", name="Run what was above").click()
    deck.notified("Caught up: 2 cells have run")
    deck.at(4)
    assert told.count() == 0


def test_the_presenters_window_follows_leads_and_shows_notes_as_text(deck: DeckPage):
    notes = presenter(deck)
    try:
        told = notes.locator("#notes")
        told.get_by_text("<script>alert(1)</script> hello").wait_for()
        assert notes.locator("#notes script").count() == 0
        notes.locator("#then", has_text="1 Second scene").wait_for()
        strip = deck.page.locator(".course-strip")
        assert strip.inner_text() == "scene 0 of 2"  # as the notes number them
        assert "line" in notes.locator("#code").inner_text()
        deck.page.bring_to_front()
        deck.press("Control+ArrowRight")
        told.get_by_text("why?").wait_for()
        assert notes.locator("nav button[aria-current]").inner_text().startswith("1")
        notes.locator("#plan", has_text="of 2 minutes").wait_for()
        notes.locator("nav button", has_text="Last").click()
        deck.at(8)
        notes.locator("#catch").click()
        notes.get_by_text("caught up").wait_for()
        deck.ran(7)
        notes.locator("#pause").click()
        notes.locator("#plan", has_text="paused").wait_for()
        notes.reload()
        notes.locator("#plan", has_text="paused").wait_for()
        notes.locator("#reset").click()
        notes.locator("#clock", has_text="0:00").wait_for()
        # Another page may not make JupyterLab do anything.
        notes.evaluate(
            """() => new BroadcastChannel('temporal-course').postMessage(
                 { what: 'run', path: 'talk.ipynb', command: 'notebook:delete-cell' })"""
        )
        notes.locator("#next").click()
        notes.locator("#back").click()
        deck.at(7)
        assert deck.cells.count() == 9
        if PICTURES:
            notes.screenshot(path=Path(PICTURES) / "presenter.png")
    finally:
        notes.close()


def test_what_failed_above_is_asked_about_before_catching_up(lab: RunningLab, browser: Browser, course: Path):
    notebook = talk()
    notebook.cells[2].source = "first = 1 / 0"
    nbformat.write(notebook, course / "my-course" / "broken.ipynb")
    with DeckPage(lab, browser, "broken.ipynb") as page:
        page.cells.nth(2).locator(".cm-content").click()
        page.press("Control+Enter")
        page.cells.nth(2).locator(".course-ran[data-ran=failed]").wait_for(state="attached")
        page.cells.nth(4).click()
        page.press("Escape")
        page.page.evaluate("() => document.activeElement.blur()")
        page.cells.nth(4).click()
        page.menu("View", "apputils:activate-command-palette")
        page.page.keyboard.type("Bring me to this scene")
        page.page.keyboard.press("Enter")
        dialog = page.page.locator(".jp-Dialog")
        dialog.get_by_text("failed: what those cells define").wait_for()
        dialog.get_by_role("button", name="Run what is left").click()
        page.notified("Caught up: 1 cell has run")


def test_solutions_stay_folded_until_they_are_opened_for_all(
    lab: RunningLab, browser: Browser, course: Path
) -> None:
    part = {"course": {"exercise": "pay", "part": "stuck"}, "jp-MarkdownHeadingCollapsed": True}
    cells = [
        new_markdown_cell("## Pay", metadata=HEADING),
        new_code_cell(
            "from types import SimpleNamespace\nex = SimpleNamespace(pay=SimpleNamespace("
            "hint=lambda: None, solution=lambda: print('await pay' + '()')))",
            metadata=CELL,
        ),
        new_markdown_cell("#### Stuck?", metadata=CELL | part),
        new_code_cell(
            "# ex.pay.hint()\n# ex.pay.solution()",
            metadata=CELL | {"course": {"exercise": "pay", "part": "help"}},
        ),
        new_markdown_cell("## Last", metadata=HEADING),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    with presented(notebook, lab, browser, course / "my-course" / "solved.ipynb") as page:
        page.press("Space")
        page.press("Space")
        page.ran(1)
        notes = presenter(page, "solved.ipynb")
        try:
            page.page.bring_to_front()
            assert page.notebook.get_by_text("await pay()", exact=True).count() == 0
            notes.locator("#solutions").click()
            page.notebook.get_by_text("await pay()", exact=True).wait_for(state="attached")
            notes.locator("#solutions").click()
            page.notebook.get_by_text("await pay()", exact=True).wait_for(state="detached")
        finally:
            notes.close()
        page.press("Space")
        page.at(4)  # over what is folded again


def linked(page: DeckPage, number: str) -> Locator:
    """Open the link to a scene. Returns JupyterLab's dialogs."""
    page.page.goto(scene_address(page.lab.base, "talk.ipynb", number))
    page.notebook.wait_for()
    return page.page.locator(".jp-Dialog")


def test_a_link_shows_a_scene_and_runs_what_stands_above_only_when_it_may(deck: DeckPage):
    dialog = linked(deck, "1")
    dialog.get_by_text("Scene 1: Second scene").wait_for()
    dialog.get_by_text("2 cells above have not run in this kernel").wait_for()
    deck.at(4)
    dialog.get_by_role("button", name="Only show it").click()
    dialog.wait_for(state="detached")
    deck.at(4)
    assert deck.cells.locator(".course-ran").count() == 0
    dialog = linked(deck, "2")
    dialog.get_by_role("button", name="Bring me there").click()
    deck.notified("Caught up: 4 cells have run")
    deck.ran(7)
    deck.at(8)
    linked(deck, "1")
    deck.notified("Nothing above was left to run")  # it has run: nothing is asked
    deck.at(4)
    linked(deck, "7")
    deck.notified("There is no scene 7 in this notebook: they are 0 to 2.")


def test_the_link_to_a_scene_is_copied_from_either_window(deck: DeckPage):
    deck.context.grant_permissions(["clipboard-read", "clipboard-write"])
    deck.press("Control+ArrowRight")
    deck.at(4)
    notes = presenter(deck)
    try:
        notes.locator("#title", has_text="1 Second scene").wait_for()
        notes.locator("#link").click()
        told = notes.locator("#catching", has_text="copied: ").inner_text()
        link = told.removeprefix("copied: ")
        assert link == scene_address(deck.lab.base, "talk.ipynb", "1")
        assert notes.evaluate("() => navigator.clipboard.readText()") == link
    finally:
        notes.close()
    deck.press("Control+Alt+p")
    deck.page.locator("#jp-menu-panel").wait_for()
    deck.menu("View", "apputils:activate-command-palette")
    deck.page.keyboard.type("Copy the link to this scene")
    deck.page.keyboard.press("Enter")
    deck.notified(f"Copied: {link}")


_LATE = """async ([address, shownAt, kept]) => {
  const { updateUntilShown } = await import(address);
  const toast = document.createElement("div");
  toast.id = "note-1";
  let [asked, updates] = [0, 0];
  const Notification = {
    manager: {
      has() {
        asked += 1;
        if (asked === shownAt) document.body.append(toast);
        return asked <= kept;
      },
    },
    update({ message }) {
      updates += 1;
      if (updates > 2) toast.textContent = message;  // those before come too early
    },
  };
  const { setTimeout } = window;
  window.setTimeout = (after, milliseconds) => setTimeout(after, milliseconds / 100);
  await updateUntilShown(Notification, { id: toast.id, message: "Caught up" });
  Object.assign(window, { setTimeout });
  toast.remove();
  return [updates, toast.textContent];
}"""


@pytest.mark.parametrize("shown_at", [1, 100])
def test_what_a_notification_says_last_is_shown_however_late_the_page_is(deck: DeckPage, shown_at: int):
    module = f"{deck.lab.base}/lab/extensions/temporal-course/static/notes.js"
    assert deck.page.evaluate(_LATE, [module, shown_at, 1000]) == [3, "Caught up"]


def test_a_notification_that_is_dismissed_is_not_updated_any_more(deck: DeckPage):
    module = f"{deck.lab.base}/lab/extensions/temporal-course/static/notes.js"
    assert deck.page.evaluate(_LATE, [module, 0, 10]) == [1, ""]


_NUMBERS = """async ([address, kinds]) => {
  const { numberOf } = await import(address);
  return kinds.map((_, at) => numberOf(kinds, at));
}"""


def test_slides_and_links_number_scenes_as_the_run_sheet_does(deck: DeckPage):
    module = f"{deck.lab.base}/lab/extensions/temporal-course/static/deck.js"
    for path in LESSONS:
        notebook = nbformat.read(path, as_version=4)
        kinds = [cell.metadata.get("slideshow", {}).get("slide_type", "fragment") for cell in notebook.cells]
        numbers = [scene.number for scene in run_sheet(notebook) for _ in scene.cells]
        assert deck.page.evaluate(_NUMBERS, [module, kinds]) == numbers, path.stem


def test_two_windows_that_present_are_told_apart_and_two_with_notes_both_lead(deck: DeckPage):
    first = presenter(deck)
    second = presenter(deck)
    other = deck.context.new_page()
    try:
        first.locator("nav button", has_text="Second scene").click()
        deck.at(4)
        second.locator("#title", has_text="1 Second scene").wait_for()
        second.locator("nav button", has_text="Last").click()
        deck.at(8)
        first.locator("#title", has_text="2 Last").wait_for()

        other.goto(f"{deck.lab.base}/lab/tree/talk.ipynb?present")
        other.locator("body[data-course-present]").wait_for(state="attached")
        other.locator(".jp-Cell.jp-mod-active:focus").wait_for()
        other.keyboard.press("Control+ArrowLeft")
        first.locator("#state", has_text="two windows show this lesson").wait_for()
        first.locator("#title", has_text="1 Second scene").wait_for()
    finally:
        for page in (first, second, other):
            page.close()


def test_the_presenters_window_follows_who_presents_whoever_speaks_first(deck: DeckPage, course: Path):
    notebook = talk()
    nbformat.write(notebook, course / "my-course" / "quiet.ipynb")
    notes = deck.context.new_page()
    notes.goto(f"{deck.lab.base}/course/presenter/quiet.ipynb")
    title, state = notes.locator("#title"), notes.locator("#state")

    def say(
        window: str, cell: int, *, presents: bool = False, answers: bool = True, kernel: str = "Idle"
    ) -> None:
        said = {"what": "at", "window": window, "answers": answers, "path": "quiet.ipynb", "lost": ""}
        said |= {"cell": notebook.cells[cell].id, "presenting": presents, "kernel": kernel}
        notes.evaluate("said => new BroadcastChannel('temporal-course').postMessage(said)", said)

    say("a tab", 4)
    title.get_by_text("1 Second scene").wait_for()
    say("the deck", 8, presents=True)
    title.get_by_text("2 Last").wait_for()
    say("a tab", 0, answers=False)
    say("the deck", 8, presents=True, kernel="Busy")
    state.get_by_text("presenting · kernel Busy", exact=True).wait_for()
    assert title.inner_text() == "2 Last"
    say("a new tab", 0, answers=False)
    say("the deck", 8, presents=True)  # as it is asked then
    title.get_by_text("2 Last").wait_for()
    notes.evaluate(
        "() => new BroadcastChannel('temporal-course').postMessage({what: 'left', window: 'the deck'})"
    )
    title.get_by_text("0 A talk").wait_for()
    state.get_by_text("not presenting · kernel Idle", exact=True).wait_for()


def test_a_server_that_is_gone_is_told_in_both_windows(browser: Browser, course: Path, tmp_path: Path):
    nbformat.write(talk(), course / "my-course" / "alone.ipynb")
    with running_lab(course, tmp_path) as lab, DeckPage(lab, browser, "alone.ipynb") as page:
        page.present()
        page.press("Space")
        page.press("Space")
        page.ran(2)
        notes = presenter(page, "alone.ipynb")
        try:
            lab.process.kill()
            page.page.locator(".course-strip[data-told=wrong]", has_text="does not answer").wait_for()
            notes.locator("#state", has_text="does not answer").wait_for()
        finally:
            notes.close()


BUTTON = """
import ipywidgets
button = ipywidgets.Button(description="Do it")
button.on_click(lambda _: button.close())
button
"""


def test_a_button_that_goes_leaves_the_keyboard_with_the_slides(
    lab: RunningLab, browser: Browser, course: Path
):
    notebook = talk()
    notebook.cells[2].source = BUTTON
    with presented(notebook, lab, browser, course / "my-course" / "button.ipynb") as page:
        page.press("Space")
        page.press("Space")
        page.ran(2)
        button = page.cells.nth(2).get_by_role("button", name="Do it")
        button.click()
        button.wait_for(state="detached")
        page.press("Space")
        page.at(3)
        # As where a cell that had it is hidden.
        page.page.evaluate("() => document.activeElement.blur()")
        page.press("PageUp")
        page.at(2)


def test_without_a_login_there_is_no_presenters_window(lab: RunningLab):
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay())
    with pytest.raises(urllib.error.HTTPError) as refused:
        opener.open(f"{lab.base}/course/presenter/00_start_here.ipynb", timeout=BACKSTOP)
    assert refused.value.code in {302, 403}
    refused.value.close()


def test_the_command_presents_a_copy(browser: Browser, course: Path, tmp_path: Path):
    lesson = next((course / "notebooks").glob("00_*.ipynb"))
    before = lesson.read_bytes()
    command = (sys.executable, "-m", "tutorial_lib.cli", "present", "00", "--no-browser")
    with running_lab(course, tmp_path, command=command) as lab:
        notes = lab.wait_for(r"Your notes +(http\S+)")[1]
        page = browser.new_page(viewport={"width": 1600, "height": 900})
        page.goto(lab.url)
        page.locator("body[data-course-present]").wait_for(state="attached")
        page.locator(".jp-mod-active h1").wait_for()
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / "deck.png")
        page.close()
        assert "/course/presenter/00_" in notes
    assert lesson.read_bytes() == before
    assert (tmp_path / "state" / "presenting" / lesson.name).exists()
