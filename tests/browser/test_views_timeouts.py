"""The four timeouts in JupyterLab: live over real attempts, walked through by keyboard, in both themes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from tests.browser.keys import check_keyboard
from tests.support.lab_page import LabPage
from tests.support.running_lab import OWN

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.support.running_lab import RunningLab

CELLS = (
    """
%load_ext tutorial_lib
import asyncio
from datetime import timedelta
from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from tutorial_lib import open_lab
lab = await open_lab("views-timeouts")
""",
    """
OPTIONS = workflow.ActivityConfig(
    start_to_close_timeout=timedelta(seconds=5),
    heartbeat_timeout=timedelta(seconds=1),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=0.5), maximum_attempts=2),
)

@activity.defn
async def scan(shelf: str) -> None:
    for tick in range(100):
        if tick < 15:
            activity.heartbeat(tick)
        await asyncio.sleep(0.1)

@workflow.defn
class Stock:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(scan, "A", **OPTIONS)
""",
    "await lab.timeouts(**OPTIONS)",
    """
lab.start_worker(
    task_queue="stock", workflows=[Stock], activities=[scan],
    max_heartbeat_throttle_interval=timedelta(seconds=0.2),  # else one of them may be all that comes in time
)
stock = await lab.client.start_workflow(Stock.run, id="stock-1", task_queue="stock")
await lab.timeouts(handle=stock, **OPTIONS)
""",
)


@pytest.fixture(scope="module")
def notebook(course: Path) -> str:
    """A notebook that shows the timeouts before and while an activity runs."""
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in CELLS]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = course / OWN / "views_timeouts.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    return path.name


def test_the_timeouts_are_seen_before_and_over_real_attempts(
    lab: RunningLab, browser: Browser, notebook: str, tmp_path: Path
):
    with LabPage(lab, browser, notebook) as opened:
        opened.page.set_viewport_size({"width": 1400, "height": 1500})
        opened.run_all()
        charts = opened.notebook.locator(".tt.timeouts")
        before, live = charts.nth(0), charts.nth(1)
        said = "Retried. Attempt 2: heartbeat timeout, no heartbeat came in time. Not retried"
        live.locator(".tt-status").get_by_text(said).wait_for()
        live.get_by_role("status").get_by_text(said).wait_for()
        assert [error for error in opened.wait_done()["errors"] if error] == []
        opened.screenshot(tmp_path / "light.png")

        # A list of five that arrow keys walk through: the attempts, and a lane for each timeout.
        for chart in (before, live):
            assert chart.get_by_role("listitem").count() == 5
        check_keyboard(opened, live, ".rows-legend", "ArrowDown")
        live.get_by_role("listitem").first.focus()
        for _ in range(3):
            opened.page.keyboard.press("ArrowDown")
        live.locator(".tt-status").get_by_text("heartbeat: from the start of an attempt").wait_for()
        assert "fired" in live.locator(".tt-status").inner_text()

        # Hearts have beaten, and two crosses are where they were missed.
        heartbeat = live.get_by_role("listitem").nth(3)
        assert heartbeat.locator(".timeouts-beat").count() >= 2
        assert heartbeat.locator(".timeouts-cross").count() == 2
        assert before.locator(".timeouts-cross").count() == 0

        opened.use_theme("Dark")
        opened.screenshot(tmp_path / "dark.png")
