"""Loops of their own in a cell: a worker of another cell goes on, and Stop leaves no poller."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from tests.support.cell_kernel import Kernel
from tutorial_lib.cells.stopped import STOPPED

PROGRAM = """
    import functools, uuid
    QUEUE = f"beside-{uuid.uuid4().hex[:8]}"

    @activity.defn
    async def greet(name: str) -> str:
        return f"Hello, {name}!"

    @workflow.defn
    class Greeting:
        @workflow.run
        async def run(self, name: str) -> str:
            return await workflow.execute_activity(greet, name, start_to_close_timeout=timedelta(minutes=3))

    client = await Client.connect("localhost:7233")

    async def main(name):
        mine = await Client.connect("localhost:7233")
        return await mine.execute_workflow(
            Greeting.run, name, id=uuid.uuid4().hex, task_queue=QUEUE,
            # A task that a poller takes and nobody answers is not offered again before this ends.
            execution_timeout=timedelta(seconds=100), task_timeout=timedelta(minutes=2))

    interrupted = asyncio.Event()

    def say_soon(words):
        # Not in the task: Stop comes as soon as it is said, and would raise there before the task waits.
        asyncio.get_running_loop().call_soon(functools.partial(print, words, flush=True))

    async def serve():
        global served
        mine = await Client.connect("localhost:7233")
        served = Worker(mine, task_queue=QUEUE, workflows=[Greeting], activities=[greet])
        async with served:
            await main("up")
            say_soon("started")
            await interrupted.wait()
            print("shutting down", flush=True)

    began = asyncio.Event()

    @activity.defn
    async def linger() -> None:
        began.set()
        try:
            await asyncio.Future()
        finally:
            await asyncio.sleep(1)  # longer than what was interrupted has, to end by itself

    @workflow.defn
    class Lingering:
        @workflow.run
        async def run(self) -> None:
            await workflow.execute_activity(linger, start_to_close_timeout=timedelta(minutes=3))

    async def serve_until_the_last_has_left():
        global served
        mine = await Client.connect("localhost:7233")
        served = Worker(mine, task_queue=QUEUE, workflows=[Lingering], activities=[linger])
        async with served:
            handle = await mine.start_workflow(Lingering.run, id=uuid.uuid4().hex, task_queue=QUEUE)
            await began.wait()
            await handle.terminate()
            say_soon("started")
            await interrupted.wait()
            print("shutting down", flush=True)
"""
WORKER = """
    worker = Worker(client, task_queue=QUEUE, workflows=[Greeting], activities=[greet])
    running = asyncio.create_task(worker.run())
"""
WAYS = {
    "a loop of its own": "asyncio.new_event_loop().run_until_complete(main('Ada'))",
    "the kernel's loop": "asyncio.get_event_loop().run_until_complete(main('Ada'))",
    "run": "asyncio.run(main('Ada'))",
    "runner": "with asyncio.Runner() as runner:\n    found = runner.run(main('Ada'))\nfound",
    "forever": """
        loop, found = asyncio.new_event_loop(), []
        async def until_found():
            found.append(await main('Ada'))
            loop.stop()
        task = loop.create_task(until_found())
        loop.run_forever()
        loop.close()
        found[0]
    """,
}
# As the SDK's samples end a worker with Ctrl-C, and other ways to be stopped.
STOPS = {
    "samples": """
        loop = asyncio.new_event_loop()
        try:
            loop.run_until_complete(serve())
        except KeyboardInterrupt:
            interrupted.set()
            loop.run_until_complete(loop.shutdown_asyncgens())
    """,
    "samples, slow to end": """
        loop = asyncio.new_event_loop()
        try:
            loop.run_until_complete(serve_until_the_last_has_left())
        except KeyboardInterrupt:
            interrupted.set()
            loop.run_until_complete(loop.shutdown_asyncgens())
    """,
    "not caught": "asyncio.new_event_loop().run_until_complete(serve())",
    "closed": """
        loop = asyncio.new_event_loop()
        try:
            loop.run_until_complete(serve())
        except KeyboardInterrupt:
            pass
        finally:
            loop.close()
    """,
    "the kernel's loop": "asyncio.get_event_loop().run_until_complete(serve())",
    "run": "asyncio.run(serve())",
    "runner": "with asyncio.Runner() as runner:\n    runner.run(serve())",
}


@pytest.fixture
def programmed(fresh_kernel: Kernel) -> Kernel:
    """A kernel with a program that no worker runs yet."""
    fresh_kernel.good(PROGRAM)
    return fresh_kernel


@pytest.mark.parametrize("way", WAYS)
def test_a_worker_of_another_cell_goes_on(programmed: Kernel, way: str) -> None:
    programmed.good(WORKER)
    assert programmed.good(WAYS[way]) == "'Hello, Ada!'"
    assert programmed.good("await main('Bob')") == "'Hello, Bob!'"
    assert programmed.good("asyncio.run(main('Eve'))") == "'Hello, Eve!'"


@pytest.mark.parametrize("how", STOPS)
def test_a_worker_that_stop_interrupts_leaves_no_poller(programmed: Kernel, how: str) -> None:
    output = programmed.run_until(STOPS[how], "started")
    assert ("shutting down" in output.text) == how.startswith("samples")
    if how in {"samples", "samples, slow to end", "closed"}:  # it catches the interruption
        assert output.error == ""
    else:
        queue = programmed.good("QUEUE")
        assert output.error == (
            f"Stopped, and this cell's worker on {queue} with it. "
            "Other workers, workflows and the server go on."
        )
    assert programmed.good("served.is_shutdown") == "True"  # a task that it is given later would be lost
    programmed.good(WORKER)
    for name in ("Ada", "Bob", "Eve"):
        assert programmed.good(f"await main({name!r})") == f"'Hello, {name}!'"
    assert programmed.good("asyncio.run(main('Ida'))") == "'Hello, Ida!'"


PRESSES = """
    import signal, threading
    went_on, called = [], threading.Event()

    def presses():
        signal.raise_signal(signal.SIGINT)
        went_on.append("to its end")  # what asyncio does here completes somebody's future
        called.set()

    async def waits():
        asyncio.get_running_loop().call_soon(presses)
        await asyncio.Event().wait()

    async def waits_within():
        asyncio.new_event_loop().run_until_complete(waits())

    async def blocks():
        signal.raise_signal(signal.SIGINT)
        while True:
            pass

    async def ends():
        signal.raise_signal(signal.SIGINT)
        return "at the same moment"
"""
TURNING = {
    "a loop of its own": "asyncio.new_event_loop().run_until_complete({what}())",
    "the kernel's loop": "asyncio.get_event_loop().run_until_complete({what}())",
    "run": "asyncio.run({what}())",
    "forever": "loop = asyncio.new_event_loop(); task = loop.create_task({what}()); loop.run_forever()",
}


@pytest.mark.parametrize("way", TURNING)
def test_stop_leaves_no_callback_half_done(fresh_kernel: Kernel, way: str) -> None:
    fresh_kernel.good(PRESSES)
    assert fresh_kernel.run(TURNING[way].format(what="waits")).error == STOPPED
    assert fresh_kernel.good("went_on") == "['to its end']"
    assert fresh_kernel.run(TURNING[way].format(what="waits_within")).error == STOPPED
    assert fresh_kernel.good("went_on") == "['to its end', 'to its end']"
    assert fresh_kernel.good("asyncio.run(asyncio.sleep(0, 'the next cell runs'))") == "'the next cell runs'"


@pytest.mark.parametrize("way", TURNING)
def test_stop_reaches_code_that_blocks_the_loop_too(fresh_kernel: Kernel, way: str) -> None:
    fresh_kernel.good(PRESSES)
    assert fresh_kernel.run(TURNING[way].format(what="blocks")).error == STOPPED
    assert fresh_kernel.good("signal.getsignal(signal.SIGINT) is signal.default_int_handler") == "True"


def test_stop_as_the_loop_ends_is_not_lost(fresh_kernel: Kernel) -> None:
    fresh_kernel.good(PRESSES)
    output = fresh_kernel.run(TURNING["a loop of its own"].format(what="ends"))
    assert output.error == STOPPED
    assert fresh_kernel.good("import time; time.sleep(1); 'no other comes'") == "'no other comes'"


RUN_FILE = """
    import asyncio

    async def main():
        asyncio.get_running_loop().call_soon(print, "started")
        await asyncio.Event().wait()

    if __name__ == "__main__":
        asyncio.run(main())
"""


def test_stop_in_a_file_that_runs_is_one_line(fresh_kernel: Kernel, tmp_path: Path) -> None:
    (tmp_path / "worker.py").write_text(textwrap.dedent(RUN_FILE))
    output = fresh_kernel.run_until(f"%run {tmp_path / 'worker.py'}", "started")
    assert output.error == STOPPED


def test_another_interruption_has_its_traceback(fresh_kernel: Kernel) -> None:
    output = fresh_kernel.run("""
        import signal, time

        def blocks():
            signal.raise_signal(signal.SIGINT)

        blocks()
    """)
    assert "KeyboardInterrupt" in output.error
    assert "blocks()" in output.error


def test_a_loop_that_nobody_interrupted_keeps_its_tasks(programmed: Kernel) -> None:
    programmed.good("""
        async def long():
            await asyncio.sleep(0.2)
            return "done"
        loop = asyncio.new_event_loop()
        task = loop.create_task(long())
        loop.run_until_complete(asyncio.sleep(0))
    """)
    assert programmed.good("loop.run_until_complete(task)") == "'done'"


def test_without_the_extension_a_runner_is_refused_again(programmed: Kernel) -> None:
    programmed.good("%unload_ext tutorial_lib")
    error = programmed.run(textwrap.dedent(WAYS["runner"])).error
    assert "Runner.run() cannot be called from a running event loop" in error
