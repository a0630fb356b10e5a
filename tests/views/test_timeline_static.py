"""The timeline as a picture and as a sentence."""

from __future__ import annotations

import dataclasses
import re
from xml.etree import ElementTree as ET

import pytest

from tests.support.histories import DATA
from tests.support.story import happen, history, order, scheduled
from tests.views.snapshot import as_before
from tutorial_lib import settings
from tutorial_lib.history import read_history
from tutorial_lib.history.events import Event, Failure
from tutorial_lib.views import Timeline
from tutorial_lib.views.timeline.look import GLYPHS
from tutorial_lib.views.timeline.picture import MOST_LANES

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    """What a picture says; fails if it is no XML."""
    root = ET.fromstring(svg)  # noqa: S314 - made a moment ago
    return ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]


def test_the_sentence_tells_the_story():
    assert Timeline.of(history(*order())).picture().alt == (
        "Timeline of workflow Order: completed. 2 activities: charge completed at attempt 3, ship failed; "
        "1 timer: 1 min timer canceled; 1 signal: hurry."
    )


def test_the_sentence_of_what_still_runs_counts_nothing():
    for many in range(1, 19):
        alt = Timeline.of(history(*order()[:many])).picture().alt
        assert alt == "Timeline of workflow Order, which is still running."


def test_the_sentence_says_why_it_failed_and_how_many_runs_there_were():
    failed = happen(
        20, "WorkflowExecutionFailed", 5, "Order", opened_by=1, failure=Failure("out of stock\nmore")
    )
    alt = Timeline.of(history(*order()[:-1], failed)).picture().alt
    assert alt.startswith("Timeline of workflow Order: failed (out of stock).")


def test_the_picture_is_as_before():
    assert as_before("timeline_order.svg", Timeline.of(history(*order())).picture().svg)


@pytest.mark.parametrize("name", ["mixed", "cart", "family", "locals"])
def test_pictures_of_recorded_histories_are_as_before(name: str):
    picture = Timeline.of(read_history(DATA / f"{name}.json")).picture()
    assert as_before(f"timeline_{name}.svg", picture.svg)
    assert as_before(f"timeline_{name}.txt", picture.alt + "\n")


def test_failures_have_a_symbol_and_a_word():
    said = texts(Timeline.of(history(*order())).picture().svg)
    assert "✗ failed: no such address" in said
    assert "⊘ canceled" in said
    assert "✓ 3.8 s · attempt 3" in said
    assert "failed attempt, times reckoned from the retry policy" in said


def test_no_text_is_smaller_than_eleven_pixels():
    svg = Timeline.of(history(*order())).picture().svg
    assert min(float(size) for size in re.findall(r'font-size="([\d.]+)"', svg)) >= 11


def many_activities(count: int, bad: int) -> list[Event]:
    """An execution with many activities, one of which fails."""
    events = [happen(1, "WorkflowExecutionStarted", 0.0, "Many")]
    for k in range(count):
        events.append(scheduled(2 + 2 * k, float(k), f"step {k}"))
        closer = "ActivityTaskFailed" if k == bad else "ActivityTaskCompleted"
        failure = Failure("broken") if k == bad else None
        events.append(happen(3 + 2 * k, closer, k + 0.5, f"step {k}", opened_by=2 + 2 * k, failure=failure))
    return events


def test_a_long_list_is_cut_but_what_failed_is_shown():
    said = texts(Timeline.of(history(*many_activities(500, bad=400))).picture().svg)
    assert "step 400" in said
    assert "✗ failed: broken" in said
    assert f"… and {500 - MOST_LANES} more lanes: {500 - MOST_LANES} completed" in said
    alt = Timeline.of(
        history(*many_activities(500, bad=400), happen(1002, "WorkflowExecutionCompleted", 600.0, "Many"))
    )
    assert "500 activities: step 0 completed, " in alt.picture().alt
    assert "and 495 more" in alt.picture().alt or "495 more" in alt.picture().alt


def test_names_cannot_break_the_picture():
    nasty = '</text><script>alert("1")</script>&'
    events = [happen(1, "WorkflowExecutionStarted", 0.0, nasty), scheduled(2, 1.0, nasty, activity_id="a")]
    svg = Timeline.of(history(*events, workflow_id=nasty)).picture().svg
    assert "<script" not in svg
    assert any(said.startswith("</text>") for said in texts(svg))


def test_an_execution_without_events_says_so():
    from tutorial_lib.views.execution.past import Past

    picture = Timeline(Past()).picture()
    assert texts(picture.svg) == ["No events yet."]
    assert picture.alt == "Timeline of a workflow execution that has no events yet."


def test_both_faces_have_the_same_signs():
    source = (settings.PACKAGE / "views/timeline/static/draw.js").read_text(encoding="utf-8")
    block = source[source.index("GLYPHS = {") : source.index("};")]
    assert dict(re.findall(r'(\w+): "([^"]+)"', block)) == GLYPHS


def test_a_run_that_only_waits_is_seen_waiting():
    """Two events at one moment: nothing took any time, and the axis was "0 ms 0 ms 1 ms"."""
    started, task, *_ = order()
    timeline = Timeline.of(history(started, dataclasses.replace(task, time=started.time)))
    words = texts(timeline.picture().svg)
    assert "waits for a worker · order-1" in words
    assert "waits for a worker" in words
    assert "1 s" in words
    assert "0 ms" not in words
    assert "stroke-dasharray" in timeline.picture().svg
