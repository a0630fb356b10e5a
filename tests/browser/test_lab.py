"""What a learner sees when `tutorial lab` has opened the course."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.lab_page import LabPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.support.running_lab import RunningLab

# Frames come late, as on a busy machine.
LATE_FRAMES = """() => {
  const inTime = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = act => inTime(() => setTimeout(() => act(performance.now()), 500));
}"""


def test_the_lab_opens_with_the_lesson_left_the_web_ui_right_and_the_contents_open(
    lab: RunningLab, browser: Browser, tmp_path: Path
):
    with LabPage(lab, browser) as opened:
        ui = opened.web_ui()
        ui.get_by_role("heading", name="Workflows").first.wait_for()  # shown, not just loaded: same origin
        assert ui.url.startswith(f"{lab.base}/temporal-ui/")
        left, right = opened.notebook.bounding_box(), opened.page.locator("iframe").first.bounding_box()
        assert left["x"] + left["width"] <= right["x"] + 1
        assert min(left["width"], right["width"]) > 400
        contents = opened.page.locator(".jp-TableOfContents .jp-tocItem-content:visible")
        contents.first.wait_for()
        assert contents.count() > 0
        opened.screenshot(tmp_path / "lab.png")


def test_no_news_question_and_no_request_to_anywhere_else(lab: RunningLab, browser: Browser):
    asked: list[str] = []
    context = browser.new_context()
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(lab.url)
    page.locator(".jp-NotebookPanel:visible .jp-Notebook-cell").first.wait_for(timeout=60_000)
    page.wait_for_timeout(3000)  # the question about news comes a moment after the start
    assert page.locator(".Toastify__toast, .jp-Dialog").count() == 0
    context.close()
    elsewhere = [url for url in asked if url.startswith("http") and not url.startswith(lab.base)]
    assert not elsewhere


def test_the_launcher_has_the_web_ui_as_a_tile(lab: RunningLab, browser: Browser):
    with LabPage(lab, browser, "notebooks/00_start_here.ipynb") as opened:
        opened.menu("File", "launcher:create")
        opened.page.locator(".jp-LauncherCard", has_text="Temporal Web UI").click()
        opened.web_ui().get_by_role("heading", name="Workflows").first.wait_for()


def test_a_learner_can_switch_to_the_dark_theme_and_back(lab: RunningLab, browser: Browser, tmp_path: Path):
    with LabPage(lab, browser, "notebooks/00_start_here.ipynb") as opened:
        day = opened.screenshot(tmp_path / "light.png").read_bytes()
        opened.use_theme("Dark")
        assert opened.screenshot(tmp_path / "dark.png").read_bytes() != day
        opened.use_theme("Light")


def test_a_page_begins_in_its_own_theme_whatever_the_last_one_left(lab: RunningLab, browser: Browser):
    for dark, theme in ((True, "JupyterLab Dark"), (False, "JupyterLab Light")):
        with LabPage(lab, browser, "notebooks/00_start_here.ipynb", dark=dark) as opened:
            assert opened.theme == theme


def test_the_theme_is_not_switched_before_the_notebook_is_there_again(lab: RunningLab, browser: Browser):
    with LabPage(lab, browser, "notebooks/00_start_here.ipynb") as opened:
        opened.page.evaluate(LATE_FRAMES)
        for theme in ("Dark", "Light"):
            opened.use_theme(theme)
            assert opened.notebook.count() == 1
