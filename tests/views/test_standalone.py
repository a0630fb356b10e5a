"""A page of its own: it needs nothing but itself, and says the same without scripts."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from tests.views.story import happen, history, order
from tutorial_lib.views import HistoryTable, Timeline, standalone_html

NASTY = "</script><script>alert(1)</script><!-- $title"


class Page(HTMLParser):
    """What a page refers to, and its parts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.styles = ""
        self.images: list[dict[str, str | None]] = []
        self.text = ""
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self._inside = tag
        for name in ("src", "href", "action", "data", "poster", "srcset", "formaction"):
            if told.get(name):
                self.addresses.append(told[name] or "")
        if tag == "script":
            self.scripts.append((told, ""))
        if tag == "img":
            self.images.append(told)

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            told, before = self.scripts[-1]
            self.scripts[-1] = (told, before + data)
        elif self._inside == "style":
            self.styles += data
        else:
            self.text += data

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the parser names it
        self._inside = ""

    @property
    def states(self) -> list[dict]:
        return [json.loads(text) for told, text in self.scripts if told.get("type") == "application/json"]

    @property
    def programs(self) -> list[str]:
        return [text for told, text in self.scripts if told.get("type") == "module"]


def elsewhere(page: Page) -> list[str]:
    """All addresses outside the page that it could ask for."""
    code = "\n".join([*page.programs, page.styles]).replace("http://www.w3.org/2000/svg", "")
    found = [address for address in page.addresses if not address.startswith(("data:", "#"))]
    found += re.findall(r"\b(?:https?|wss?|file):/[^\s\"'`]*", code)
    found += re.findall(
        r"url\((?!\s*[\"'`]?#)[^)]*\)|@import[^;]*|\bimport\s*\([^)]*\)|\bfrom\s+[\"'][^\"']+", code
    )
    found += re.findall(r"\b(?:fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts)\b", code)
    return found


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
