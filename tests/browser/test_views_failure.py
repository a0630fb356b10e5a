"""A failure's chain as a page in a browser: readable in both themes, and walked with the arrow keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from tests.browser.styles import dim_texts
from tests.support.story import happen, history, scheduled
from tutorial_lib.history.events import Failure
from tutorial_lib.views import FailureChain, standalone_html

if TYPE_CHECKING:
    from playwright.sync_api import Browser

REASON = Failure("<i>insufficient</i> " + "funds " * 60, type="CardDeclined", details=("order-7",))
CHAIN = Failure(
    "Activity task failed",
    kind="activity",
    name="charge",
    opened_by=5,
    retry_state="MaximumAttemptsReached",
    cause=REASON,
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_each_exception_can_be_read_and_reached_with_the_arrow_keys(
    browser: Browser, tmp_path: Path, scheme: Literal["light", "dark"]
):
    story = history(
        happen(1, "WorkflowExecutionStarted", 0.0, "Order"),
        scheduled(5, 0.2, "charge"),
        happen(6, "ActivityTaskStarted", 3.6, "charge", opened_by=5, attempt=3),
        happen(11, "WorkflowExecutionFailed", 5.0, opened_by=1, failure=CHAIN),
    )
    file = tmp_path / "page.html"
    file.write_text(standalone_html([("Why", FailureChain.of(story))], "Why"), encoding="utf-8")
    tab = browser.new_page(viewport={"width": 700, "height": 700}, color_scheme=scheme)
    tab.goto(file.as_uri())
    links = tab.locator(".failure-link")
    assert links.locator("b").all_inner_texts() == [
        "WorkflowFailureError",
        "ActivityError",
        "✗ ApplicationError",
    ]
    assert "<i>insufficient</i> funds" in links.nth(2).inner_text()
    view = tab.locator(".failure")
    assert view.evaluate("each => each.scrollWidth <= each.clientWidth"), "a long message widens the page"
    assert dim_texts(view) == []
    links.nth(0).click()
    for name, way in (("ActivityError", "error.cause"), ("ApplicationError", "error.cause.cause")):
        tab.keyboard.press("ArrowDown")
        assert tab.evaluate("document.activeElement.className").startswith("failure-link")
        assert view.locator(".tt-status").inner_text() == f"{name}. In Python: {way}."
    tab.close()
