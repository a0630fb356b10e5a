from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from tests.support.cell_kernel import Kernel

PRELUDE = """
    import os, asyncio, random, datetime as dt
    from dataclasses import dataclass, field
    from datetime import timedelta
    from temporalio import activity, workflow
    from temporalio.client import Client
    from temporalio.worker import Replayer, Worker
    from tutorial_lib.cells import Snapshot, set_address_resolver
    from tutorial_lib.cells.sandbox.notebook import Notebook

    def snapshot(cls):
        return Snapshot(cls, Notebook.of_shell(get_ipython()))

    async def execute(cls, *args, activities=(), **options):
        client = await Client.connect("localhost:7233")
        queue = f"{cls.__name__}-{os.getpid()}"
        async with Worker(client, task_queue=queue, workflows=[cls], activities=activities, **options):
            return await client.execute_workflow(
                cls.run, args=args, id=f"{queue}-{random.random()}", task_queue=queue,
                execution_timeout=timedelta(seconds=60),
            )
"""


@contextlib.contextmanager
def _kernel(address: str) -> Iterator[Kernel]:
    with Kernel(address) as kernel:
        kernel.good("%load_ext tutorial_lib")
        kernel.good(PRELUDE)
        kernel.good("set_address_resolver(lambda target: os.environ['COURSE'])")
        yield kernel


@pytest.fixture(scope="session")
def kernel(dev_server_address: str) -> Iterator[Kernel]:
    """A kernel with the extension loaded, for tests that leave nothing behind but names."""
    with _kernel(dev_server_address) as kernel:
        yield kernel


@pytest.fixture
def fresh_kernel(dev_server_address: str) -> Iterator[Kernel]:
    """A kernel of the test's own, in the same state."""
    with _kernel(dev_server_address) as kernel:
        yield kernel


@pytest.fixture
def bare_kernel(dev_server_address: str) -> Iterator[Kernel]:
    """A kernel in which nothing ran yet."""
    with Kernel(dev_server_address) as kernel:
        yield kernel
