"""Histories of other projects as pages in a browser: what is drawn can be read, and nothing hides it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.histories import FIELD
from tutorial_lib.history import read_history
from tutorial_lib.views import HistoryTable, Timeline, standalone_html

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def page_of(browser: Browser, folder: Path, name: str) -> Page:
    """A page with the timeline and the table of a history."""
    read = read_history(FIELD / f"{name}.json")
    file = folder / "page.html"
    file.write_text(standalone_html([Timeline.of(read), HistoryTable.of(read)], name), encoding="utf-8")
    tab = browser.new_page(viewport={"width": 900, "height": 760})
    tab.goto(file.as_uri())
    tab.locator(".tl-row").first.wait_for()
    return tab


def test_a_long_summary_takes_no_letter_from_the_name_and_can_be_read_in_full(
    browser: Browser, tmp_path: Path
):
    tab = page_of(browser, tmp_path, "human_readable")
    row = tab.locator(".tl-row", has=tab.locator(".tl-name", has_text="charge"))
    cut = row.locator(".tl-name").evaluate("each => each.scrollWidth > each.clientWidth")
    assert not cut
    summary = "Charge the customer's card for the whole order, once"
    assert row.locator(".tl-label").get_attribute("title") == f"charge: {summary}"
    row.hover()
    assert summary in tab.locator(".tl-details").inner_text()
    assert tab.locator(".tl-row").nth(1).locator(".tl-summary").inner_text() == ""
    tab.close()


def test_an_activity_that_nobody_took_says_so_on_its_line(browser: Browser, tmp_path: Path):
    tab = page_of(browser, tmp_path, "open_spans")
    words = tab.locator(".tl-row.tl-activity .tl-words", has_text="⊘ open when the run ended")
    assert words.count() == 2
    tab.close()


def test_a_single_event_at_the_start_is_drawn_in_full(browser: Browser, tmp_path: Path):
    """A signal with the start lies at 0, where the names end: half of it was cut off."""
    tab = page_of(browser, tmp_path, "signal_with_start")
    point, track = (
        tab.locator(f".tl-row.tl-signal {part}").first.bounding_box() for part in (".tl-point", ".tl-track")
    )
    assert point
    assert track
    assert point["x"] >= track["x"]
    tab.close()
