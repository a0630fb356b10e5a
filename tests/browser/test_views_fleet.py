"""Fleet, task queues and retry chart in JupyterLab: live, with buttons that really start, stop and kill."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import psutil
import pytest

from tests.browser.keys import check_keyboard
from tests.browser.styles import changed_by_a_copy_of_the_theme
from tests.support.lab_page import LabPage
from tests.support.running_lab import OWN
from tests.support.waiting import looks

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

    from tests.support.running_lab import RunningLab

GO_ON = "views_fleet_goes_on"  # the file, beside the notebook, that lets its blocked kernel go on
CELLS = (
    """
%load_ext tutorial_lib
import asyncio, time
from datetime import timedelta
from pathlib import Path
from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from tutorial_lib import open_lab
lab = await open_lab("views-fleet")
""",
    """
@activity.defn
async def charge(card: str) -> str:
    if activity.info().attempt < 3:
        raise RuntimeError("the bank is closed")
    return "charged"

@workflow.defn
class Order:
    @workflow.run
    async def run(self, seconds: float) -> str:
        await asyncio.sleep(seconds)
        return await workflow.execute_activity(
            charge, "visa", start_to_close_timeout=timedelta(seconds=5),
            retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=4),
        )
""",
    "lab.fleet()",
    """
kernel = lab.start_worker(task_queue="orders", workflows=[Order], activities=[charge])
process = lab.spawn_worker(task_queue="shipping", workflows=[Order], activities=[charge], name="worker-1")
await lab.client.start_workflow(Order.run, 600.0, id="order-1", task_queue="shipping")
await lab.client.start_workflow(Order.run, 0.0, id="order-2", task_queue="odrers")
""",
    "await lab.task_queues()",
    """
order = await lab.client.start_workflow(Order.run, 0.0, id="order-3", task_queue="orders")
display(await lab.retry_chart(RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=4), order))
print("a cell blocks the kernel")
while not Path("GO_ON").exists():
    time.sleep(0.05)
""".replace("GO_ON", GO_ON),
)


@pytest.fixture(scope="module")
def notebook(course: Path) -> str:
    """A notebook that shows the three views, and then blocks its kernel."""
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in CELLS]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = course / OWN / "views_fleet.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    return path.name


class Views:
    """The three views on a page."""

    def __init__(self, opened: LabPage) -> None:
        self.opened = opened
        self.fleet = opened.notebook.locator(".tt.fleet")
        self.queues = opened.notebook.locator(".tt.queues")
        self.chart = opened.notebook.locator(".tt.retry")

    def row(self, worker: str) -> Locator:
        """The row of a worker."""
        return self.fleet.get_by_role("row").filter(has_text=worker)

    def button(self, action: str, worker: str) -> Locator:
        """A button of a worker; its label names the worker and its queue."""
        return self.row(worker).get_by_role("button", name=re.compile(f"^{action} {worker} on "))

    def pid(self, worker: str) -> int:
        """The process id that a worker's row shows."""
        found = re.search(r"process (?:was )?(\d+)", self.row(worker).inner_text())
        assert found is not None
        return int(found[1])

    def said(self, view: Locator, words: str) -> None:
        """Wait until a view's line says something, for eyes and for screen readers."""
        view.locator(".tt-status").get_by_text(words).wait_for()
        view.get_by_role("status").get_by_text(words).wait_for()


def test_the_fleet_obeys_while_a_cell_blocks_and_tells_what_it_cannot_do(
    lab: RunningLab, browser: Browser, course: Path, notebook: str, tmp_path: Path
):
    with LabPage(lab, browser, notebook) as opened:
        opened.page.set_viewport_size({"width": 1600, "height": 2000})
        opened.run_all()
        views = Views(opened)
        views.row("worker-1").get_by_text("order-1").wait_for()  # cached where it runs
        opened.notebook.get_by_text("a cell blocks the kernel", exact=True).wait_for()

        pid = views.pid("worker-1")
        views.button("Kill", "worker-1").click()
        views.row("worker-1").get_by_text("✕ killed (SIGKILL)").wait_for()
        assert not psutil.pid_exists(pid)
        views.fleet.get_by_text("worker-1 had it, and is gone").wait_for()

        # The attempts come while the cell blocks, too: they begin at 0, 1 and 3 s.
        views.said(views.chart, "charge: 3 attempts, the last one completed.")
        assert opened.busy(), "the cell was to block meanwhile"
        (course / OWN / GO_ON).touch()
        opened.screenshot(tmp_path / "light.png")
        state = opened.wait_done()
        assert [error for error in state["errors"] if error] == []

        views.button("Start", "worker-1").click()
        views.said(views.fleet, "worker-1: it runs again, as a new process, with an empty cache.")
        assert psutil.pid_exists(views.pid("worker-1"))
        assert views.pid("worker-1") != pid

        stop_by_keyboard(views)

        # The silent wrong queue, with the name that was meant; the right one now lacks a worker.
        wrong = views.queues.get_by_role("row").filter(has_text="odrers")
        wrong.get_by_text("▲ nobody polls").first.wait_for()
        assert "1 waiting for" in wrong.inner_text()
        # A number and its unit stay together, however narrow the column is.
        lines = "each => { each.parentElement.style.width = '1ch'; return each.getClientRects().length; }"
        for _ in looks():  # the row may be drawn anew meanwhile: what was found is on no page then
            if found := wrong.locator("[data-since]").first.evaluate(lines):
                break
        assert found == 1
        views.button("Start", "this kernel").click()
        wrong.get_by_text("A worker polls 'orders': is one of the two names a typo?").wait_for()

        check_keyboard(opened, views.fleet, ".tt-title", "ArrowDown")
        check_keyboard(opened, views.chart, ".rows-legend", "ArrowDown")

        # The chart's attempts are a list that arrow keys walk through.
        attempts = views.chart.get_by_role("listitem")
        assert attempts.count() == 3
        attempts.first.focus()
        opened.page.keyboard.press("ArrowDown")
        views.said(views.chart, "Attempt 2, failed; waits 1 s, due at 1")

        opened.use_theme("Dark")
        opened.screenshot(tmp_path / "dark.png")
        opened.use_theme("Light")
        changed = changed_by_a_copy_of_the_theme(opened.page)
        assert not changed, "\n".join(changed)

        buttons_stay_in_half_the_room(views)
        opened.screenshot(tmp_path / "narrow.png")

        # A kernel that is killed says nothing; the view notices that, too.
        psutil.Process(views.pid("this kernel")).kill()
        views.fleet.get_by_text("the kernel does not answer").wait_for()


def stop_by_keyboard(views: Views) -> None:
    """One tab stop, arrows from button to button; what is refused can be reached, and says why."""
    views.button("Stop", "this kernel").focus()
    views.opened.page.keyboard.press("ArrowRight")
    kill = views.button("Kill", "this kernel")
    assert kill.evaluate("each => each === document.activeElement")
    assert kill.get_attribute("aria-disabled") == "true"
    views.opened.page.keyboard.press("Enter")
    views.said(views.fleet, "It cannot be killed: it is a thread of this notebook's kernel")
    views.opened.page.keyboard.press("ArrowLeft")
    views.opened.page.keyboard.press("Enter")
    views.row("this kernel").get_by_text("✕ stopped").wait_for()
    views.opened.page.keyboard.press("ArrowDown")  # the same button of the worker below
    assert views.button("Stop", "worker-1").evaluate("each => each === document.activeElement")
    views.opened.page.keyboard.press("ArrowUp")
    stop = views.button("Stop", "this kernel")
    assert stop.evaluate("each => each === document.activeElement")  # the focus survived the change


def buttons_stay_in_half_the_room(views: Views) -> None:
    """Beside the Web UI a notebook has half of the window."""
    page, fleet = views.opened.page, views.fleet
    page.set_viewport_size({"width": 1050, "height": 2000})
    # JupyterLab lays its panels out anew a moment after the window has changed.
    page.wait_for_function("each => each.clientWidth < 820", arg=fleet.element_handle())
    inside, kill = views.fleet.bounding_box(), views.button("Kill", "worker-1").bounding_box()
    assert inside is not None
    assert kill is not None
    assert kill["x"] + kill["width"] <= inside["x"] + inside["width"]
