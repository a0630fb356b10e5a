"""The replay stepper in JupyterLab, on real runs of the server: keys, slider, buttons, both themes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from tests.browser.keys import check_keyboard, check_shift_enter
from tests.browser.styles import changed_by_a_copy_of_the_theme
from tests.support import orders
from tests.support.lab_page import LabPage
from tests.support.replays import ends_otherwise
from tests.support.running_lab import OWN
from tutorial_lib.replay.recorder import record_replay
from tutorial_lib.views import Stepper, standalone_html

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

    from tests.support.running_lab import RunningLab

WORKFLOW = """
@workflow.defn
class Order:
    def __init__(self) -> None:
        self.approved = False
        self.done: list[str] = []
        self.many = 0

    @workflow.run
    async def run(self, order: str) -> str:
        await workflow.wait_condition(lambda: self.approved)
        for step in ("reserve", "charge", "ship"):{change}
            result = await workflow.execute_activity(step, order, start_to_close_timeout=timedelta(seconds=5))
            self.done.append(result)
            self.many = self.counted()
        return f"{{len(self.done)}} steps done"

    def counted(self) -> int:
        many = len(self.done)
        return many

    @workflow.signal
    def approve(self) -> None:
        self.approved = True
"""
CELLS = (
    """
%load_ext tutorial_lib
import asyncio
from datetime import timedelta
from temporalio import activity, workflow
from tutorial_lib import open_lab
from tutorial_lib.replay.recorder import record_replay
from tutorial_lib.views import Stepper
lab = await open_lab("views-stepper")

@activity.defn(name="reserve")
async def reserve(order: str) -> str:
    return f"{order} reserved"

@activity.defn(name="charge")
async def charge(order: str) -> str:
    return f"{order} charged"

@activity.defn(name="ship")
async def ship(order: str) -> str:
    return f"{order} shipped"
""",
    WORKFLOW.format(change=""),
    """
worker = lab.start_worker(task_queue="orders", workflows=[Order], activities=[reserve, charge, ship])
handle = await lab.client.start_workflow(Order.run, "order-42", id="order-42", task_queue="orders")
await handle.signal(Order.approve)
await handle.result()
kept = await lab.replay(handle)
stepper = await lab.step_through(kept)
stepper
""",
    WORKFLOW.format(change='\n            if step == "ship":\n                await asyncio.sleep(1)'),
    """
changed = await record_replay(handle, [Order])
Stepper.of(kept, changed, labels=("before", "after"))
""",
    "stepper",
    WORKFLOW.format(change=""),
    """
came = next(event.id for event in kept.history.events if event.type == "ActivityTaskCompleted")
other = await lab.what_if(handle, came, result="none left")
await lab.step_through(kept, other, labels=("as it was", "what if"))
""",
)
FIRST, TWO, AGAIN, WHAT_IF = 0, 1, 2, 3  # which stepper of the notebook


@pytest.fixture(scope="module")
def notebook(course: Path) -> str:
    """A notebook that shows one stepper twice, and one of two versions of the code."""
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in CELLS]
    path = course / OWN / "views_stepper.ipynb"
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    return path.name


@pytest.fixture(scope="module")
def opened(lab: RunningLab, browser: Browser, notebook: str) -> Iterator[LabPage]:
    """That notebook, with all its cells run."""
    with LabPage(lab, browser, notebook) as page:
        page.page.set_viewport_size({"width": 1500, "height": 1300})
        page.run_all()
        state = page.wait_done()
        assert [error for error in state["errors"] if error] == []
        steppers(page).nth(WHAT_IF).wait_for()
        yield page


def steppers(opened: LabPage) -> Locator:
    return opened.notebook.locator(".jp-OutputArea-output .st")


def title(stepper: Locator) -> str:
    return stepper.locator(".tt-title").inner_text()


def at_first(opened: LabPage, which: int = FIRST) -> Locator:
    """A stepper, at its first task and with the keyboard on its slider."""
    stepper = steppers(opened).nth(which)
    stepper.locator(".st-slider").focus()
    opened.page.keyboard.press("Home")
    return stepper


def test_arrow_keys_go_from_task_to_task_and_leave_the_notebook_where_it_is(opened: LabPage):
    stepper = at_first(opened)
    selected = opened.notebook.locator(".jp-Cell.jp-mod-selected")
    before = selected.get_attribute("data-windowed-list-index")
    tasks = int(title(stepper).rsplit(" ", 1)[1])
    assert title(stepper) == f"Workflow task 1 of {tasks}"
    opened.page.keyboard.press("ArrowRight")
    assert title(stepper) == f"Workflow task 2 of {tasks}"
    opened.page.keyboard.press("End")
    assert title(stepper) == f"Workflow task {tasks} of {tasks}"
    assert "completes the workflow" in stepper.locator(".tt-status").inner_text()
    assert "all known" in stepper.locator(".st-head").nth(1).inner_text()
    opened.page.keyboard.press("ArrowLeft")
    assert title(stepper) == f"Workflow task {tasks - 1} of {tasks}"
    assert selected.get_attribute("data-windowed-list-index") == before
    assert stepper.locator(".st-slider").evaluate("each => each === document.activeElement")


def test_a_step_marks_what_ran_where_it_waits_and_what_is_not_yet_known(opened: LabPage):
    stepper = at_first(opened)
    opened.page.keyboard.press("End")
    opened.page.keyboard.press("ArrowLeft")
    waits = stepper.locator(".st-row", has=opened.page.locator(".st-is-waits.st-pill"))
    assert "workflow.execute_activity" in waits.inner_text()
    assert "waits here" in waits.inner_text()
    assert stepper.locator(".st-is-line-ran, .st-is-line-resumed").count() > 1
    delivered = stepper.locator(".st-event.st-in")
    assert "ActivityTaskCompleted" in delivered.inner_text()
    assert "delivered now" in delivered.inner_text()
    assert "ActivityTaskScheduled" in stepper.locator(".st-event.st-out").inner_text()
    assert stepper.locator(".st-divider").inner_text() == "not yet known"
    assert stepper.locator(".st-event.st-unknown").count() > 0
    changed = stepper.locator(".st-table .st-fresh", has_text="done")
    assert re.search(r"done.*order-42 charged.*changed", changed.inner_text(), re.DOTALL)
    assert "step" in stepper.locator(".st-coroutine").inner_text()


def test_down_follows_the_lines_that_ran_into_the_next_task(opened: LabPage):
    stepper = at_first(opened)
    note = stepper.locator(".st-head .st-note").first
    ran = int(note.inner_text().split()[0])
    opened.page.keyboard.press("ArrowDown")
    assert note.inner_text() == f"line 1 of {ran} that ran"
    assert stepper.locator(".st-is-line-now").count() == 1
    stepper.get_by_role("button", name=re.compile("Next line")).click()
    assert note.inner_text() == f"line 2 of {ran} that ran"
    for _ in range(ran - 1):
        opened.page.keyboard.press("ArrowDown")
    assert note.inner_text().startswith("line 1 of ")
    assert title(stepper).startswith("Workflow task 2 ")
    opened.page.keyboard.press("ArrowUp")
    assert note.inner_text() == f"line {ran} of {ran} that ran"


def test_what_is_known_so_far_grows_with_the_steps(opened: LabPage):
    stepper = at_first(opened)
    button = stepper.get_by_role("button", name="What is known so far")
    button.click()
    known = stepper.locator(".st-known")
    first = known.locator("li").count()
    assert "the start of the workflow" in known.inner_text()
    assert "Not yet known:" in known.inner_text()
    opened.page.keyboard.press("End")
    assert known.locator("li").count() > first
    assert "order-42 shipped" in known.inner_text()
    assert "Nothing is unknown any more" in known.inner_text()
    button.click()
    assert not known.is_visible()


def test_an_event_leads_to_the_task_that_saw_it_by_mouse_and_by_key(opened: LabPage):
    stepper = at_first(opened)
    opened.page.keyboard.press("End")
    tasks = title(stepper).rsplit(" ", 1)[1]
    history = stepper.locator(".st-history")
    history.evaluate("each => { each.scrollTop = 0; }")
    stepper.locator('.st-event[data-event="1"]').click()
    assert title(stepper) == f"Workflow task 1 of {tasks}"
    history.focus()
    for _ in range(40):
        opened.page.keyboard.press("ArrowDown")
    opened.page.keyboard.press("Enter")
    assert title(stepper) == f"Workflow task {tasks} of {tasks}"


def test_two_versions_of_the_code_open_where_they_part(opened: LabPage, tmp_path: Path):
    two = steppers(opened).nth(TWO)
    two.locator(".st-slider").focus()
    opened.page.keyboard.press("Home")
    assert two.locator(".st-box").count() == 0
    two.get_by_role("button", name="Next difference").click()
    box = two.locator(".st-box")
    box_text = box.inner_text()
    assert "Code and history part here" in box_text
    assert "start timer 1 s" in box.inner_text()
    assert "TMPRL1100" in box.inner_text()
    line = two.locator(".st-is-line-diverged")
    assert "await asyncio.sleep(1)" in line.inner_text()
    assert "\u2260 parts here" in line.inner_text()
    assert "after: expected here" in two.locator(".st-event.st-diverged").inner_text()
    assert "First difference" in two.locator(".tt-status").inner_text()
    opened.page.keyboard.press("End")
    expected = re.search(r"event (\d+)", box_text)[1]
    assert two.locator(".st-head .st-note").nth(1).inner_text() == f"stopped at event {expected}"
    assert f"This side stopped at event {expected}" in two.locator(".st-side .st-told").nth(1).inner_text()


@pytest.mark.parametrize("size", [(1180, 900), (1120, 720)], ids=lambda size: "{}x{}".format(*size))
def test_what_texts_say_of_left_right_and_below_is_so_in_the_room_that_a_lesson_has(
    opened: LabPage, size: tuple[int, int]
):
    """With the file browser open: as wide as beside the Web UI in windows of 1400 x 900 and 1280 x 720."""
    before = opened.page.viewport_size
    opened.page.set_viewport_size({"width": size[0], "height": size[1]})
    opened.drawn()
    room = opened.notebook.locator(".jp-WindowedPanel-outer").bounding_box()
    assert room["width"] < 930
    for which in (FIRST, TWO):
        stepper = steppers(opened).nth(which)
        stepper.evaluate("each => each.scrollIntoView({ block: 'start' })")
        opened.drawn()
        parts = {
            name: [each.bounding_box() for each in stepper.locator(selector).all()]
            for name, selector in {
                "controls": ".st-slider",
                "code": ".st-side:has(.st-code)",
                "history": ".st-side:has(.st-history)",
                "self": ".st-self",
            }.items()
        }
        left, right = (parts["code"] + parts["history"])[:2]  # code and history, or two versions
        assert left["x"] + left["width"] <= right["x"]
        assert abs(left["y"] - right["y"]) < 2
        below = parts["self"][0] if which == FIRST else parts["history"][0]
        assert below["y"] >= left["y"] + left["height"]
        assert below["y"] + 70 < room["y"] + room["height"]
        assert parts["controls"][0]["y"] > room["y"]
        # No code is cut off at its pane's edge.
        assert stepper.locator(".st-code").first.evaluate("each => each.scrollWidth - each.clientWidth") < 2
    opened.page.set_viewport_size(before)


def test_the_shorter_side_of_a_what_if_keeps_what_it_knows(opened: LabPage):
    side = steppers(opened).nth(WHAT_IF)
    side.locator(".st-slider").focus()
    opened.page.keyboard.press("End")
    cut = side.locator(".st-side:has(.st-history)").nth(1)
    assert re.fullmatch(r"known until event \d+", cut.locator(".st-note").inner_text())
    assert cut.locator(".st-divider").inner_text() == "end of the history"
    told = side.locator(".st-side:has(.st-code) .st-told").nth(1).inner_text()
    assert told.startswith("What is known of this side ends at event ")


def test_events_have_links_to_those_that_they_belong_with(opened: LabPage):
    stepper = at_first(opened)
    opened.page.keyboard.press("End")
    history = stepper.locator(".st-side:has(.st-history)")
    completed = stepper.locator(".st-event", has_text="ActivityTaskCompleted").last
    completed.click()
    number = int(completed.get_attribute("data-event"))
    links = history.locator(".st-link")
    assert [text.split(" ", 1)[1] for text in links.all_inner_texts()] == [
        f"{number - 2} scheduled",
        f"{number - 1} started",
    ]
    links.first.click()
    assert history.locator(".st-active").get_attribute("data-event") == str(number - 2)
    assert links.all_inner_texts() == [f"\u2192 {number - 1} started", f"\u2192 {number} completed"]


def test_a_value_leads_to_the_line_that_wrote_it_and_lines_show_what_they_change(opened: LabPage):
    stepper = at_first(opened)
    opened.page.keyboard.press("End")
    tasks = title(stepper).rsplit(" ", 1)[1]
    done = stepper.locator(".st-self tr", has_text="done")
    assert "order-42 shipped" in done.inner_text()
    done.get_by_role("button", name=re.compile(r"Where did self\.done change\?")).click()
    assert title(stepper) == f"Workflow task {tasks} of {tasks}"
    now = stepper.locator(".st-is-line-now")
    assert "self.done.append(result)" in now.inner_text()
    assert re.search(r"self\.done = \['order-42 r.*shipped'\]", now.inner_text())
    # Before that line it has not happened yet.
    assert "self, before this line" in stepper.locator(".st-self").inner_text()
    assert "shipped" not in stepper.locator(".st-self").inner_text()
    assert (
        "'order-42 shipped'"
        in stepper.locator(".st-section", has_text="Locals before this line").inner_text()
    )
    # A line that calls another one is not over when that one returns.
    opened.page.keyboard.press("End")
    many = stepper.locator(".st-self tr", has=opened.page.get_by_text("many", exact=True))
    many.get_by_role("button", name=re.compile(r"Where did self\.many change\?")).click()
    assert "self.many = self.counted()" in now.inner_text()
    assert "self.many = 3" in now.inner_text()
    # What was written in an earlier task is found there.
    opened.page.keyboard.press("End")
    stepper.locator(".st-self tr", has_text="approved").get_by_role("button").click()
    assert "self.approved = True" in stepper.locator(".st-is-line-now").inner_text()
    assert title(stepper) != f"Workflow task {tasks} of {tasks}"


def test_an_event_is_given_another_result_in_the_list_and_what_if_is_seen(opened: LabPage):
    stepper = steppers(opened).nth(AGAIN)
    stepper.locator('.st-event[data-event="1"]').click()
    answer = stepper.locator(".st-answer")
    assert answer.input_value() == "'order-42'"
    answer.fill("sold out")
    answer.press("Enter")
    stepper.locator(".st-asked").get_by_text("'sold out' is no value: write text in quotes").wait_for()
    answer.fill("'order-43'")
    answer.press("Enter")
    stepper.get_by_text("What if event 1 had given 'order-43'?").wait_for()
    assert [head.inner_text() for head in stepper.locator(".st-side:has(.st-code) .st-head b").all()] == [
        "as it was",
        "what if",
    ]
    assert "'order-43'" in stepper.locator(".st-below").inner_text()
    stepper.get_by_role("button", name="Back to how it was").click()
    stepper.locator(".st-asked").get_by_role("button").wait_for(state="detached")
    stepper.locator(".st-side:has(.st-code)").nth(1).wait_for(state="detached")


def test_a_task_that_no_worker_has_begun_with_does_not_start_at_an_event(browser: Browser, tmp_path: Path):
    signaled = ("WorkflowExecutionSignaled", {"signalName": "hurry"})
    replay = record_replay(ends_otherwise(1, 10, signaled), [orders.Order])
    with ThreadPoolExecutor() as pool:  # the browser's own loop runs in this thread
        recording = pool.submit(asyncio.run, replay).result()
    file = tmp_path / "page.html"
    file.write_text(standalone_html([Stepper.of(recording)], "orders"), encoding="utf-8")
    tab = browser.new_page(viewport={"width": 1200, "height": 900})
    tab.goto(file.as_uri())
    stepper = tab.locator(".st")
    stepper.locator(".st-slider").focus()
    tab.keyboard.press("End")
    assert title(stepper) == "The next workflow task"
    assert stepper.locator(".st-facts").inner_text().startswith("no worker has begun with it")
    assert "delivered now" in stepper.locator('.st-event[data-event="11"]').inner_text()
    assert stepper.locator(".st-event", has_text="task starts").count() == 0
    tab.keyboard.press("ArrowLeft")
    assert title(stepper) == "Workflow task 2 of 2"
    assert "task starts" in stepper.locator('.st-event[data-event="9"]').inner_text()
    tab.close()


def test_it_plays_until_somebody_takes_over(opened: LabPage):
    stepper = at_first(opened)
    stepper.get_by_role("button", name=re.compile("^Play")).click()
    opened.page.wait_for_function(
        "each => each.textContent.startsWith('Workflow task 2 ')",
        arg=stepper.locator(".tt-title").element_handle(),
    )
    opened.page.keyboard.press("Home")
    stepper.get_by_role("button", name=re.compile("^Play")).wait_for()
    assert title(stepper).startswith("Workflow task 1 ")


def test_a_stepper_shown_again_moves_with_the_first_one(opened: LabPage):
    stepper = at_first(opened)
    again = steppers(opened).nth(AGAIN)
    opened.page.keyboard.press("ArrowRight")
    opened.page.wait_for_function(
        "([one, other]) => one.textContent === other.textContent",
        arg=[each.locator(".tt-title").element_handle() for each in (stepper, again)],
    )
    assert title(again).startswith("Workflow task 2 ")


def test_a_click_anywhere_gives_it_the_keyboard_and_escape_gives_it_back(opened: LabPage):
    at_first(opened)
    opened.page.keyboard.press("ArrowRight")
    check_keyboard(opened, steppers(opened).nth(FIRST), ".tt-status", "ArrowDown")
    check_shift_enter(opened, steppers(opened).nth(AGAIN), ".st-legend")


def test_it_looks_right_in_both_themes(opened: LabPage, tmp_path: Path):
    at_first(opened)
    opened.page.keyboard.press("ArrowRight")
    light = shots(opened, tmp_path, "light")
    opened.use_theme("Dark")
    dark = shots(opened, tmp_path, "dark")
    opened.use_theme("Light")
    assert light != dark


def test_another_views_copy_of_the_theme_changes_nothing(opened: LabPage):
    changed = changed_by_a_copy_of_the_theme(opened.page)
    assert not changed, "\n".join(changed)


def shots(opened: LabPage, folder: Path, name: str) -> list[bytes]:
    found = []
    for which in (FIRST, TWO):
        stepper = steppers(opened).nth(which)
        ground = stepper.evaluate("each => getComputedStyle(each).backgroundColor")
        ink = stepper.evaluate("each => getComputedStyle(each).color")
        lighter, darker = (ground, ink) if name == "light" else (ink, ground)
        assert brightness(lighter) > 200
        assert brightness(darker) < 100
        stepper.scroll_into_view_if_needed()
        found.append(stepper.screenshot(path=folder / f"stepper-{name}-{which}.png"))
    return found


def brightness(colour: str) -> float:
    return sum(map(float, re.findall(r"[\d.]+", colour)[:3])) / 3
