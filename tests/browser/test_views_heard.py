"""Who hears of it as a page in a browser: a table that can be read in both themes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from tests.browser.styles import dim_texts
from tests.support.story import happen, history, scheduled
from tutorial_lib.views import WhoHeard, standalone_html

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_who_heard_can_be_read_and_is_said(
    browser: Browser, tmp_path: Path, scheme: Literal["light", "dark"]
):
    story = history(
        happen(1, "WorkflowExecutionStarted", 0.0, "Order"),
        scheduled(5, 0.2, "charge"),
        happen(6, "WorkflowExecutionCancelRequested", 3.0),
        happen(7, "WorkflowTaskScheduled", 3.0),
        happen(8, "WorkflowTaskStarted", 4.5, opened_by=7),
        happen(9, "WorkflowTaskCompleted", 4.6, opened_by=7),
        happen(10, "WorkflowExecutionTerminated", 9.0, opened_by=1),
    )
    file = tmp_path / "page.html"
    file.write_text(standalone_html([("Who", WhoHeard.of(story))], "Who"), encoding="utf-8")
    tab = browser.new_page(viewport={"width": 900, "height": 700}, color_scheme=scheme)
    tab.goto(file.as_uri())
    view = tab.locator(".heard")
    assert view.locator("tr").nth(1).inner_text() == "order-1: Order, terminated"
    told = [[cell.strip() for cell in row.inner_text().split("\t")] for row in view.locator("tr").all()[2:]]
    assert [row[:2] for row in told] == [["6", "0 s"], ["8", "+1.5 s"], ["10", "+6 s"]]
    assert "will hear" in told[0][3]
    assert "charge: by a heartbeat" in told[2][4]
    assert view.locator("td code").first.inner_text() == "await"
    # JupyterLab's own rule for code, which comes last in its pages.
    tab.add_style_tag(content=".jp-ThemedContainer code { font-size: 30px }")
    tab.evaluate("document.body.classList.add('jp-ThemedContainer')")
    assert view.locator("code").first.evaluate("each => getComputedStyle(each).fontSize") == "12px"
    assert dim_texts(view) == []
    assert view.evaluate("each => each.scrollWidth <= each.clientWidth"), "it widens the page"
    tab.close()
