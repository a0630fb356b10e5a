"""The dev server that all tests share."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

from tests.support.waiting import looks_async


@workflow.defn
class Echo:
    @workflow.run
    async def run(self, word: str) -> str:
        return word


async def test_runs_a_workflow_of_a_test_module_in_the_standard_sandbox(
    client: Client, unique: Callable[[str], str]
):
    queue = unique("echo")
    async with Worker(client, task_queue=queue, workflows=[Echo]):
        assert (
            await client.execute_workflow(Echo.run, "hello", id=unique("echo"), task_queue=queue) == "hello"
        )


async def test_gives_a_test_its_own_namespace(
    dev_server_address: str, namespace: str, unique: Callable[[str], str]
):
    own = await Client.connect(dev_server_address, namespace=namespace)
    async for _ in looks_async():
        with contextlib.suppress(RPCError):
            handle = await own.start_workflow("Nobody", id=unique("nobody"), task_queue="nobody-polls")
            break
    assert (await handle.describe()).namespace == namespace


INNER = """
import os
from tutorial_lib.stage.server.shared import find_server
def test_kernels_find_it():
    server = find_server()
    print("SEEN", server.pid, server.keeper_pid, os.environ["TUTORIAL_STATE_DIR"])
"""


@pytest.mark.parametrize("options", [[], ["-n", "2"]], ids=["one process", "xdist"])
def test_leaves_nothing_running_and_nothing_behind(tmp_path: Path, options: list[str]):
    (tmp_path / "test_inner.py").write_text(INNER)
    (tmp_path / "test_second.py").write_text(INNER)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tutorial_lib.authoring.pytest_server",
        "-rP",
        *options,
        ".",
    ]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=100)
    assert run.returncode == 0, run.stdout + run.stderr
    seen = {line for line in run.stdout.splitlines() if line.startswith("SEEN")}
    assert len(seen) == 1, "both processes of pytest-xdist share the server that the first one started"
    _, server, keeper, folder = seen.pop().split()
    assert folder != os.environ["TUTORIAL_STATE_DIR"], "a run inside a run has its own server"
    assert not Path(folder).exists()
    assert not [pid for pid in (int(server), int(keeper)) if _runs(pid)]


def _runs(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
