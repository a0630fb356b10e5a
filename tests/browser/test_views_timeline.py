"""Timeline and history table in JupyterLab: live while a cell blocks, by mouse and keys, in both themes."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbconvert import HTMLExporter

from tests.browser.keys import check_keyboard, check_shift_enter
from tests.browser.styles import changed_by_a_copy_of_the_theme
from tests.support.histories import DATA
from tests.support.lab_page import LabPage
from tests.support.running_lab import OWN
from tests.support.waiting import looks
from tutorial_lib import settings
from tutorial_lib.history import read_history
from tutorial_lib.views import HistoryTable, Timeline, standalone_html
from tutorial_lib.views.kit.time import duration, in_full, ticks

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

    from tests.support.running_lab import RunningLab

GO_ON = "views_timeline_goes_on"  # the file, beside the notebook, that lets its blocked kernel go on
SHOWN = "views_timeline_shown"  # likewise: counts of events that the page has shown; a late one sees all
CELLS = (
    """
%load_ext tutorial_lib
import asyncio, time
from datetime import timedelta
from pathlib import Path
from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from tutorial_lib import open_lab
lab = await open_lab("views-timeline")
shown = Path("SHOWN")
items = ["a book", "a pen", "a cup"]
""".replace("SHOWN", SHOWN),
    """
@activity.defn
async def reserve(item: str) -> str:
    while int(shown.read_text() or 0) <= items.index(item):
        await asyncio.sleep(0.05)
    return f"{item} reserved"

@activity.defn
async def charge(card: str) -> str:
    await asyncio.sleep(0.2)
    if activity.info().attempt < 3:
        raise RuntimeError("the bank is closed")
    return "charged"

@activity.defn
async def ship(item: str) -> str:
    raise RuntimeError("no such address")

@workflow.defn
class Order:
    @workflow.signal
    def hurry(self, why: str) -> None: ...

    @workflow.run
    async def run(self, items: list[str]) -> str:
        short = {"start_to_close_timeout": timedelta(minutes=5)}
        reminder = asyncio.create_task(workflow.sleep(60, summary="reminder"))
        for item in items:
            await workflow.execute_activity(reserve, item, **short)
        once = RetryPolicy(maximum_attempts=1)
        once_a_second = RetryPolicy(initial_interval=timedelta(seconds=1), backoff_coefficient=1)
        await workflow.execute_activity(charge, "visa", retry_policy=once_a_second, **short)
        try:
            await workflow.execute_activity(ship, "book", retry_policy=once, **short)
        except Exception:
            workflow.logger.info("kept in the shop")
        reminder.cancel()
        return "done"
""",
    """
worker = lab.start_worker(task_queue="orders", workflows=[Order], activities=[reserve, charge, ship])
handle = await lab.client.start_workflow(Order.run, items, id="order-1", task_queue="orders")
await handle.signal(Order.hurry, "birthday")
await lab.timeline(handle)
""",
    f"while not Path({GO_ON!r}).exists():\n    time.sleep(0.05)",
    "await handle.result()",
    "finished = await lab.timeline(handle)\nfinished",
    "await lab.history_table(handle)",
    "finished",
    """
waiting = await lab.client.start_workflow(Order.run, items, id="order-2", task_queue="nobody")
await lab.timeline(waiting)
""",
)
LIVE, BLOCKING, AFTER, TABLE, AGAIN, WAITING = 2, 3, 5, 6, 7, 8

HISTORY = DATA / "mixed.json"

# Rows of a table in which something is cut off.
CUT_OFF = """table => [...table.querySelectorAll('.ht-row')].filter(row => [row, ...row.children].some(
  each => each.scrollHeight > each.clientHeight + 3 || each.scrollWidth > each.clientWidth + 1))
  .map(row => row.innerText)"""

ALT = (
    "Timeline of workflow Order: completed. 5 activities: reserve completed (3), "
    "charge completed at attempt 3, ship failed; 1 timer: 1 min timer canceled; 1 signal: hurry."
)


@pytest.fixture(scope="module")
def notebook(course: Path) -> str:
    """A notebook with both views."""
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in CELLS]
    path = course / OWN / "views_timeline.ipynb"
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    return path.name


@pytest.fixture(scope="module")
def seen_while_blocked() -> list[str]:
    """What the live timeline's status line said while a cell blocked the kernel, in order."""
    return []


@pytest.fixture(scope="module")
def opened(
    lab: RunningLab, browser: Browser, course: Path, notebook: str, seen_while_blocked: list[str]
) -> Iterator[LabPage]:
    """That notebook, with all its cells run."""
    shown = course / OWN / SHOWN
    shown.write_text("0")
    with LabPage(lab, browser, notebook) as page:
        page.page.set_viewport_size({"width": 1400, "height": 2600})
        page.run_all()
        status = page.notebook.locator(".tl .tt-status")
        for _ in looks(0, told=lambda: page.state()["prompts"]):
            prompts = page.state()["prompts"]
            if prompts[AFTER] not in (None, "[ ]:", "[*]:", ""):
                break
            if prompts[BLOCKING] == "[*]:" and status.count():
                seen_while_blocked.append(status.first.inner_text())
                shown.write_text(str(len(set(counts_of(seen_while_blocked)))))
                if re.match(r"\d+ events?, (?!.*; live)", seen_while_blocked[-1]):
                    (course / OWN / GO_ON).touch()
            page.page.wait_for_timeout(50)
        state = page.wait_done()
        assert [error for error in state["errors"] if error] == []
        view(page, WAITING).wait_for()
        yield page


def counts_of(told: list[str]) -> list[int]:
    """How many events a live timeline's status lines told of."""
    return [int(found[1]) for text in told if (found := re.match(r"(\d+) events?, .*; live", text))]


def test_a_click_anywhere_gives_a_view_the_keyboard_and_escape_gives_it_back(opened: LabPage):
    check_keyboard(opened, view(opened, AFTER), ".tt-title", "ArrowDown")
    check_keyboard(opened, view(opened, TABLE), ".tt-title", "ArrowDown")
    check_shift_enter(opened, view(opened, TABLE), ".tt-status")


def view(opened: LabPage, cell: int) -> Locator:
    """The view in the output of a cell."""
    return opened.notebook.locator(".jp-CodeCell").nth(cell).locator(".tt[role=group]")


def lane(timeline: Locator, name: str, number: int = 0) -> Locator:
    """A lane of a timeline by its name."""
    return timeline.locator(".tl-row", has=timeline.page.locator(".tl-name", has_text=name)).nth(number)


def soon(page: Page, condition: Callable[[], bool], *seen: Locator) -> None:
    """Wait until something is so: a view draws in the next frame, which a busy machine has late.

    Args:
        page: The page.
        condition: What is to be so.
        seen: Elements whose text a failure is to name.
    """
    for _ in looks(0, told=lambda: [each.inner_text() for each in seen]):
        if condition():
            return
        page.wait_for_timeout(20)


def test_the_timeline_moves_on_while_a_cell_blocks(opened: LabPage, seen_while_blocked: list[str]):
    counts = counts_of(seen_while_blocked)
    assert len(set(counts)) >= 3, seen_while_blocked
    assert counts == sorted(counts)
    live = view(opened, LIVE)
    assert "✓ completed" in live.locator(".tt-bar").inner_text()
    assert "; live" not in live.locator(".tt-status").inner_text()
    # Attempts were seen while they happened: they are drawn as seen, with their pauses.
    assert lane(live, "charge").locator(".tl-bar-failed").count() == 2
    assert lane(live, "charge").locator(".tl-backoff").count() == 2
    assert "✓" in lane(live, "charge").inner_text()


def test_pointing_at_a_lane_and_choosing_one_tell_what_happened(opened: LabPage):
    timeline = view(opened, AFTER)
    details = timeline.locator(".tl-details")
    assert "Point at a lane" in details.inner_text()
    lane(timeline, "ship").hover()
    soon(opened.page, lambda: "Activity ship failed for good" in details.inner_text())
    lane(timeline, "reserve", 1).click()
    opened.page.mouse.move(2, 2)
    soon(opened.page, lambda: "a pen" in details.inner_text())
    assert lane(timeline, "reserve", 1).get_attribute("aria-selected") == "true"
    lane(timeline, "reserve", 1).click()  # not any more


def test_the_details_can_be_reached_by_pointing_and_show_all_of_their_text(opened: LabPage):
    timeline = view(opened, AFTER)
    details = timeline.locator(".tl-details")
    opened.page.mouse.move(2, 2)  # from above: lanes on the way down are passed over
    soon(opened.page, lambda: "Point at a lane" in details.inner_text())
    timeline.locator(".tl-row").last.hover()
    soon(opened.page, lambda: "Point at a lane" not in details.inner_text())
    told = details.inner_text()
    details.hover()
    details.hover(position={"x": 40, "y": 30})
    assert details.inner_text() == told
    hidden = details.evaluate("each => each.scrollHeight - each.clientHeight")
    assert hidden <= 0 or details.evaluate("each => each.offsetHeight") == 320
    opened.page.mouse.move(2, 2)
    soon(opened.page, lambda: "Point at a lane" in details.inner_text())
    assert details.evaluate("each => each.scrollHeight - each.clientHeight") <= 0, "the legend is whole"


def test_it_counts_the_lanes_that_it_draws(opened: LabPage):
    timeline = view(opened, AFTER)
    lanes = timeline.locator(".tl-row").count()
    assert f"events, {lanes} lanes, " in timeline.locator(".tt-status").inner_text()


def test_a_view_that_is_shown_again_shows_everything(opened: LabPage):
    first, second = (view(opened, cell).locator(".tl-name").all_inner_texts() for cell in (AFTER, AGAIN))
    assert len(first) == 9
    assert first == second


def test_a_run_that_only_waits_is_seen_to_wait(opened: LabPage):
    timeline = view(opened, WAITING)
    status = timeline.locator(".tt-status")
    soon(opened.page, lambda: "; waits for a worker; live" in status.inner_text(), status)
    shown = re.match(r"2 events, 2 lanes, ([\d.]+) s;", status.inner_text())
    assert shown is not None
    assert timeline.locator(".tl-row").count() == 2  # as many as are counted
    assert "waits for a worker" in lane(timeline, "workflow tasks").inner_text()
    assert timeline.locator(".tl-track .tl-wait").count() == 1
    labels = timeline.locator(".tl-axis text").all_text_contents()
    assert len(set(labels)) == len(labels) > 2
    soon(opened.page, lambda: status.inner_text() != shown.string, status)  # time goes on


def test_all_that_is_told_of_a_lane_is_shown_and_can_be_pointed_at(opened: LabPage):
    page, timeline = opened.page, view(opened, AFTER)
    details = timeline.locator(".tl-details")
    cut = "each => each.scrollHeight > each.clientHeight + 1"
    lane(timeline, "charge").focus()
    page.keyboard.press("Escape")  # nothing is pinned
    soon(page, lambda: "Point at a lane" in details.inner_text(), details)
    assert not details.evaluate(cut)  # the legend
    lane(timeline, "charge").hover()
    soon(page, lambda: "RuntimeError: the bank is closed" in details.inner_text(), details)
    assert not details.evaluate(cut)
    # Down across the lanes below it, to what is told of it.
    row, box = lane(timeline, "charge").bounding_box(), details.bounding_box()
    x = row["x"] + row["width"] / 2
    page.mouse.move(x, row["y"] + 4)
    page.mouse.move(x, box["y"] + 20, steps=12)
    opened.drawn()
    assert "RuntimeError: the bank is closed" in details.inner_text()
    page.mouse.move(0, 0)
    soon(page, lambda: "RuntimeError: the bank is closed" not in details.inner_text(), details)


@pytest.mark.parametrize("width", [900, 1400])
def test_the_table_can_be_read_and_a_search_moves_nothing(opened: LabPage, width: int):
    page, table = opened.page, view(opened, TABLE)
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": 1000})
    table.scroll_into_view_if_needed()
    opened.drawn()
    assert table.locator(".ht-row").count() > 5
    assert table.evaluate(CUT_OFF) == []
    assert table.locator(".ht-scroll").evaluate("each => getComputedStyle(each).overflowY") == "scroll"
    below = table.locator(".ht-details").bounding_box()["y"]
    search = table.get_by_label("Search events")
    # In the stack trace of an event: its row shows where.
    search.fill("keep no such")
    soon(page, lambda: "0 of" in table.locator(".tt-status").inner_text(), table.locator(".tt-status"))
    search.fill("cause")
    opened.drawn()
    search.fill("address")
    soon(page, lambda: 0 < table.locator(".ht-row").count() < 4, table.locator(".tt-status"))
    for row in table.locator(".ht-row").all():
        assert row.locator("mark").count() > 0, row.inner_text()
    assert table.evaluate(CUT_OFF) == []
    assert table.locator(".ht-details").bounding_box()["y"] == below
    search.fill("")
    page.set_viewport_size(before)


def test_the_keyboard_goes_through_lanes_zooms_and_moves_and_leaves_cells_alone(opened: LabPage):
    timeline = view(opened, AFTER)
    page, axis = opened.page, timeline.locator(".tl-axis")
    timeline.get_by_role("button", name="Fit the whole time").click()  # whatever another test left
    whole = axis.inner_text()
    timeline.locator(".tl-row").first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    assert timeline.locator(".tl-row:focus").get_attribute("data-lane") == "3"
    page.keyboard.press("+")
    page.keyboard.press("+")
    soon(page, lambda: axis.inner_text() != whole, axis)
    # Where the labels are, not only what they say: a fifth of the width further they may be the same ones.
    zoomed = axis.inner_html()
    page.keyboard.press("ArrowRight")
    soon(page, lambda: axis.inner_html() != zoomed, axis)
    page.keyboard.press("0")
    soon(page, lambda: axis.inner_text() == whole, axis)
    page.keyboard.press("End")
    # JupyterLab, which moves from cell to cell with the same keys, took none of them.
    assert timeline.locator(".tl-row:focus").get_attribute("data-lane") == "8"


def test_the_wheel_and_the_buttons_zoom(opened: LabPage):
    timeline = view(opened, AFTER)
    page, axis = opened.page, timeline.locator(".tl-axis")
    timeline.get_by_role("button", name="Fit the whole time").click()  # whatever another test left
    whole = axis.inner_text()
    lane(timeline, "charge").hover()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -400)
    page.keyboard.up("Control")
    timeline.locator(".tl-range").wait_for()  # what part of the whole is shown
    page.mouse.move(2, 2)
    timeline.get_by_role("button", name="Fit the whole time").click()
    soon(page, lambda: axis.inner_text() == whole, axis)
    timeline.get_by_role("button", name="Zoom in").click()
    soon(page, lambda: axis.inner_text() != whole, axis)
    timeline.get_by_role("button", name="Fit the time to the lanes").click()
    soon(page, lambda: not timeline.locator(".tl-beyond").count())
    timeline.get_by_role("button", name="Fit the whole time").click()
    soon(page, lambda: axis.inner_text() == whole, axis)


def test_the_table_finds_events_by_words_and_kinds_and_tells_all_of_one(opened: LabPage):
    table = view(opened, TABLE)
    search, status, found = (
        table.get_by_label("Search events"),
        table.locator(".tt-status"),
        table.locator(".ht-row"),
    )
    search.fill("bank closed")
    soon(opened.page, lambda: found.count() == 1)
    assert re.match(r"1 of \d+ events", status.inner_text())
    assert "ActivityTaskStarted" in found.inner_text()
    assert found.locator("mark").count() == 2
    search.press("ArrowDown")
    soon(opened.page, lambda: "attempt 3" in table.locator(".ht-details").inner_text())
    search.fill("")
    table.get_by_label("Which events").select_option("!bad")
    soon(opened.page, lambda: found.count() == 1 and "Failed" in found.inner_text())
    found.click()
    soon(
        opened.page, lambda: "RuntimeError: no such address" in table.locator(".ht-details pre").inner_text()
    )
    table.get_by_label("Which events").select_option("")


def test_the_table_leads_to_the_event_in_the_web_ui(opened: LabPage):
    table = view(opened, TABLE)
    table.get_by_label("Search events").fill("asked ship")
    soon(opened.page, lambda: table.locator(".ht-row").count() == 1)
    table.locator(".ht-row").click()
    with opened.context.expect_page() as tab:
        table.get_by_role("link", name="in the Web UI").click(modifiers=["Control"])
    tab.value.get_by_text("Activity Task Scheduled").first.wait_for()
    assert "/history/events/" in tab.value.url
    tab.value.close()
    table.get_by_label("Search events").fill("")


def test_light_and_dark(opened: LabPage, tmp_path: Path):
    contrast = {}
    for theme in ("Dark", "Light"):
        opened.use_theme(theme)
        opened.screenshot(tmp_path / f"{theme}.png")
        name = lane(view(opened, AFTER), "charge").locator(".tl-name")
        contrast[theme] = name.evaluate("each => getComputedStyle(each).color")
        drawn = lane(view(opened, AFTER), "Order").locator(".tl-bar-run").bounding_box()
        assert drawn["width"] > 400  # as wide as before, though the theme hid everything for a moment
    assert contrast["Dark"] != contrast["Light"]


def test_another_views_copy_of_the_theme_changes_nothing(opened: LabPage):
    changed = changed_by_a_copy_of_the_theme(opened.page)
    assert not changed, "\n".join(changed)


def test_saved_and_opened_untrusted_and_as_html_the_picture_is_there_with_its_sentence(
    opened: LabPage, lab: RunningLab, browser: Browser, course: Path, notebook: str, tmp_path: Path
):
    path = course / OWN / notebook
    before = path.stat().st_mtime_ns
    with opened.page.expect_response(
        lambda each: each.request.method == "PUT" and "/api/contents/" in each.url
    ):
        opened.menu("File", "docmanager:save")
    assert path.stat().st_mtime_ns > before
    outputs = nbformat.read(path, as_version=4).cells[AFTER].outputs
    assert outputs[0].data["text/plain"] == ALT
    assert f'alt="{html.escape(ALT)}"' in outputs[0].data["text/html"]

    page, _ = HTMLExporter().from_notebook_node(nbformat.read(path, as_version=4))
    exported = tmp_path / "exported.html"
    exported.write_text(page, encoding="utf-8")
    tab = browser.new_page()
    tab.goto(exported.as_uri())
    assert_shown(tab.get_by_alt_text(ALT).first)
    tab.close()

    # As it was saved, without its kernel; and nobody has signed it, so JupyterLab does not trust it.
    saved = nbformat.read(path, as_version=4)
    saved.cells[0].source += "\n# changed by somebody else"
    other = path.with_name("views_timeline_untrusted.ipynb")
    nbformat.write(saved, other)
    with LabPage(lab, browser, other.name) as again:
        again.page.set_viewport_size({"width": 1400, "height": 2600})
        assert_shown(again.notebook.get_by_alt_text(ALT).first)
        assert_shown(
            again.notebook.get_by_alt_text(re.compile("^Event history of workflow Order: completed"))
        )
        again.screenshot(tmp_path / "untrusted.png")


def test_a_page_of_its_own_works_without_network_and_server(browser: Browser, tmp_path: Path):
    read = read_history(HISTORY)
    file = tmp_path / "page.html"
    file.write_text(standalone_html([Timeline.of(read), HistoryTable.of(read)], "Mixed"), encoding="utf-8")
    tab = browser.new_page(color_scheme="dark")
    asked, wrong = [], []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.goto(file.as_uri())
    tab.locator(".tl-row").nth(2).hover()
    assert "event" in tab.locator(".tl .tt-status").inner_text()
    tab.get_by_label("Search events").fill("signal")
    tab.locator(".ht-row").first.click()
    assert "sig" in tab.locator(".ht-details").inner_text()
    tab.screenshot(path=tmp_path / "page.png")
    assert wrong == []
    assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]
    tab.close()


def test_durations_and_axes_read_the_same_in_both_faces(browser: Browser):
    seconds = [
        0,
        0.0004,
        0.0123,
        0.2,
        0.25,
        0.9999,
        1,
        1.5,
        12.345,
        59.99,
        60,
        61,
        3599.6,
        3600,
        7325,
        90000,
        7355,
        86405,
        90305,
        172741,
        1234567,
        1209599.7,
        -2.5,
        -1234567,
    ]
    spans = [(0, 5), (0, 0.0123), (1.2, 1.9), (0, 61), (0, 86400 * 3), (100, 4000), (2, 2)]
    tab = browser.new_page()
    code = (settings.PACKAGE / "views/kit/static/common.js").read_text(encoding="utf-8")
    address = f"data:text/javascript;base64,{base64.b64encode(code.encode()).decode()}"
    told, full, marks = tab.evaluate(
        """async ([address, seconds, spans]) => {
          const { duration, inFull, ticks } = await import(address);
          return [seconds.map(each => duration(each)), seconds.map(inFull),
            spans.map(([low, high]) => ticks(low, high, 8))];
        }""",
        [address, seconds, spans],
    )
    tab.close()
    assert told == [duration(each) for each in seconds]
    assert full == [in_full(each) for each in seconds]
    assert marks == [pytest.approx(ticks(low, high, 8)) for low, high in spans]


def assert_shown(picture: Locator) -> None:
    """The picture is loaded and visible."""
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("each => each.complete && each.naturalWidth") > 500
