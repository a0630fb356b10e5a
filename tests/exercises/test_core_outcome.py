"""What cards make of plain text."""

from __future__ import annotations

import pytest

from tutorial_lib.exercises.hint_card import HintCard
from tutorial_lib.exercises.outcome import Outcome, Status
from tutorial_lib.views.kit.cards import inline


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("`run` came *after that*, <b>", "<code>run</code> came <em>after that</em>, &lt;b&gt;"),
        ("2 * 3 * 4, `*this*`, (*args, **more), a*b*c", None),
    ],
)
def test_code_and_stress_are_set_and_a_learners_own_stars_stay(text: str, shown: str | None):
    assert inline(text) == (shown or text.replace("`*this*`", "<code>*this*</code>"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("the result is 3", "The result is 3"),
        ("`run` returned 3", "<code>run</code> returned 3"),
        ("it, too", "It, too"),
        ("order-1 waits", "order-1 waits"),
        ("press_pay waits", "press_pay waits"),
    ],
)
def test_a_card_begins_with_a_capital_letter_unless_a_name_does(text: str, shown: str):
    html = Outcome("Title", Status.NOT_YET, text)._repr_html_()
    assert f"<br>{shown}</div>" in html


def test_a_title_that_asks_needs_no_colon():
    assert "<b>What happened? correct</b>" in Outcome("What happened?", Status.CORRECT, "so")._repr_html_()
    assert "<b>Do it: correct</b>" in Outcome("Do it", Status.CORRECT, "so")._repr_html_()
    assert HintCard("Do it: one way", ["*so*"])._repr_html_().count("<em>so</em>") == 1


def test_what_a_title_holds_is_shown_and_not_run():
    html = Outcome("<img src=x onerror=alert(1)> & `code`", Status.CORRECT, "so")._repr_html_()
    assert "<b>&lt;img src=x onerror=alert(1)&gt; &amp; <code>code</code>: correct</b>" in html
