"""A coroutine that was never awaited is told in one line, where Python would name a wrong place."""

from __future__ import annotations

from tests.support.cell_kernel import Kernel

FORGOTTEN = """
    import gc, warnings
    class Bank:
        async def book(self): pass
    def outer():
        async def inner(): pass
        inner()
    Bank().book(); outer(); gc.collect()
    warnings.warn("another one", RuntimeWarning)
"""


def test_it_is_one_line_and_other_warnings_stay(bare_kernel: Kernel) -> None:
    assert "Enable tracemalloc" in bare_kernel.run(FORGOTTEN).stderr
    bare_kernel.good("%load_ext tutorial_lib")
    lines = bare_kernel.run(FORGOTTEN).stderr.splitlines()
    assert lines[:2] == [
        "NEVER AWAITED Bank.book(...): is there an await missing?",
        "NEVER AWAITED inner(...): is there an await missing?",
    ]
    assert "RuntimeWarning: another one" in lines[2]
    assert "Enable tracemalloc" not in "".join(lines)


def test_a_coroutine_of_the_sdk_is_nobodys_slip(kernel: Kernel) -> None:
    kernel.good("""
        import gc
        @workflow.defn
        class Unmade:
            def __init__(self): raise ValueError("unmade")
            @workflow.run
            async def run(self): pass
    """)
    ran = kernel.run("""
        client = await Client.connect("localhost:7233")
        queue = f"unmade-{os.getpid()}"
        async with Worker(client, task_queue=queue, workflows=[Unmade]):
            handle = await client.start_workflow(Unmade.run, id=queue, task_queue=queue)
            async for event in handle.fetch_history_events(wait_new_event=True):
                if event.HasField("workflow_task_failed_event_attributes"):
                    break
            await handle.terminate()
        gc.collect()
    """)
    assert "ValueError: unmade" in ran.stderr
    assert "NEVER AWAITED" not in ran.stderr


def test_a_collector_takes_them_and_the_cell_shows_the_next(bare_kernel: Kernel) -> None:
    bare_kernel.good("%load_ext tutorial_lib")
    ran = bare_kernel.run("""
        from tutorial_lib.cells.failures.unawaited import collected, throw_away
        async def f(): pass
        async def g(): pass
        with collected() as outer:
            with collected() as names:
                looped = [f()]; looped.append(looped); del looped
                throw_away()
            f()
        g()
        names, outer
    """)
    assert ran.text.strip() == "(['f'], ['f'])"
    assert ran.stderr == "NEVER AWAITED g(...): is there an await missing?\n"
