"""What a cell shows of the SDK's errors and of deadlines that nobody catches: a few lines, of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.cell_kernel import Kernel
from tests.support.waiting import BACKSTOP

FEW = 12  # lines

HELPERS = """
QUEUE = 'orders-tq'


async def start(name):
    return await lab.client.start_workflow("Order", id=name, task_queue="orders-tq")


async def until_completed(handle):
    async with asyncio.timeout(0.5):  # short: it is to pass
        async for event in handle.fetch_history_events(wait_new_event=True):
            if event.HasField("workflow_execution_completed_event_attributes"):
                return
"""


@pytest.fixture(scope="module")
def kernel(dev_server_address: str) -> Iterator[Kernel]:
    with Kernel(dev_server_address) as kernel:
        kernel.good("%load_ext tutorial_lib")
        kernel.good("import asyncio\nfrom tutorial_lib import open_lab\nlab = await open_lab('uncaught')")
        kernel.good(HELPERS)
        # Who is late to answer is waited for here.
        kernel.good(f"from tutorial_lib.stage import wait_for_result\nwait_for_result.ANSWER = {BACKSTOP}")
        yield kernel


def cell_of(kernel: Kernel, back: int = 0) -> str:
    """The name of the cell that ran last, or of one before it."""
    return f"Cell In[{kernel.cells - back}]"


def test_a_deadline_says_that_nobody_polls_in_four_lines(kernel: Kernel) -> None:
    kernel.good("order = await start('no-worker')")
    assert kernel.run("await until_completed(order)").error.splitlines() == [
        "TimeoutError: workflow 'no-worker' waits: no worker polls 'orders-tq', where its workflow task is",
        "  → start a worker on 'orders-tq'; the workflow goes on as soon as one polls",
        f"  {cell_of(kernel)}, line 1: await until_completed(order)",
        "  Cell In[3], line 9: async with asyncio.timeout(0.5):  # short: it is to pass",
    ]


def test_a_deadline_of_the_cell_itself_names_its_own_line_once(kernel: Kernel) -> None:
    kernel.good("mine = await start('mine')")
    cell = "async with asyncio.timeout(0.5):\n    await mine.result()"  # short: it is to pass
    shown = kernel.run(cell).error.splitlines()
    assert shown[0].startswith("TimeoutError: workflow 'mine' waits: no worker polls 'orders-tq'")
    assert shown[2:] == [f"  {cell_of(kernel)}, line 1: async with asyncio.timeout(0.5):"]


@pytest.mark.parametrize(
    "cell",
    [
        "await asyncio.wait_for(lab.client.get_workflow_handle('nameless').result(), 0.5)",
        "await asyncio.wait_for(lab.client.execute_workflow('Order', id='nameless', task_queue=QUEUE), 9)",
    ],
)
def test_an_execution_without_a_name_is_found_where_the_sdk_waited(kernel: Kernel, cell: str) -> None:
    if "execute" not in cell:
        kernel.good("await start('nameless')")
    else:
        kernel.good("await lab.client.get_workflow_handle('nameless').terminate()")
    shown = kernel.run(cell).error.splitlines()
    assert shown == [
        "TimeoutError: workflow 'nameless' waits: no worker polls 'orders-tq', where its workflow task is",
        "  → start a worker on 'orders-tq'; the workflow goes on as soon as one polls",
        f"  {cell_of(kernel)}, line 1: {cell}",
    ]


@pytest.mark.parametrize(
    "call",
    [
        "asyncio.wait_for(asked.execute_update('change'), 0.5)",
        "asked.query('state', rpc_timeout=timedelta(seconds=0.5))",
    ],
)
def test_a_call_of_a_handler_that_takes_too_long_says_what_it_waits_for(kernel: Kernel, call: str) -> None:
    kernel.good("from datetime import timedelta\nasked = await start('asked')")
    shown = kernel.run(f"await {call}").error
    assert shown.splitlines()[-2:] == [
        "workflow 'asked' waits: no worker polls 'orders-tq', where its workflow task is",
        "  → start a worker on 'orders-tq'; the workflow goes on as soon as one polls",
    ]
    assert len(shown.splitlines()) <= FEW
    kernel.good("await asked.terminate()")


HANDLERS = """
from datetime import timedelta
from temporalio import workflow
from temporalio.exceptions import ApplicationError

@workflow.defn
class Handling:
    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.query
    def state(self) -> str:
        raise RuntimeError("no state yet")

    @workflow.update
    async def change(self) -> None:
        raise ApplicationError("no")
"""


def test_a_handler_that_fails_is_shown_at_the_cells_line(kernel: Kernel) -> None:
    kernel.good(HANDLERS)
    kernel.good("worker = lab.start_worker(task_queue='handling', workflows=[Handling])")
    kernel.good("open = await lab.client.start_workflow(Handling.run, id='open', task_queue='handling')")
    for call, why in (("query('state')", "no state yet"), ("execute_update('change')", "no")):
        shown = kernel.run(f"await open.{call}").error
        assert why in shown
        assert f"await open.{call}" in shown
        assert len(shown.splitlines()) <= FEW, shown
    kernel.good("worker.stop()\nawait asyncio.sleep(0)")
    shown = kernel.run("await asyncio.wait_for(open.result(), 0.5)").error.splitlines()
    assert shown[:2] == [
        "TimeoutError: workflow 'open' waits: no worker polls 'handling'",
        "  → start a worker on 'handling'; the workflow goes on as soon as one polls",
    ]


def test_of_an_execution_that_has_ended_it_says_so(kernel: Kernel) -> None:
    kernel.good("gone = await start('gone')\nawait gone.terminate()")
    kernel.good("""
        async def never(handle):
            async with asyncio.timeout(0.5):  # short: it is to pass
                await asyncio.sleep(60)
    """)
    shown = kernel.run("await never(gone)").error.splitlines()
    assert shown[0] == (
        "TimeoutError: workflow 'gone' has ended (TERMINATED), and what was awaited has not come"
    )


@pytest.mark.parametrize(
    "cell",
    [
        "async with asyncio.timeout(0.1):\n    await asyncio.sleep(60)",  # short: it is to pass
        "raise TimeoutError('mine')",
    ],
)
def test_another_timeout_error_is_shown_as_ever(kernel: Kernel, cell: str) -> None:
    kernel.good("with_a_handle_about = await start('about')\nawait with_a_handle_about.terminate()")
    error = kernel.run(cell).error
    assert "Traceback (most recent call last)" in error
    assert "→" not in error


@pytest.mark.parametrize("call", ["terminate()", "signal('pay')"])
def test_who_calls_what_has_ended_reads_so_below_the_own_line(kernel: Kernel, call: str) -> None:
    kernel.good("over = await start('over')\nawait over.terminate()")
    error = kernel.run(f"await over.{call}").error
    assert f"----> 1 await over.{call}" in error
    assert "this execution has ended, and nothing reaches it any more" in error
    assert "temporalio" not in error
    assert len(error.splitlines()) < 10


def test_a_start_of_an_id_that_is_taken_names_id_and_policies(kernel: Kernel) -> None:
    kernel.good("taken = await start('taken')")
    error = kernel.run("await start('taken')").error
    assert "WorkflowAlreadyStartedError" in error
    assert "  → the id 'taken' is taken: `id_conflict_policy`" in error
    assert "_impl.py" not in error


def test_an_own_error_that_came_before_is_shown_too(kernel: Kernel) -> None:
    kernel.good("late = await start('late')\nawait late.terminate()")
    error = kernel.run("try:\n    {}['no such key']\nexcept KeyError:\n    await late.signal('pay')").error
    assert "KeyError: 'no such key'" in error
    assert "_impl.py" not in error


def test_unloading_gives_the_shells_own_ways_back(dev_server_address: str) -> None:
    with Kernel(dev_server_address) as kernel:
        kernel.good("from temporalio.exceptions import WorkflowAlreadyStartedError as taken")
        for _ in range(2):
            kernel.good("%load_ext tutorial_lib")
            assert kernel.good("get_ipython().custom_exceptions") == "(TimeoutError,)"
            kernel.good("%unload_ext tutorial_lib")
        assert kernel.good("get_ipython().custom_exceptions, hasattr(taken, '_render_traceback_')") == (
            "((), False)"
        )


def test_the_learners_own_way_stays(dev_server_address: str) -> None:
    with Kernel(dev_server_address) as kernel:
        kernel.good("get_ipython().set_custom_exc((TimeoutError, KeyError), lambda *_, **__: print('mine'))")
        kernel.good("%load_ext tutorial_lib")
        kernel.good("%unload_ext tutorial_lib")
        assert kernel.run("raise TimeoutError").text == "mine\n"
