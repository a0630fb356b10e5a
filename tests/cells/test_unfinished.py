"""A workflow that finishes over a running handler is told in two lines, each time, without ids or paths."""

from __future__ import annotations

from tests.support.cell_kernel import Kernel

DEFINED = """
    from temporalio.client import WorkflowUpdateFailedError
    @workflow.defn
    class Hasty:
        def __init__(self):
            self.asked = False
        @workflow.run
        async def run(self):
            await workflow.wait_condition(lambda: self.asked)
        @workflow.update
        async def ask(self):
            self.asked = True
            await workflow.sleep(60)
        @workflow.signal
        async def tell(self):
            self.asked = True
            await workflow.sleep(60)
        @workflow.update(unfinished_policy=workflow.HandlerUnfinishedPolicy.ABANDON)
        async def ask_idly(self):
            self.asked = True
            await workflow.sleep(60)
    async def cut_off(number, message, send):
        client = await Client.connect("localhost:7233")
        queue = f"hasty-{os.getpid()}-{number}"
        async with Worker(client, task_queue=queue, workflows=[Hasty]):
            handle = await client.start_workflow(Hasty.run, id=queue, task_queue=queue)
            try:
                await getattr(handle, send)(message)
            except WorkflowUpdateFailedError:
                pass
            await handle.result()
"""
TOLD = """\
HANDLERS CUT OFF, their workflow has finished: {}
  [TMPRL1102] `run` can wait, last: `await workflow.wait_condition(workflow.all_handlers_finished)`
"""


def test_an_update_and_a_signal_are_named(kernel: Kernel) -> None:
    kernel.good(DEFINED)
    assert kernel.run('await cut_off(1, Hasty.ask, "execute_update")').stderr == TOLD.format("update `ask`")
    for again in (2, 3):
        ran = kernel.run(f'await cut_off({again}, Hasty.tell, "signal")')
        assert ran.stderr == TOLD.format("signal `tell`")


def test_who_does_not_mind_hears_nothing(kernel: Kernel) -> None:
    kernel.good(DEFINED)
    assert not kernel.run('await cut_off(4, Hasty.ask_idly, "execute_update")').stderr


def test_a_check_keeps_it_to_itself(kernel: Kernel) -> None:
    kernel.good(DEFINED)
    ran = kernel.run("""
        from tutorial_lib.cells.failures.unawaited import collected
        with collected():
            await cut_off(5, Hasty.ask, "execute_update")
    """)
    assert not ran.stderr


def test_unloaded_it_is_the_sdks_again(fresh_kernel: Kernel) -> None:
    fresh_kernel.good("%unload_ext tutorial_lib")
    ran = fresh_kernel.run("""
        import warnings
        warnings.warn(workflow.UnfinishedSignalHandlersWarning("[TMPRL1102] Workflow finished"))
    """)
    assert "UnfinishedSignalHandlersWarning: [TMPRL1102] Workflow finished" in ran.stderr
