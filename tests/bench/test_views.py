"""How fast the timeline is: long histories, and from a live event to the screen (printed, not asserted)."""

from __future__ import annotations

import asyncio
import statistics
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from temporalio.client import Client

from tests.bench.rounds import rounds
from tests.support.lab_page import LabPage, chromium
from tests.support.long_histories import history_of
from tests.support.running_lab import running_lab
from tutorial_lib.history import read_history
from tutorial_lib.views import Timeline, standalone_html
from tutorial_lib.views.execution.lanes import Lanes

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.timeout(300)

EVENTS = 5000
SIGNALS = 60
BATCH = 0.1  # seconds between two batches of a follower

# Until the first frame after the first lanes were there.
_FIRST = """() => new Promise(done => {
  const look = () => document.querySelector('.tl-row .tl-track > :nth-child(3)')
    ? requestAnimationFrame(() => setTimeout(() => done(performance.now()))) : setTimeout(look, 2);
  look();
})"""
# Time of each frame while it scrolls through all lanes, or zooms in and out.
_FRAMES = """async (act) => {
  const scroller = document.querySelector('.tl-scroll'), times = [];
  const keys = k => scroller.dispatchEvent(
    new KeyboardEvent('keydown', { key: k % 20 < 10 ? '+' : '-', bubbles: true }));
  let last = await new Promise(requestAnimationFrame);
  for (let k = 0; k < 120; k++) {
    if (act === 'scroll') scroller.scrollTop += 180; else keys(k);
    const now = await new Promise(requestAnimationFrame);
    times.push(now - last);
    last = now;
  }
  return times;
}"""
# Notes when how many events were shown.
_WATCH = """() => {
  const status = document.querySelector('.tl .tt-status');
  window.shown = [];
  const note = () => window.shown.push([Date.now() / 1000, parseInt(status.textContent)]);
  new MutationObserver(() => requestAnimationFrame(note)).observe(status, { childList: true, subtree: true });
}"""

CELLS = (
    """
%load_ext tutorial_lib
import time
from temporalio import workflow
from tutorial_lib import open_lab
lab = await open_lab("bench-views")

@workflow.defn
class Waiting:
    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.signal
    def tick(self, number: int) -> None: ...
""",
    """
worker = lab.start_worker(task_queue="bench", workflows=[Waiting])
handle = await lab.client.start_workflow(Waiting.run, id="bench-views", task_queue="bench")
await lab.timeline(handle)
""",
    "time.sleep(20)",
)


def share(times: list[float], part: float) -> float:
    """A percentile."""
    return sorted(times)[min(len(times) - 1, int(len(times) * part))]


def test_a_long_history_on_a_page(tmp_path: Path):
    history = read_history(history_of(EVENTS))
    tracemalloc.start()
    view = Timeline.of(history)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    file = tmp_path / "page.html"
    file.write_text(standalone_html([view], "bench"), encoding="utf-8")
    size = file.stat().st_size
    print(f"\n  {len(history)} events: {size / 1e6:.2f} MB page; {held / len(history):.0f} bytes an event")
    with chromium() as browser:
        page = browser.new_page()
        first = []
        for _ in range(rounds(5)):
            page.goto(file.as_uri())
            first.append(page.evaluate(_FIRST))
        print(f"  first paint: {statistics.median(first):.0f} ms (goal < 1000; {sorted(map(round, first))})")
        for act in ("scroll", "zoom"):
            frames(page, act)


def frames(page: Page, act: str) -> None:
    """Print how long frames took."""
    times = page.evaluate(_FRAMES, act)
    print(f"  {act}: median frame {statistics.median(times):.0f} ms, p95 {share(times, 0.95):.0f} ms")


def test_taking_in_batches_costs_the_same_at_the_end_as_at_the_beginning():
    events = read_history(history_of(50_000)).events
    lanes = Lanes(lambda event: event.type)
    times = []
    for at in range(0, len(events), 100):
        began = time.perf_counter()
        lanes.add(events[at : at + 100])
        times.append(time.perf_counter() - began)
    early, late = statistics.median(times[:50]), statistics.median(times[-50:])
    print(f"\n  100 events: {early * 1e3:.2f} ms at first, {late * 1e3:.2f} ms after 50,000")


def test_from_a_live_event_to_the_screen_while_a_cell_blocks(tmp_path: Path):
    course = tmp_path / "course"
    (course / "notebooks").mkdir(parents=True)
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in CELLS]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(
        nbformat.v4.new_notebook(cells=cells, metadata=metadata), course / "notebooks" / "00_start_here.ipynb"
    )
    with (
        running_lab(course, tmp_path / "lab") as lab,
        chromium() as browser,
        LabPage(lab, browser, "00_start_here.ipynb") as opened,
    ):
        opened.run_all()
        opened.notebook.locator(".tl-row").first.wait_for()
        opened.page.wait_for_timeout(4000)  # a view is sent everything in the moments after its display
        opened.page.evaluate(_WATCH)
        with ThreadPoolExecutor() as pool:  # playwright has a loop on this thread
            times = pool.submit(asyncio.run, send_signals(lab.address)).result()
        opened.page.wait_for_timeout(500)
        shown: list[tuple[float, int]] = opened.page.evaluate("window.shown")
    delays = [
        next((at for at, count in shown if count >= number), float("inf")) - began for number, began in times
    ]
    worst = share(delays, 0.95)
    print(
        f"\n  live event to screen, n={len(delays)}: median {statistics.median(delays) * 1000:.0f} ms, "
        f"p95 {worst * 1000:.0f} ms; p95 beyond a batch {(worst - BATCH) * 1000:.0f} ms (goal < 150)"
    )


async def send_signals(address: str) -> list[tuple[int, float]]:
    """Send signals to the workflow. Returns the event id of each, and its time by the server's clock."""
    client = await Client.connect(address, namespace="bench-views")
    handle: Any = client.get_workflow_handle("bench-views")
    for number in range(SIGNALS):
        await handle.signal("tick", number)
        await asyncio.sleep(0.13 + 0.017 * (number % 7))
    history = await handle.fetch_history()
    signaled = [
        event for event in history.events if event.HasField("workflow_execution_signaled_event_attributes")
    ]
    return [(event.event_id, event.event_time.ToNanoseconds() / 1e9) for event in signaled]
