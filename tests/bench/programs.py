"""Programs that the figures are taken from: each prints the seconds it took, one number a line.

As bare scripts they are what a reader of Temporal's documentation would write; as cells they are what a
learner runs. Both time the same workflows with the same `temporal` binary.
"""

from __future__ import annotations

DEFINITIONS = """
import asyncio, sys, time
from datetime import timedelta
from temporalio import activity, workflow

@activity.defn
async def touch(n: int) -> int:
    return n

@workflow.defn
class Trivial:
    @workflow.run
    async def run(self) -> str:
        return "done"

@workflow.defn
class Three:
    @workflow.run
    async def run(self) -> int:
        for n in range(3):
            await workflow.execute_activity(touch, n, start_to_close_timeout=timedelta(seconds=30))
        return 3
"""

BARE_FIRST_RESULT = (
    DEFINITIONS
    + """
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

async def main():
    start = time.perf_counter()
    async with await WorkflowEnvironment.start_local(dev_server_existing_path=sys.argv[1]) as env:
        async with Worker(env.client, task_queue="q", workflows=[Trivial]):
            await env.client.execute_workflow(Trivial.run, id="first", task_queue="q")
            print("took", time.perf_counter() - start, flush=True)
    await asyncio.sleep(0.05)

if __name__ == "__main__":
    asyncio.run(main())
"""
)

CELL_FIRST_RESULT = """
import time
start = time.perf_counter()
lab = await open_lab("lesson-01")
lab.start_worker(task_queue="q", workflows=[Trivial])
await lab.client.execute_workflow(Trivial.run, id="first", task_queue="q")
print(time.perf_counter() - start)
"""

BARE_LATENCY = (
    DEFINITIONS
    + """
from temporalio.client import Client
from temporalio.worker import Worker

async def main():
    client = await Client.connect(sys.argv[1])
    async with Worker(client, task_queue="q", workflows=[Trivial, Three], activities=[touch]):
        for kind in (Trivial, Three):
            for n in range(int(sys.argv[2])):
                start = time.perf_counter()
                await client.execute_workflow(kind.run, id=f"{kind.__name__}-{n}", task_queue="q")
                print(kind.__name__, time.perf_counter() - start, flush=True)
    await asyncio.sleep(0.05)

if __name__ == "__main__":
    asyncio.run(main())
"""
)

BURST = """
    start = time.perf_counter()
    await asyncio.gather(
        *(client.execute_workflow(Trivial.run, id=f"{run}-{n}", task_queue="q") for n in range(500))
    )
    print(time.perf_counter() - start, flush=True)
"""

BARE_BURST = (
    DEFINITIONS
    + """
from temporalio.client import Client
from temporalio.worker import Worker

async def burst(client, run):"""
    + BURST
    + """
async def main():
    client = await Client.connect(sys.argv[1])
    async with Worker(client, task_queue="q", workflows=[Trivial]):
        await client.execute_workflow(Trivial.run, id="warm-up", task_queue="q")
        await burst(client, sys.argv[2])
    await asyncio.sleep(0.05)

if __name__ == "__main__":
    asyncio.run(main())
"""
)

# Needs a name `RUN` of its own for each burst.
CELL_BURST = (
    """
async def burst(client, run):"""
    + BURST
    + """
lab.start_worker(task_queue="q", workflows=[Trivial])
await lab.client.execute_workflow(Trivial.run, id="warm-up", task_queue="q")
await burst(lab.client, RUN)
"""
)
