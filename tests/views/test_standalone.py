"""A page of its own: it needs nothing but itself, and says the same without scripts."""

from __future__ import annotations

import json
import re

import pytest

from tests.support.html_page import Page, elsewhere
from tests.support.story import happen, history, order
from tutorial_lib.views import HistoryTable, Timeline, standalone_html

NASTY = "</script><script>alert(1)</script><!-- $title"


@pytest.fixture
def page() -> Page:
    read = history(*order())
    return Page(
        standalone_html([("When", Timeline.of(read)), ("What", HistoryTable.of(read))], "Order <order-1>")
    )


def test_it_refers_to_no_address_outside_itself(page: Page):
    assert elsewhere(page) == []


@pytest.mark.parametrize(
    "sneaky",
    [
        '<img src="https://example.com/a.png">',
        '<script src="//example.com/x.js"></script>',
        '<script type="module">import x from "https://example.com/x.js"</script>',
        '<script type="module">fetch("/secret")</script>',
        "<style>@import url(https://example.com/x.css);</style>",
        "<style>a { background: url(picture.png) }</style>",
        '<a href="https://example.com">',
    ],
)
def test_that_check_would_notice(sneaky: str):
    assert elsewhere(Page(sneaky)) != []


def test_it_holds_the_state_of_each_view_and_one_program_a_kind(page: Page):
    timeline, table = page.states
    assert timeline["content"]["records"][0]["name"] == "Order"
    assert [row["id"] for row in table["content"]["records"]] == list(range(1, 21))
    assert len(page.programs) == 2
    assert "Order <order-1>" in page.text
    assert {"When", "What"} <= set(page.text.split())


def test_two_views_of_a_kind_share_their_program():
    read = history(*order())
    page = Page(standalone_html([Timeline.of(read), Timeline.of(read)], "twice"))
    assert (len(page.states), len(page.programs)) == (2, 1)


def test_without_scripts_the_pictures_are_there():
    read = history(*order())
    found = re.findall(
        r"<noscript>(.*?)</noscript>", standalone_html([Timeline.of(read)], "Order"), re.DOTALL
    )
    [image] = Page(found[0]).images
    assert (image["alt"] or "").startswith("Timeline of workflow Order: completed.")
    assert (image["src"] or "").startswith("data:image/svg+xml;base64,")


def test_what_a_history_says_cannot_become_part_of_the_page():
    events = [
        happen(1, "WorkflowExecutionStarted", 0, NASTY),
        happen(2, "WorkflowExecutionSignaled", 1, NASTY, payloads={"input": (NASTY,)}),
    ]
    read = history(*events, workflow_id=NASTY, workflow_type=NASTY)
    page = Page(standalone_html([Timeline.of(read), HistoryTable.of(read)], NASTY))
    assert len(page.scripts) == 4
    assert page.states[1]["content"]["records"][1]["values"] == {"input": json.dumps(NASTY)}
    assert page.text.count(NASTY) == 2  # in the title and in the heading, as text


def test_a_page_in_pieces_holds_what_the_views_hold():
    """Rows are made as they are written; a second view uses what the first has worked out."""
    read = history(*order())
    timeline = Timeline.of(read)
    beside, alone = HistoryTable.of(read, beside=timeline), HistoryTable.of(read)
    for view in (timeline, beside, alone):
        assert json.loads("".join(view.page_json())) == json.loads(json.dumps(view.page_state()))
    assert beside.page_state() == alone.page_state()
    assert beside.picture() == alone.picture()
