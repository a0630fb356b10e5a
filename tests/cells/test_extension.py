"""What %load_ext changes in a kernel, and that %unload_ext undoes it."""

from __future__ import annotations

import pytest

from tests.support.cell_kernel import Kernel

# Everything of the process that loading touches, as comparable text.
STATE = """
    import asyncio, asyncio.tasks, asyncio.futures, asyncio.events, ipykernel.zmqshell, logging, sys, warnings
    import tornado.concurrent
    from temporalio import activity, workflow
    from temporalio.client import Client
    from temporalio.testing import WorkflowEnvironment
    from temporalio.worker import Replayer, Worker
    def state():
        loop = type(asyncio.get_running_loop())
        names = ("run_forever", "run_until_complete", "_run_once", "_check_running", "_nest_patched", "close")
        loggers = ("temporalio.activity", "temporalio.worker._workflow", "temporalio.core",
                   "temporalio.worker._workflow_instance", "temporalio.worker.workflow_sandbox._restrictions")
        return {
            "asyncio": [getattr(asyncio, name) for name in ("run", "Task", "Future", "get_event_loop")],
            "inner": [asyncio.tasks.Task, asyncio.tasks._CTask, asyncio.futures.Future,
                      asyncio.futures._CFuture, asyncio.events.get_event_loop],
            "marks": [hasattr(asyncio, "_nest_patched"), hasattr(asyncio, "_nest_asyncio2")],
            "loop": [name in vars(loop) for name in names],
            "policy": "get_event_loop" in vars(type(asyncio.get_event_loop_policy())),
            "tornado": [tornado.concurrent.Future, tornado.concurrent.FUTURES],
            "sdk": [Worker.__init__, Replayer.__init__, vars(Client)["connect"],
                    dict(vars(WorkflowEnvironment))],
            "commands": ipykernel.zmqshell.system,
            "runner": [asyncio.Runner.run, asyncio.Runner.close],
            "settle": "settle" in [f.__name__ for f in get_ipython().events.callbacks["post_run_cell"]],
            "warnings": warnings.showwarning,
            "filters": [len(logging.getLogger(name).filters) for name in loggers],
            "lines": [workflow.logger.workflow_info_on_message, activity.logger.activity_info_on_message],
            "finder": any(type(f).__name__ == "SnapshotFinder" for f in sys.meta_path),
        }
"""


def test_unloading_restores_everything_and_cells_go_on(bare_kernel: Kernel) -> None:
    bare_kernel.good(STATE)
    bare_kernel.good("before = state()")
    bare_kernel.good("%load_ext tutorial_lib")
    loaded = bare_kernel.good("sorted(name for name, value in state().items() if value != before[name])")
    assert "'sdk'" in loaded
    assert "'asyncio'" in loaded
    assert "'commands'" in loaded
    assert "'filters'" in loaded
    bare_kernel.good("async def five(): return 5\nassert asyncio.run(five()) == 5")
    bare_kernel.good("%unload_ext tutorial_lib")
    assert bare_kernel.good("[name for name, value in state().items() if value != before[name]]") == "[]"
    assert bare_kernel.good("await asyncio.sleep(0.01); await asyncio.gather(five(), five())") == "[5, 5]"
    assert "cannot be called from a running event loop" in bare_kernel.run("asyncio.run(five())").error
    bare_kernel.good("%load_ext tutorial_lib")
    assert bare_kernel.good("asyncio.run(five())") == "5"


def test_a_loop_that_runs_while_the_extension_is_unloaded_ends_well(bare_kernel: Kernel) -> None:
    bare_kernel.good("%load_ext tutorial_lib")
    bare_kernel.good("""
        import asyncio, threading
        loop, failures = asyncio.new_event_loop(), []
        def forever():
            try:
                loop.run_forever()
            except BaseException as error:
                failures.append(repr(error))
        thread = threading.Thread(target=forever); thread.start()
        async def five():
            await asyncio.sleep(0.01)
            return 5
    """)
    bare_kernel.good("%unload_ext tutorial_lib")
    assert (
        bare_kernel.good("""
        result = asyncio.run_coroutine_threadsafe(five(), loop).result(60)
        loop.call_soon_threadsafe(loop.stop); thread.join(60)
        result, thread.is_alive(), failures
    """)
        == "(5, False, [])"
    )


def test_loading_twice_changes_nothing_more(bare_kernel: Kernel) -> None:
    bare_kernel.good(STATE)
    bare_kernel.good("%load_ext tutorial_lib")
    bare_kernel.good("once = state()")
    bare_kernel.good("import tutorial_lib; tutorial_lib.load_ipython_extension(get_ipython())")
    assert bare_kernel.good("state() == once") == "True"
    bare_kernel.good("%reload_ext tutorial_lib")
    assert bare_kernel.good("import asyncio\nasync def one(): return 1\nasyncio.run(one())") == "1"


def test_a_pasted_nest_asyncio_apply_is_harmless(bare_kernel: Kernel) -> None:
    bare_kernel.good("%load_ext tutorial_lib")
    outputs = bare_kernel.run_all(
        [
            "import asyncio, nest_asyncio; nest_asyncio.apply()",
            *["async def f():\n    await asyncio.sleep(0.05)\n    return 1\nprint(asyncio.run(f()))"] * 6,
        ]
    )
    assert [output.text for output in outputs[1:]] == ["1\n"] * 6


def test_an_older_patch_by_nest_asyncio_is_replaced(bare_kernel: Kernel) -> None:
    bare_kernel.good("import nest_asyncio; nest_asyncio.apply()")
    bare_kernel.good("%load_ext tutorial_lib")
    cell = (
        "import asyncio\nasync def f():\n    await asyncio.sleep(0.05)\n    return 1\nprint(asyncio.run(f()))"
    )
    outputs = bare_kernel.run_all([cell] * 6)
    assert [output.text for output in outputs] == ["1\n"] * 6
    assert all(output.finished for output in outputs)


def test_all_cells_sent_at_once_finish_with_asyncio_run_in_several(fresh_kernel: Kernel) -> None:
    flow = """
        @workflow.defn
        class Flow{n}:
            @workflow.run
            async def run(self) -> int:
                return {n}
        async def main():
            return await execute(Flow{n})
        print(asyncio.run(main()))
    """
    cells = [
        cell
        for n in range(4)
        for cell in (flow.format(n=n), f"await asyncio.sleep(0.02); print(await execute(Flow{n}))")
    ]
    outputs = fresh_kernel.run_all(cells)
    assert [output.text for output in outputs] == [f"{n}\n" for n in range(4) for _ in range(2)]
    assert not any(output.error for output in outputs)


@pytest.mark.parametrize("target", ["localhost:7233", "127.0.0.1:7233", "http://localhost:7233"])
def test_the_usual_address_means_the_courses_server(kernel: Kernel, target: str) -> None:
    found = kernel.good(f"(await Client.connect({target!r})).service_client.config.target_host")
    assert found == kernel.good("os.environ['COURSE']")


def test_other_addresses_are_the_learners_own(kernel: Kernel) -> None:
    target = kernel.good(
        "(await Client.connect('localhost:7999', lazy=True)).service_client.config.target_host"
    )
    assert target == "'localhost:7999'"


def test_a_resolver_may_be_async(fresh_kernel: Kernel) -> None:
    fresh_kernel.good("""
        async def course(target): return os.environ["COURSE"]
        set_address_resolver(course)
    """)
    assert fresh_kernel.good("(await Client.connect('localhost:7233')).namespace") == "'default'"


def test_cores_log_never_reaches_a_cell_raw(bare_kernel: Kernel) -> None:
    bare_kernel.good("%load_ext tutorial_lib")
    output = bare_kernel.run("""
        from temporalio.client import Client
        await Client.connect("127.0.0.1:1")
    """)
    assert output.text == ""
    assert output.stderr == ""
    assert "RuntimeError" in output.error


def test_a_runtime_that_the_learner_set_comes_back(bare_kernel: Kernel) -> None:
    bare_kernel.good("""
        from temporalio.runtime import Runtime, TelemetryConfig
        own = Runtime(telemetry=TelemetryConfig(logging=None))
        Runtime.set_default(own)
    """)
    bare_kernel.good("%load_ext tutorial_lib")
    assert bare_kernel.good("Runtime.default() is own") == "False"
    bare_kernel.good("%unload_ext tutorial_lib")
    assert bare_kernel.good("Runtime.default() is own") == "True"
