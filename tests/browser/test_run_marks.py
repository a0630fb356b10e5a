"""Cells that this kernel has run are marked; what the notebook was saved with is not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from tests.browser.styles import dim_texts
from tests.support.lab_page import LabPage
from tests.support.waiting import looks

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.support.running_lab import RunningLab

CELLS = ["answer = 2", "answer + 1", "1 / 0", "print('passed over')"]
RUN = "Run since this kernel started"
FAILED = "Run since this kernel started, and it failed"
EDITED = "Edited since it was run"
PICTURES = os.environ.get("TUTORIAL_PICTURES")

_MARKS = """cells => cells.map((cell) => {
  const marks = [...cell.querySelectorAll('.course-ran')];
  return marks.map((each) => each.getAttribute('aria-label')).join() || null;
})"""


@pytest.fixture
def opened(lab: RunningLab, browser: Browser, course: Path) -> Iterator[LabPage]:
    """A notebook that was saved with numbers and an output, opened with a new kernel."""
    cells = [nbformat.v4.new_code_cell(source, execution_count=k + 1) for k, source in enumerate(CELLS)]
    cells[1].outputs = [
        nbformat.v4.new_output("execute_result", {"text/plain": "'saved'"}, execution_count=2)
    ]
    path = course / "my-course" / "run_marks.ipynb"
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    with LabPage(lab, browser, path.name) as page:
        yield page


def shows(opened: LabPage, *wanted: str | None) -> None:
    """Wait until the cells' marks are these."""
    for _ in looks(0, told=lambda: marks(opened)):
        if marks(opened) == list(wanted):
            return
        opened.page.wait_for_timeout(50)


def marks(opened: LabPage) -> list[str | None]:
    found: list[str | None] = opened.notebook.locator(".jp-CodeCell").evaluate_all(_MARKS)
    return found


def run(opened: LabPage, number: int) -> None:
    opened.notebook.locator(".jp-CodeCell").nth(number).locator(".cm-content").click()
    opened.page.keyboard.press("Control+Enter")
    opened.wait_done()


def test_a_notebook_as_it_was_saved_has_none_and_each_run_gives_one(opened: LabPage):
    assert "'saved'" in opened.notebook.inner_text()
    assert marks(opened) == [None] * 4
    run(opened, 1)  # `answer` is not there: the number that was saved was another kernel's
    shows(opened, None, FAILED, None, None)
    run(opened, 0)
    shows(opened, RUN, FAILED, None, None)
    run(opened, 1)
    shows(opened, RUN, RUN, None, None)
    if PICTURES:
        opened.screenshot(Path(PICTURES) / "run-marks.png")


def test_a_failed_cell_and_those_passed_over_for_it(opened: LabPage):
    opened.menu("Run", "runmenu:run-all")
    shows(opened, RUN, RUN, FAILED, None)
    assert opened.notebook.locator(".course-ran").all_inner_texts() == ["✓", "✓", "✗"]


def test_an_edited_cell_is_told_apart_until_it_runs_or_is_as_it_was(opened: LabPage):
    run(opened, 0)
    shows(opened, RUN, None, None, None)
    opened.notebook.locator(".jp-CodeCell").nth(0).locator(".cm-content").click()
    opened.page.keyboard.press("End")
    opened.page.keyboard.type("1")
    shows(opened, EDITED, None, None, None)
    opened.page.keyboard.press("Backspace")
    shows(opened, RUN, None, None, None)
    opened.page.keyboard.type("1")
    run(opened, 0)
    shows(opened, RUN, None, None, None)


def test_a_reload_of_the_page_keeps_them_and_a_restart_does_not(opened: LabPage):
    run(opened, 0)
    run(opened, 2)
    shows(opened, RUN, None, FAILED, None)
    with opened.page.expect_response(
        lambda answer: answer.request.method == "PUT" and "/api/contents" in answer.url
    ):
        opened.page.keyboard.press("Control+s")
    opened.page.reload()
    opened.notebook.locator(".jp-CodeCell").first.wait_for()
    shows(opened, RUN, None, FAILED, None)

    opened.menu("Kernel", "kernelmenu:restart")
    opened.page.locator(".jp-Dialog button.jp-mod-accept").click()
    shows(opened, None, None, None, None)
    run(opened, 0)
    shows(opened, RUN, None, None, None)
    opened.page.reload()  # what was kept of the kernel before the restart is not shown again
    opened.notebook.locator(".jp-CodeCell").first.wait_for()
    shows(opened, RUN, None, None, None)


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_they_can_be_read(opened: LabPage, theme: str):
    opened.use_theme(theme)
    run(opened, 0)
    run(opened, 2)
    shows(opened, RUN, None, FAILED, None)
    run(opened, 1)
    opened.notebook.locator(".jp-CodeCell").nth(1).locator(".cm-content").click()
    opened.page.keyboard.type("#")
    shows(opened, RUN, EDITED, FAILED, None)
    for number in range(3):
        # The mark's own parent: what is behind a text is looked for from its element up.
        mark = opened.notebook.locator(".jp-CodeCell").nth(number).locator(".course-ran")
        assert dim_texts(mark) == []
    if PICTURES:
        opened.screenshot(Path(PICTURES) / f"run-marks-{theme.lower()}.png")
