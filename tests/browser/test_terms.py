"""A term in prose shows the sentence that explains it, to mouse and keyboard; the page of all is rendered."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.lab_page import LabPage
from tutorial_lib import settings
from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.terms.glossary import HOVER
from tutorial_lib.authoring.text_form import text_to_notebook

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

    from tests.support.running_lab import RunningLab

LISTED = json.loads((settings.CHECKOUT / HOVER).read_text("utf-8"))
SENTENCES = {each["term"]: each["sentence"] for each in LISTED}
PROBE = '''\
# %% [markdown]
"""
# A worker in a heading

Two workers, `worker` in code, [a worker as a link](https://docs.temporal.io), one more worker, a task queue.
"""
# %% [markdown]
"""
A **worker** is explained here, and a worker need not be told of.
"""
# %%
print("worker")
'''
CONTRAST = """() => {
  const tip = document.querySelector('#tc-term-tip');
  const light = colour => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map(each => each / 255)
      .map(each => each <= 0.03928 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = node => {
    const [a, b] = [getComputedStyle(node).color, getComputedStyle(tip).backgroundColor].map(light);
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  return [tip, tip.querySelector('small')].map(ratio);
}"""


@pytest.fixture
def probe(course: Path) -> str:
    """A notebook whose cells have terms in all places; its path from JupyterLab's root."""
    path = course / "my-course" / "90_terms.ipynb"
    path.write_text(committed_form.dump(text_to_notebook(PROBE)), encoding="utf-8")
    return path.name


IN_SIGHT = """(title) => {
  const panel = [...document.querySelectorAll('.jp-NotebookPanel')].find((each) => each.offsetParent);
  const heading = [...panel.querySelectorAll('h2')].find((each) => each.textContent.startsWith(title));
  const { top } = heading?.getBoundingClientRect() ?? { top: -1 };
  return top > 0 && top < innerHeight;
}"""


def marked(opened: LabPage) -> Locator:
    return opened.notebook.locator(".tc-term")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_word_shows_its_sentence(lab: RunningLab, browser: Browser, probe: str, dark: bool):
    with LabPage(lab, browser, probe, dark=dark) as opened:
        marked(opened).nth(1).wait_for()
        assert marked(opened).all_inner_texts() == ["workers", "task queue"]
        cells = opened.notebook.locator(".jp-MarkdownCell")
        assert (
            cells.nth(0).locator(".jp-RenderedMarkdown code .tc-term, a .tc-term, h1 .tc-term").count() == 0
        )
        assert cells.nth(1).locator(".tc-term").count() == 0  # explains it itself
        tip = opened.page.get_by_role("tooltip")
        assert tip.count() == 0
        marked(opened).first.hover()
        tip.wait_for()
        assert SENTENCES["worker"] in tip.inner_text()
        assert min(opened.page.evaluate(CONTRAST)) >= 4.5
        opened.page.mouse.move(5, 5)
        tip.wait_for(state="hidden")
        marked(opened).first.focus()
        tip.wait_for()
        opened.page.keyboard.press("Tab")  # past the link, which is not a term
        opened.page.keyboard.press("Tab")
        tip.get_by_text(SENTENCES["task queue"]).wait_for()
        assert marked(opened).nth(1).get_attribute("aria-describedby") == tip.get_attribute("id")
        opened.page.keyboard.press("Escape")
        tip.wait_for(state="hidden")


def test_an_edited_cell_is_marked_anew(lab: RunningLab, browser: Browser, probe: str):
    with LabPage(lab, browser, probe) as opened:
        marked(opened).nth(1).wait_for()
        cell = opened.notebook.locator(".jp-MarkdownCell").nth(0)
        cell.locator(".jp-RenderedMarkdown p").dblclick(position={"x": 2, "y": 4})
        cell.locator(".cm-content").click()
        opened.page.keyboard.press("Control+End")
        opened.page.keyboard.type(" And a namespace.")
        opened.page.keyboard.press("Shift+Enter")
        cell.locator(".tc-term", has_text="namespace").wait_for()
        assert marked(opened).all_inner_texts() == ["workers", "task queue", "namespace"]


def test_the_page_of_all_words_opens_rendered(lab: RunningLab, browser: Browser, probe: str):
    with LabPage(lab, browser, probe) as opened:
        opened.page.goto(lab.at("/lab/tree/glossary.md"))
        page = opened.page.locator(".jp-MarkdownViewer")
        page.get_by_role("heading", name="The words").wait_for()
        link = page.get_by_role("link", name=re.compile(r"^lesson 01, ")).first
        title = link.inner_text().removeprefix("lesson 01, ")
        link.click()
        opened.notebook.get_by_role("heading", name=title).wait_for()
        # At the top of the notebook there is another one: JupyterLab alone stays there.
        opened.page.wait_for_function(IN_SIGHT, arg=title)
