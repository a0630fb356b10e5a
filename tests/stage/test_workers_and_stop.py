"""The Stop button while the lab starts or stops a worker: one line, and a state that is true."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.kernels import OPEN, Kernel, Ran, kernel
from tests.support.waiting import wait_for
from tutorial_lib.stage import stop_server

CELLS = """
import os, threading, time
from datetime import timedelta
from temporalio import activity, workflow
from temporalio.client import Client

@activity.defn
def bake(end: str) -> None:
    open(f"{end}-begun", "w").close()
    with activity.shield_thread_cancel_exception():  # as in a call that blocks
        while not os.path.exists(end):
            time.sleep(0.01)

@workflow.defn
class Bakery:
    @workflow.run
    async def run(self, end: str) -> None:
        await workflow.execute_activity(bake, end, start_to_close_timeout=timedelta(minutes=5))

def start():
    return lab.start_worker(task_queue="ovens", workflows=[Bakery], activities=[bake])

def tell(sign, holds):
    def look():
        while not holds():
            time.sleep(0.01)
        open(sign, "w").close()
    threading.Thread(target=look, daemon=True).start()
"""


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    state = tmp_path_factory.mktemp("state")
    with kernel(state) as running:
        running.run(OPEN.format(name="ovens"))
        running.run(CELLS)
        yield running
    stop_server(state)


def good(cells: Kernel, source: str) -> str:
    ran = cells.run(textwrap.dedent(source))
    assert ran.error is None, ran.shown
    return ran.text.strip()


def stopped(cells: Kernel, source: str, sign: Path) -> Ran:
    """Runs a cell and presses Stop as soon as a file is there."""
    ids = cells.send([textwrap.dedent(source)])
    wait_for(sign.exists)
    cells.manager.interrupt_kernel()
    return cells.collect(ids)[0]


@pytest.fixture
def end(cells: Kernel, tmp_path: Path) -> Iterator[Path]:
    """A worker whose activity runs until this file is there."""
    end = tmp_path / "end"
    good(cells, "w = start()")
    begun = f"Bakery.run, {str(end)!r}, id={tmp_path.name!r}, task_queue='ovens'"
    good(cells, f"await lab.client.start_workflow({begun})")
    wait_for((tmp_path / "end-begun").exists)
    yield end
    end.touch()
    good(cells, "lab.close()")


@pytest.mark.parametrize(
    ("call", "line"),
    [
        ("w = start()", "Stopped, and no new worker on 'ovens' was started. The one before {left}."),
        ("w.stop()", "Stopped. The worker on 'ovens' {left}."),
    ],
)
def test_stop_while_a_worker_waits_for_its_activity(
    cells: Kernel, end: Path, tmp_path: Path, call: str, line: str
) -> None:
    sign = tmp_path / "stopping"
    ran = stopped(cells, f"tell({str(sign)!r}, lambda: w.state == 'stopping')\n{call}", sign)
    assert ran.shown == line.format(left="takes no more tasks, and ends when its activity `bake` does")
    assert good(cells, "w, w.alive, list(lab.workers) == [w]") == (
        "(EmbeddedWorker('ovens', stopping), False, True)"
    )
    assert good(cells, "print(lab.workers)").endswith("◌ stopping")
    fleet = good(
        cells,
        "from tutorial_lib.views.fleet.layout import fleet_layout, sentence\n"
        "sentence(fleet_layout(lab.workers, None)['rows'])",
    )
    assert fleet == "\"Fleet of 1 worker. this kernel on 'ovens' runs Bakery, bake: stopping.\""
    end.touch()
    good(cells, "while w.state == 'stopping':\n    time.sleep(0.01)")
    assert good(cells, "print(w, lab.workers)").endswith("✕ stopped")
    good(cells, "w = start()\nawait lab.result(lab.client.get_workflow_handle('" + tmp_path.name + "'))")


def test_a_worker_that_is_stopping_can_be_waited_for_again(cells: Kernel, end: Path, tmp_path: Path) -> None:
    sign = tmp_path / "stopping"
    stopped(cells, f"tell({str(sign)!r}, lambda: w.state == 'stopping')\nw.stop()", sign)
    end.touch()
    assert good(cells, "w.stop()\nw") == "EmbeddedWorker('ovens', stopped)"
    assert good(cells, "w.start()\nw") == "EmbeddedWorker('ovens', running)"


WHERE = {
    "before it is made": "tutorial_lib.stage.workers.embedded.polls",
    "before it polls": "tutorial_lib.stage.workers.embedded.EmbeddedWorker._until_polling",
}


@pytest.mark.parametrize("where", WHERE)
def test_stop_while_a_worker_starts_leaves_none(cells: Kernel, tmp_path: Path, where: str) -> None:
    sign = tmp_path / "starting"
    source = f"""
        import asyncio
        from unittest import mock
        async def never(*_):
            open({str(sign)!r}, "w").close()
            await asyncio.Event().wait()
        with mock.patch({WHERE[where]!r}, never):
            start()
    """
    ran = stopped(cells, source, sign)
    assert ran.shown == "Stopped, and no new worker on 'ovens' was started."
    assert good(cells, "lab.workers") == "no workers yet"
    threads = "[each.name for each in threading.enumerate() if each.name == 'worker ovens']"
    assert good(cells, f"while {threads}:\n    time.sleep(0.01)") == ""


def test_stop_while_a_process_starts_leaves_none(cells: Kernel, tmp_path: Path) -> None:
    sign = tmp_path / "starting"
    source = f"""
        from unittest import mock
        from tutorial_lib.stage.workers.process import WorkerProcess
        start_it = WorkerProcess.start
        made = []
        def start_and_wait(self):
            start_it(self)
            made.append(self)
            open({str(sign)!r}, "w").close()
            time.sleep(3600)
        with mock.patch.object(WorkerProcess, "start", start_and_wait):
            lab.spawn_worker(task_queue="ovens", workflows=[Bakery], activities=[bake])
    """
    ran = stopped(cells, source, sign)
    assert ran.shown == "Stopped, and no new worker process on 'ovens' was started."
    assert good(cells, "made[0].alive, lab.workers") == "(False, no workers yet)"
