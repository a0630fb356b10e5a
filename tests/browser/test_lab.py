"""What a learner sees when `tutorial lab` has opened the course."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from tests.support.contrast import contrast
from tests.support.lab_page import LabPage
from tests.support.running_lab import OWN
from tutorial_lib.views.kit.svg import COLOURS, DARK, Picture, document, text

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.support.running_lab import RunningLab

# Width of a character of code, in pixels.
CHARACTER = """editor => {
  const canvas = document.createElement('canvas').getContext('2d');
  canvas.font = getComputedStyle(editor).font;
  return canvas.measureText('m'.repeat(100)).width / 100;
}"""
# Code that is wider than its editor.
CUT_OFF = """notebook => [...notebook.querySelectorAll('.jp-CodeCell .cm-scroller')]
  .filter(each => each.offsetParent && each.scrollWidth > each.clientWidth + 1)
  .map(each => each.textContent)"""
# Frames come late, as on a busy machine.
LATE_FRAMES = """() => {
  const inTime = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = act => inTime(() => setTimeout(() => act(performance.now()), 500));
}"""


@pytest.mark.parametrize("size", [(1400, 900), (1280, 720)], ids=lambda size: "{}x{}".format(*size))
def test_the_lab_opens_with_the_lesson_left_and_the_web_ui_right_and_room_for_both(
    lab: RunningLab, browser: Browser, tmp_path: Path, size: tuple[int, int]
):
    with LabPage(lab, browser, size=size) as opened:
        ui = opened.web_ui()
        ui.get_by_role("heading", name="Workflows").first.wait_for()  # shown, not just loaded: same origin
        assert ui.url.startswith(f"{lab.base}/temporal-ui/")
        left, right = opened.notebook.bounding_box(), opened.page.locator("iframe").first.bounding_box()
        assert left["x"] + left["width"] <= right["x"] + 1
        assert right["width"] > 350
        # 80 characters of code in a line, and what is longer goes on in the next: nothing is cut off.
        editors = opened.notebook.locator(".jp-CodeCell .cm-content")
        character = editors.first.evaluate(CHARACTER)
        assert editors.first.bounding_box()["width"] > 80 * character
        assert opened.notebook.evaluate(CUT_OFF) == []
        # The contents are a click away.
        opened.page.locator('.lm-TabBar-tab[data-id="table-of-contents"]').click()
        opened.page.locator(".jp-TableOfContents .jp-tocItem-content:visible").first.wait_for()
        opened.page.locator('.lm-TabBar-tab[data-id="table-of-contents"]').click()
        opened.screenshot(tmp_path / "lab.png")


def test_no_news_question_and_no_request_to_anywhere_else(lab: RunningLab, browser: Browser):
    asked: list[str] = []
    context = browser.new_context()
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(lab.url)
    page.locator(".jp-NotebookPanel:visible .jp-Notebook-cell").first.wait_for()
    page.wait_for_timeout(3000)  # the question about news comes a moment after the start
    assert page.locator(".Toastify__toast, .jp-Dialog").count() == 0
    context.close()
    elsewhere = [url for url in asked if url.startswith("http") and not url.startswith(lab.base)]
    assert not elsewhere


def test_the_launcher_has_the_web_ui_as_a_tile(lab: RunningLab, browser: Browser):
    with LabPage(lab, browser, "00_start_here.ipynb") as opened:
        opened.menu("File", "launcher:create")
        opened.page.locator(".jp-LauncherCard", has_text="Temporal Web UI").click()
        opened.web_ui().get_by_role("heading", name="Workflows").first.wait_for()


def test_a_learner_can_switch_to_the_dark_theme_and_back(lab: RunningLab, browser: Browser, tmp_path: Path):
    with LabPage(lab, browser, "00_start_here.ipynb") as opened:
        day = opened.screenshot(tmp_path / "light.png").read_bytes()
        opened.use_theme("Dark")
        assert opened.screenshot(tmp_path / "dark.png").read_bytes() != day
        opened.use_theme("Light")


def test_a_page_begins_in_its_own_theme_whatever_the_last_one_left(lab: RunningLab, browser: Browser):
    for dark, theme in ((True, "JupyterLab Dark"), (False, "JupyterLab Light")):
        with LabPage(lab, browser, "00_start_here.ipynb", dark=dark) as opened:
            assert opened.theme == theme


READABLE = """
() => {
  const probe = document.createElement("span");
  probe.style.color = "var(--jp-mirror-editor-comment-color)";
  probe.style.background = "var(--jp-cell-editor-background)";
  const picture = document.createElement("img");
  picture.src = "data:image/svg+xml;base64,";
  picture.style.colorScheme = "light";
  document.querySelector(".jp-Notebook").append(probe, picture);
  const { color, backgroundColor } = getComputedStyle(probe);
  const seen = [color, backgroundColor, getComputedStyle(picture).colorScheme];
  probe.remove();
  picture.remove();
  return seen;
}
"""


def test_comments_and_saved_pictures_can_be_read_in_both_themes(lab: RunningLab, browser: Browser):
    """JupyterLab's own comments have 3.5:1 in the dark, 4.2:1 in the light; a saved picture is an `<img>`."""
    for dark in (False, True):
        with LabPage(lab, browser, "00_start_here.ipynb", dark=dark) as opened:
            ink, paper, scheme = opened.page.evaluate(READABLE)
            one, other = (
                "#" + "".join(f"{int(n):02x}" for n in re.findall(r"\d+", c)[:3]) for c in (ink, paper)
            )
            assert contrast(one, other) >= 4.5
            assert scheme == ("dark" if dark else "light")


def test_a_picture_is_dark_where_its_page_asks_for_it(browser: Browser):
    picture = Picture(document(60, 40, text(4, 14, "seen")), "Seen.").img()
    page = browser.new_page()
    for scheme, paper in (("light", COLOURS["surface"]), ("dark", DARK["surface"])):
        asked = picture.replace("color-scheme:light", f"color-scheme:{scheme}")
        page.set_content(f"<body style='margin:0'>{asked}")
        shot = base64.b64encode(page.screenshot(clip={"x": 0, "y": 0, "width": 60, "height": 40})).decode()
        assert page.evaluate(FIRST_PIXEL, shot) == paper
    page.close()


FIRST_PIXEL = """
async (png) => {
  const image = new Image();
  image.src = "data:image/png;base64," + png;
  await image.decode();
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const seen = [...context.getImageData(2, 30, 1, 1).data].slice(0, 3);
  return "#" + seen.map((n) => n.toString(16).padStart(2, "0")).join("");
}
"""


def test_the_theme_is_not_switched_before_the_notebook_is_there_again(lab: RunningLab, browser: Browser):
    with LabPage(lab, browser, "00_start_here.ipynb") as opened:
        opened.page.evaluate(LATE_FRAMES)
        for theme in ("Dark", "Light"):
            opened.use_theme(theme)
            assert opened.notebook.count() == 1


PANE_CELLS = (
    """
%load_ext tutorial_lib
from temporalio import workflow
from tutorial_lib import open_lab
lab = await open_lab("{name}")
lab
""",
    """
@workflow.defn
class Wait:
    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)
""",
    """
handle = await lab.client.start_workflow(Wait.run, id="{name}-1", task_queue="nobody")
""",
    "lab.ui(handle)",
)


def pane_notebook(course: Path, name: str) -> str:
    cells = [nbformat.v4.new_code_cell(source.format(name=name).strip()) for source in PANE_CELLS]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = course / OWN / f"{name}.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    return path.name


@pytest.fixture(scope="module")
def beside(lab: RunningLab, browser: Browser, course: Path) -> Iterator[LabPage]:
    """The lab as it opens, with a notebook of a lab of its own in front, whose cells have run."""
    paths = [pane_notebook(course, name) for name in ("pane-one", "pane-two")]
    with LabPage(lab, browser) as opened:
        opened.page.locator('.lm-TabBar-tab[data-id="filebrowser"]').click()
        open_beside(opened, paths[0])
        yield opened


def open_beside(opened: LabPage, notebook: str) -> None:
    """Open a notebook as a click on a link of a lesson does, and run its cells one after the other."""
    name = notebook.rpartition("/")[2]
    opened.page.locator(".jp-DirListing-item", has_text=name).dblclick()
    opened.page.locator(".lm-TabBar-tab.lm-mod-current", has_text=name).wait_for()
    opened.notebook.locator(".jp-Notebook-cell").first.wait_for()
    opened.page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
    opened.run_all()
    assert not any(opened.wait_done()["errors"])


def run_of(opened: LabPage, name: str) -> None:
    """Wait until the Web UI shows a run in its list."""
    opened.page.frame_locator("iframe").get_by_role("link", name=name).first.wait_for()


def test_the_web_ui_beside_it_follows_the_notebook_whose_cell_ran_last(beside: LabPage, tmp_path: Path):
    beside.web_ui().wait_for_url("**/namespaces/pane-one/workflows/pane-one-1/**")
    open_beside(beside, "pane-two.ipynb")
    beside.web_ui().wait_for_url("**/namespaces/pane-two/workflows/pane-two-1/**")
    # Nobody has clicked, and what loads there does not take the keyboard from the notebook.
    assert beside.page.evaluate("document.activeElement.tagName") != "IFRAME"
    beside.page.locator(".lm-TabBar-tab", has_text="pane-one.ipynb").click()
    beside.notebook.locator(".jp-CodeCell").nth(1).locator(".cm-content").click()
    beside.page.keyboard.press("Control+Enter")
    run_of(beside, "pane-one-1")
    beside.screenshot(tmp_path / "follows.png")


def test_a_run_that_starts_later_appears_in_the_web_ui_by_itself(beside: LabPage):
    cell = beside.notebook.locator(".jp-CodeCell").nth(2)
    cell.locator(".cm-content").click()
    beside.page.keyboard.press("Control+A")
    beside.page.keyboard.insert_text(PANE_CELLS[2].strip().format(name="pane-later"))
    beside.page.keyboard.press("Control+Enter")
    run_of(beside, "pane-later-1")
    # What loads there does not take the keyboard from the notebook.
    assert beside.page.evaluate("document.activeElement.tagName") != "IFRAME"


def test_a_link_opens_in_the_web_ui_beside_it_and_with_ctrl_in_a_browser_tab(beside: LabPage):
    link = beside.notebook.get_by_role("link", name="pane-one-1")
    count = len(beside.context.pages)
    link.click()
    beside.web_ui().wait_for_url("**/workflows/pane-one-1/**")
    assert len(beside.context.pages) == count
    with beside.context.expect_page() as made:
        link.click(modifiers=["Control"])
    made.value.wait_for_url("**/workflows/pane-one-1/**")
    made.value.close()
    # Closed, it is opened again where it was: on the right.
    beside.page.locator(".lm-TabBar-tab", has_text="Temporal Web UI").locator(
        ".lm-TabBar-tabCloseIcon"
    ).click()
    beside.page.locator("iframe").wait_for(state="detached")
    link.click()
    beside.page.frame_locator("iframe").get_by_text("pane-one-1").first.wait_for()
    left, right = beside.notebook.bounding_box(), beside.page.locator("iframe").first.bounding_box()
    assert left["x"] + left["width"] <= right["x"] + 1
