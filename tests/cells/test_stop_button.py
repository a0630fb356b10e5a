"""The Stop button while a cell awaits: it ends at once, in one line, and nothing else ends."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from tests.support.cell_kernel import Kernel
from tests.support.waiting import BACKSTOP
from tutorial_lib.cells import stop_points
from tutorial_lib.cells.stopped import STOPPED

# Longer than any test may take: without the cure, a cell is not stopped before that ends.
FOREVER = "await asyncio.sleep(3600)"
WORKFLOW = """
from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import Worker

@workflow.defn
class Patient:
    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)
"""


async def test_a_loop_that_has_ended_is_not_interrupted_any_more(monkeypatch: pytest.MonkeyPatch):
    """The thread that insists on Stop had just found that it was not heeded, and the loop ended."""
    interrupted = []
    monkeypatch.setattr(stop_points, "interrupt_main", lambda: interrupted.append(1))
    monkeypatch.setattr(stop_points, "_BLOCKED", 0.0)
    stop = stop_points._Stop(asyncio.new_event_loop())
    stop._insist()
    assert interrupted == [1]
    monkeypatch.setattr(stop._settled, "wait", lambda _: stop.over() and False)
    stop._insist()
    assert interrupted == [1]
    # Nor is one that has come to its stop, and is about to raise it.
    stop = stop_points._Stop(stop._loop)
    with ThreadPoolExecutor(1) as thread:
        with stop._insisting:
            stopping = thread.submit(stop._stop)
            assert not wait({stopping}, 0.2).done  # short: it is to pass
        assert isinstance(stopping.exception(BACKSTOP), KeyboardInterrupt)
    stop._insist()
    assert interrupted == [1]
    stop._loop.close()


@pytest.fixture(scope="module")
def kernel(dev_server_address: str) -> Iterator[Kernel]:
    with Kernel(dev_server_address) as kernel:
        kernel.good("%load_ext tutorial_lib")
        kernel.good("import asyncio, os, pathlib")
        kernel.good(WORKFLOW)
        kernel.good("client = await Client.connect(os.environ['COURSE'])")
        yield kernel


@pytest.fixture
def sign(tmp_path: Path) -> Path:
    """A file that a cell makes when it is about to wait."""
    return tmp_path / "waits"


def test_a_cell_that_sleeps_is_stopped_in_one_line(kernel: Kernel, sign: Path) -> None:
    (output,) = kernel.stopped(f"open({str(sign)!r}, 'w').close()\n{FOREVER}", when=sign.exists)
    assert output.finished
    assert output.error == STOPPED
    assert output.stderr == ""


def test_a_cell_that_waits_for_a_result_is_stopped_and_the_workflow_goes_on(
    kernel: Kernel, sign: Path
) -> None:
    (output,) = kernel.stopped(
        f"""
        handle = await client.start_workflow(Patient.run, id="patient", task_queue="nobody-polls-this")
        open({str(sign)!r}, 'w').close()
        await handle.result()
        """,
        when=sign.exists,
    )
    assert output.error == STOPPED
    assert kernel.good("(await handle.describe()).status.name") == "'RUNNING'"


def test_under_run_all_the_cells_below_do_not_run(kernel: Kernel, sign: Path) -> None:
    kernel.good("ran = []")
    # The second cell has to be with the kernel when the first one ends: nothing tells when it is.
    first, second = kernel.stopped(
        f"await asyncio.sleep(2)\nopen({str(sign)!r}, 'w').close()\n{FOREVER}",
        "ran.append(2)",
        when=sign.exists,
        stop_on_error=True,
    )
    assert first.error == STOPPED
    assert second.finished
    assert kernel.good("ran") == "[]"


def test_a_worker_in_a_task_of_the_kernel_goes_on(kernel: Kernel, sign: Path) -> None:
    kernel.good(
        """
        worker = Worker(client, task_queue="goes-on", workflows=[Patient])
        running = asyncio.create_task(worker.run())
        while not worker.is_running:
            await asyncio.sleep(0.01)
        """
    )
    kernel.stopped(f"open({str(sign)!r}, 'w').close()\n{FOREVER}", when=sign.exists)
    assert kernel.good("running.done(), worker.is_running") == "(False, True)"
    kernel.good("await worker.shutdown()\nawait running")


def test_stopping_again_works(kernel: Kernel, tmp_path: Path) -> None:
    for number in range(3):
        sign = tmp_path / str(number)
        (output,) = kernel.stopped(f"open({str(sign)!r}, 'w').close()\n{FOREVER}", when=sign.exists)
        assert output.error == STOPPED


OWN = "Stopped, and this cell's worker on 'own' with it. Other workers, workflows and the server go on."
HELD = {
    "async with": "async with worker:\n    {sign}\n    " + FOREVER,
    "run": "{sign}\nawait worker.run()",
    "in a task of a group": "async with asyncio.TaskGroup() as group:\n"
    "    group.create_task(worker.run())\n    {sign}\n    " + FOREVER,
}


@pytest.mark.parametrize("how", HELD)
def test_a_worker_that_the_cell_holds_ends_with_it_and_that_is_said(kernel: Kernel, how: str) -> None:
    kernel.good("""
        def say_soon():
            if worker.is_running:
                print("it polls", flush=True)
            else:
                asyncio.get_running_loop().call_later(0.01, say_soon)

        worker = Worker(client, task_queue="own", workflows=[Patient])
    """)
    output = kernel.run_until(HELD[how].format(sign="say_soon()"), "it polls")
    assert output.error == OWN
    assert kernel.good("worker.is_running") == "False"


def test_a_worker_that_ended_before_is_not_said_to_end(kernel: Kernel, sign: Path) -> None:
    (output,) = kernel.stopped(
        f"""
        async with Worker(client, task_queue="own", workflows=[Patient]):
            pass
        open({str(sign)!r}, 'w').close()
        {FOREVER}
        """,
        when=sign.exists,
    )
    assert output.error == STOPPED


@pytest.mark.parametrize("runs", ["{main}", "asyncio.run(main())"], ids=["awaited", "in asyncio.run"])
def test_what_a_stopped_cell_waits_for_is_said_as_soon_as_it_does(
    kernel: Kernel, tmp_path: Path, runs: str
) -> None:
    end = tmp_path / "end"
    kernel.good(f"""
        import time
        from concurrent.futures import ThreadPoolExecutor, wait
        from datetime import timedelta
        from temporalio import activity

        @activity.defn
        def bake() -> None:
            print("it bakes", flush=True)
            with activity.shield_thread_cancel_exception():  # as in a call that blocks
                while not os.path.exists({str(end)!r}):
                    time.sleep(0.01)

        @workflow.defn
        class Bakery:
            @workflow.run
            async def run(self) -> None:
                await workflow.execute_activity(bake, start_to_close_timeout=timedelta(minutes=5))

        async def main():
            mine = await Client.connect(os.environ["COURSE"])
            worker = Worker(mine, task_queue="own", workflows=[Bakery], activities=[bake],
                            activity_executor=ThreadPoolExecutor(2))
            async with worker:
                await mine.execute_workflow(Bakery.run, id="bakery-{tmp_path.name}", task_queue="own")
    """)
    said = "Stopping: this cell's worker on 'own' waits for its activity `bake` to end.\n"
    output = kernel.run_until(runs.format(main="await main()"), "it bakes", then=(said, end.touch))
    assert output.text.count(said) == 1
    assert output.error == OWN


def test_a_cancellation_that_nobody_asked_for_has_its_traceback(kernel: Kernel) -> None:
    output = kernel.run(
        """
        task = asyncio.create_task(asyncio.sleep(3600))
        task.cancel()
        await task
        """
    )
    assert "CancelledError" in output.error
    assert STOPPED not in output.error


ADD = "import signal\nloop = asyncio.get_running_loop()\nloop.add_signal_handler(signal.SIGTERM, got.set)"
SIGNALS = {
    "added": ADD,
    "removed": f"{ADD}\nloop.remove_signal_handler(signal.SIGTERM)",
    "of Stop, removed": ADD.replace("SIGTERM", "SIGINT") + "\nloop.remove_signal_handler(signal.SIGINT)",
}


@pytest.mark.parametrize("apart", [True, False], ids=["in a cell above", "in this cell"])
@pytest.mark.parametrize("how", SIGNALS)
def test_a_signal_handler_of_the_learners_does_not_break_it(
    kernel: Kernel, sign: Path, how: str, *, apart: bool
) -> None:
    kernel.good("got = asyncio.Event()")
    waits = f"open({str(sign)!r}, 'w').close()\n{FOREVER}"
    if apart:
        kernel.good(SIGNALS[how])
    else:
        waits = f"{SIGNALS[how]}\n{waits}"
    (output,) = kernel.stopped(waits, when=sign.exists)
    assert output.error == STOPPED
    assert kernel.good("loop.remove_signal_handler(signal.SIGTERM)") == str(how == "added")


def test_a_signal_handler_of_the_learners_goes_on_working(kernel: Kernel) -> None:
    kernel.good("got = asyncio.Event()")
    kernel.good(ADD)
    assert kernel.good("signal.raise_signal(signal.SIGTERM)\nawait got.wait()") == "True"
    assert kernel.good("got.clear()\nos.kill(os.getpid(), signal.SIGTERM)\nawait got.wait()") == "True"
    kernel.good("loop.remove_signal_handler(signal.SIGTERM)")


def test_stop_is_the_learners_own_handler_where_there_is_one(kernel: Kernel, sign: Path) -> None:
    """As in the SDK's samples: a worker that Ctrl-C ends in good order."""
    (output,) = kernel.stopped(
        f"""
        import signal
        interrupt_event = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, interrupt_event.set)
        try:
            async with Worker(client, task_queue="samples", workflows=[Patient]):
                open({str(sign)!r}, 'w').close()
                await interrupt_event.wait()
                print("Shutting down")
        finally:
            loop.remove_signal_handler(signal.SIGINT)
        """,
        when=sign.exists,
    )
    assert (output.error, output.text) == ("", "Shutting down\n")


def test_what_others_set_to_be_woken_by_is_theirs_as_ever(kernel: Kernel) -> None:
    kernel.good("""
        import signal, socket
        reads, writes = socket.socketpair()
        reads.setblocking(False), writes.setblocking(False)
        first = signal.set_wakeup_fd(writes.fileno())
        signal.signal(signal.SIGUSR1, lambda *_: None)
        signal.raise_signal(signal.SIGUSR1)
        while True:
            await asyncio.sleep(0.01)
            try:
                woken = list(reads.recv(100))
                break
            except BlockingIOError:
                pass
    """)
    assert kernel.good("woken == [signal.SIGUSR1], first") == "(True, -1)"
    assert kernel.good("signal.set_wakeup_fd(-1) == writes.fileno()") == "True"


def test_unloading_gives_it_back(dev_server_address: str) -> None:
    with Kernel(dev_server_address) as kernel:
        kernel.good("import asyncio, signal\nbefore = signal.set_wakeup_fd(-1)\nsignal.set_wakeup_fd(before)")
        for _ in range(2):
            kernel.good("%load_ext tutorial_lib")
            assert kernel.good("hasattr(asyncio.CancelledError, '_render_traceback_')") == "True"
            kernel.good("%unload_ext tutorial_lib")
        kernel.good("after = signal.set_wakeup_fd(-1)\nsignal.set_wakeup_fd(after)")
        assert kernel.good("before == after, hasattr(asyncio.CancelledError, '_render_traceback_')") == (
            "(True, False)"
        )


def test_a_stop_that_comes_while_python_cleans_up_is_not_lost(kernel: Kernel) -> None:
    """Python drops what a destructor raises; the signal comes in the middle of one here."""
    output = kernel.run("""
        import signal, time

        class Temporary:
            def __del__(self):
                signal.raise_signal(signal.SIGINT)
                print("not reached")

        Temporary()
        time.sleep(3600)
    """)
    assert "KeyboardInterrupt" in output.error
    assert output.stderr == ""
    assert output.text == ""


def test_what_else_a_destructor_raises_is_told_as_ever(kernel: Kernel) -> None:
    output = kernel.run("""
        class Temporary:
            def __del__(self):
                raise ValueError("in the way")

        made = Temporary()
        del made
    """)
    assert not output.error
    assert "Exception ignored in" in output.stderr
    assert "ValueError: in the way" in output.stderr


def test_without_the_extension_python_has_its_own_hook_again(kernel: Kernel) -> None:
    kernel.good("%unload_ext tutorial_lib")
    assert kernel.good("import sys; sys.unraisablehook is sys.__unraisablehook__") == "True"
    kernel.good("%load_ext tutorial_lib")
    assert kernel.good("sys.unraisablehook is sys.__unraisablehook__") == "False"
