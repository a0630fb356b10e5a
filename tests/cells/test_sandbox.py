"""Workflows of cells run in the SDK's own sandbox, with all that it refuses."""

from __future__ import annotations

import pytest

from tests.support.cell_kernel import Kernel

STUCK = """
    async def fails(cls):
        client = await Client.connect("localhost:7233")
        queue = f"{cls.__name__}-{os.getpid()}"
        async with Worker(client, task_queue=queue, workflows=[cls]):
            handle = await client.start_workflow(cls.run, id=queue, task_queue=queue)
            for _ in range(200):
                history = await handle.fetch_history()
                failed = [e.workflow_task_failed_event_attributes.failure.message for e in history.events
                          if e.HasField("workflow_task_failed_event_attributes")]
                if failed:
                    break
                await asyncio.sleep(0.05)
            await handle.terminate()
        return failed[0].split(". If")[0]
"""


@pytest.mark.parametrize(
    ("setup", "call", "refused"),
    [
        ("import random", "random.random()", "random.random"),
        ("import datetime", "datetime.datetime.now()", "datetime.datetime.now"),
        ("from datetime import datetime as D", "D.now()", "datetime.datetime.now"),
        ("from uuid import uuid4", "uuid4()", "uuid.uuid4"),
        ("import time as clock", "clock.time()", "time.time"),
        ("", "open('/etc/hostname')", "__builtins__.open"),
        ("import random\ndef dice(): return random.randint(1, 6)", "dice()", "random.randint"),
        ("import time\nnow = time.time", "now()", "time.time"),
        ("import random\nROLL = {'dice': lambda: random.random()}", "ROLL['dice']()", "random.random"),
        ("import random\nclass Dice:\n    def roll(self): return random.random()\nd = Dice()", "d.roll()",
         "random.random"),
        ("import os", "os.environ['HOME']", "os.environ"),
    ],
)  # fmt: skip
def test_the_sandbox_refuses_what_is_not_deterministic(
    kernel: Kernel, setup: str, call: str, refused: str
) -> None:
    kernel.good(STUCK)
    kernel.good(setup or "pass")
    kernel.good(f"""
        @workflow.defn
        class Rolls:
            @workflow.run
            async def run(self) -> str:
                return str({call})
    """)
    assert refused in kernel.good("await fails(Rolls)")


def test_a_replayer_takes_a_snapshot_too_and_sees_what_an_edit_breaks(kernel: Kernel) -> None:
    def cell(body: str) -> str:
        return f"""
            def pause(): return timedelta(milliseconds=10)
            @workflow.defn
            class Replayed:
                @workflow.run
                async def run(self) -> str:
                    {body}
                    return "done"
        """

    kernel.good(cell("await workflow.sleep(pause())"))
    kernel.good("""
        client = await Client.connect("localhost:7233")
        async with Worker(client, task_queue="replayed", workflows=[Replayed]):
            name = f"replayed-{os.getpid()}"
            handle = await client.start_workflow(Replayed.run, id=name, task_queue="replayed")
            await handle.result()
        history = await handle.fetch_history()
    """)
    kernel.good("""
        async def replay():
            replayer = Replayer(workflows=[Replayed])
            result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
            return type(result.replay_failure).__name__
    """)
    assert kernel.good("await replay()") == "'NoneType'"
    kernel.good(cell("pass"))
    assert kernel.good("await replay()") == "'NondeterminismError'"


def test_snapshots_go_with_their_worker(kernel: Kernel) -> None:
    kernel.good("""
        import gc, weakref
        from tutorial_lib.cells.sandbox.finder import finder
        @workflow.defn
        class Gone:
            @workflow.run
            async def run(self) -> str:
                return ""
        client = await Client.connect("localhost:7233")
        worker = Worker(client, task_queue="gone", workflows=[Gone])
        taken = weakref.ref(worker.config(active_config=True)["workflow_runner"].snapshots[Gone])
        module = taken().module
        async with worker:
            await client.execute_workflow(Gone.run, id=f"gone-{os.getpid()}", task_queue="gone")
    """)
    assert kernel.good("finder.find_spec(module, None) is not None") == "True"
    kernel.good("del worker; _ = gc.collect()")
    assert kernel.good("taken() is None, finder.find_spec(module, None) is None") == "(True, True)"


def test_a_runner_that_the_learner_chose_is_left_alone(kernel: Kernel) -> None:
    assert (
        kernel.good("""
        from temporalio.worker import UnsandboxedWorkflowRunner
        from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
        from tutorial_lib.cells import NotebookPlugin, default_runner
        class Own(SandboxedWorkflowRunner): pass
        open_runner, own = UnsandboxedWorkflowRunner(), Own()
        more = SandboxRestrictions.default.with_passthrough_modules("nbformat")
        kept = default_runner(SandboxedWorkflowRunner(restrictions=more))
        [default_runner(open_runner) is open_runner, default_runner(own) is own,
         kept.restrictions is more, type(kept).__name__]
    """)
        == "[True, True, True, 'NotebookWorkflowRunner']"
    )


def test_the_plugin_alone_makes_cells_deployable(bare_kernel: Kernel) -> None:
    bare_kernel.good("""
        import os
        from temporalio import workflow
        from temporalio.client import Client
        from temporalio.worker import Worker
        from tutorial_lib.cells import NotebookPlugin
        @workflow.defn
        class Plain:
            @workflow.run
            async def run(self) -> str:
                return "ran"
        client = await Client.connect(os.environ["COURSE"], plugins=[NotebookPlugin()])
    """)
    assert (
        bare_kernel.good("""
        async with Worker(client, task_queue="plain", workflows=[Plain]):
            result = await client.execute_workflow(Plain.run, id=f"plain-{os.getpid()}", task_queue="plain")
        result
    """)
        == "'ran'"
    )


def test_workflows_of_a_module_run_as_the_sdk_runs_them(kernel: Kernel, tmp_path) -> None:
    (tmp_path / "shopmodule.py").write_text(
        "from temporalio import workflow\n@workflow.defn\nclass FromFile:\n    @workflow.run\n"
        "    async def run(self) -> str:\n        return __name__\n"
    )
    kernel.good(f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nfrom shopmodule import FromFile")
    assert kernel.good("await execute(FromFile)") == "'shopmodule'"
