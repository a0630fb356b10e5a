"""A coroutine that was never awaited is told in one line, where Python would name a wrong place."""

from __future__ import annotations

from pathlib import Path

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


# As Stop does, and the SDK with a workflow that blocks: when the coroutine is made, and before it is awaited.
INTERRUPTED = """
    import asyncio, contextlib
    class Interrupted(BaseException): pass
    exec('''if True:
        def interrupted(make):
            def call(*args):
                made = make(*args)
                raise Interrupted
            return call
        mended = asyncio.Lock.acquire
        asyncio.Lock.acquire = interrupted(mended)
    ''')
    @interrupted
    async def step(): pass
    async def steps():
        await step()
    async def together():
        await asyncio.gather(step(), *[step() for _ in "ab"])
    async def soon():
        await asyncio.wait_for(step(), 60)
    class Bank:
        @interrupted
        async def __aenter__(self): pass
        async def __aexit__(self, *_): pass
    async def inside():
        async with Bank(): pass
    async def locked():
        async with asyncio.Lock(): pass
    for each in steps, together, soon, inside, locked:
        with contextlib.suppress(Interrupted):
            each().send(None)
    asyncio.Lock.acquire = mended
"""


def test_a_call_that_is_awaited_where_it_is_written_was_interrupted(bare_kernel: Kernel) -> None:
    seen = bare_kernel.run(INTERRUPTED).stderr
    for name in ("step", "Bank.__aenter__", "Lock.acquire"):
        assert f"coroutine '{name}' was never awaited" in seen
    bare_kernel.good("%load_ext tutorial_lib")
    assert bare_kernel.run(INTERRUPTED).stderr == ""
    forgotten = bare_kernel.run("async def step(): pass\nasync def again(): step()\nawait again()")
    assert "NEVER AWAITED step(...)" in forgotten.stderr


# Ways to leave out an `await` whose coroutine's name is not the last word before the parenthesis, or is.
FORGETFUL = {
    "sleep_too(1)": "sleep",
    "asyncio.sleep(1)": "sleep",
    "asyncio.wait_for(asyncio.sleep(1), 2)": "wait_for",
    "asyncio.wait_for(print(asyncio.sleep(1)), 2)": "sleep",
    "later = asyncio.sleep; later(1)": "sleep",
    "client.start_workflow('W', id='x', task_queue='x')": "Client.start_workflow",
    "lab.result(client.get_workflow_handle('x'))": "Lab.result",
    "shop.order()": "sell",
}


def test_a_call_that_is_written_otherwise_may_be_forgotten(fresh_kernel: Kernel, tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text("async def sell(): pass\ndef order(): sell()\n")
    fresh_kernel.good(f"""
        import asyncio, gc, sys
        from asyncio import sleep as sleep_too
        from tutorial_lib import open_lab
        lab = await open_lab("forgotten")
        client = lab.client
        await asyncio.sleep(0)
        sys.path.insert(0, {str(tmp_path)!r})
        import shop
    """)
    for call, name in FORGETFUL.items():
        assert f"NEVER AWAITED {name}(...)" in fresh_kernel.run(f"{call}; gc.collect()").stderr
