"""Recordings of workflows that are defined in a notebook's cells, and of the files exported from them."""

from __future__ import annotations

import importlib
import pathlib
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.support.cell_kernel import Kernel
from tutorial_lib.replay.recorder import record_replay

DEFINITIONS = """
    RATE = 3

    @activity.defn
    async def price(what: str) -> int:
        return len(what)

    @workflow.defn
    class Order:
        def __init__(self) -> None:
            self.total = 0

        @workflow.run
        async def run(self, what: str) -> int:
            once = await workflow.execute_activity(price, what, start_to_close_timeout=SOON)
            self.total = once * RATE
            await workflow.wait_condition(lambda: self.total > 0)
            await asyncio.sleep(0.01)
            return self.total
"""
PRELUDE = """
    %load_ext tutorial_lib
    import asyncio, os
    from datetime import timedelta
    from temporalio import activity, workflow
    from temporalio.client import Client
    from temporalio.worker import Worker
    from tutorial_lib.cells import write_worker_module
    from tutorial_lib.history.reading import fetch_history
    from tutorial_lib.replay.recorder import Recorder, record_replay
    from tutorial_lib.replay.what_if import what_if
    SOON = timedelta(seconds=10)
    client = await Client.connect(os.environ["COURSE"])
"""
SHOW = """
    def show(recording):
        for step in recording.steps:
            lines = [f"{'^' * line.resumed}{line.line}" for line in step.lines]
            print(step.state["total"], *lines, *[one.text for one in step.commands], sep=" | ")
"""


@pytest.fixture(scope="module")
def kernel(dev_server_address: str) -> Iterator[Kernel]:
    with Kernel(dev_server_address) as kernel:
        kernel.good(PRELUDE)
        kernel.good(SHOW)
        yield kernel


@pytest.fixture(scope="module")
def ran(kernel: Kernel) -> int:
    """Runs `Order` in the kernel with a recorder; the number of its cell."""
    kernel.good(DEFINITIONS)
    cell = kernel.cells
    kernel.good("""
        recorder = Recorder()
        queue = f"orders-{os.getpid()}"
        async with Worker(client, task_queue=queue, workflows=[Order], activities=[price],
                          workflow_runner=recorder.runner()):
            handle = await client.start_workflow(Order.run, "apples", id=queue, task_queue=queue)
            print(await handle.result())
        history = await fetch_history(handle)
    """)
    return cell


STEPS = """
0 | 10 | 14 | schedule activity price
18 | ^14 | 15 | 16 | 16 | ^16 | 17 | start timer 0.01 s
18 | ^17 | 18 | complete workflow
""".strip()


def test_a_workflow_of_a_cell_is_replayed_from_its_snapshot(kernel: Kernel, ran: int) -> None:
    assert kernel.good("show(await record_replay(handle))") == STEPS
    assert kernel.good("show(recorder.recording(history))") == STEPS
    assert kernel.good("show(await record_replay(history, [Order], sandboxed=False))") == STEPS
    labels = "print([source.label for source in (await record_replay(handle)).sources.values()])"
    assert kernel.good(labels) == f"['Cell In[{ran}]']"


def test_what_if_in_a_cell_finds_the_class_by_itself(kernel: Kernel, ran: int) -> None:
    last = kernel.good("show(await what_if(history, 7, result=100))").splitlines()[-1]
    assert last == "300 | ^14 | 15 | 16 | 16 | ^16 | 17 | start timer 0.01 s"


def test_an_edited_cell_diverges_at_its_line_and_says_nothing_else(kernel: Kernel, ran: int) -> None:
    call = "await workflow.execute_activity(price, what, start_to_close_timeout=SOON)"
    kernel.good(DEFINITIONS.replace("await asyncio.sleep(0.01)", call))
    cell = kernel.cells
    output = kernel.run("""
        recording = await record_replay(history)
        found = recording.divergence
        label = recording.sources[found.file].label
        print(label, found.line, found.source, found.expected.type, found.command.text, sep=" | ")
    """)
    assert (output.error, output.stderr) == ("", "")
    assert output.text.strip() == f"Cell In[{cell}] | 17 | {call} | TimerStarted | schedule activity price"


def test_an_interrupted_cell_ends_its_replay(kernel: Kernel, ran: int) -> None:
    kernel.good(DEFINITIONS.replace("return self.total", "while True: pass"))
    kernel.good("""
        import threading
        try:
            await asyncio.wait_for(record_replay(history, deadline=3600), 1.0)  # short: it never ends
        except TimeoutError:
            pass
        for thread in [one for one in threading.enumerate() if one.name == "replay"]:
            thread.join(60)
        left = [one for one in threading.enumerate() if one.name == "replay"]
    """)
    assert kernel.good("print(left)") == "[]"


async def test_an_exported_file_is_replayed_like_any_module(
    kernel: Kernel,
    ran: int,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    unique: Callable[[str], str],
) -> None:
    name = unique("exported").replace("-", "_")
    kernel.good(DEFINITIONS)
    json = kernel.good(f"""
        write_worker_module([Order, price], {str(tmp_path)!r}, name={name!r})
        print(history.source.to_json())
    """)
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module(name)
    for sandboxed in (True, False):
        recording = await record_replay(json, [module.Order], sandboxed=sandboxed)
        assert recording.error is None
        assert list(recording.sources) == [str(tmp_path / f"{name}.py")]
        (source,) = recording.sources.values()
        assert [source.lines[line.line - 1].strip() for line in recording.steps[-1].lines] == [
            "await asyncio.sleep(0.01)",
            "return self.total",
        ]
    del sys.modules[name]
