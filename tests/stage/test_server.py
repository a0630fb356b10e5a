"""A server of one's own: killed like a power cut, started again."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.support.workflows import Sleeping
from tutorial_lib.stage import start_dev_server
from tutorial_lib.stage.server.binary import find_binary


@pytest.fixture
async def server(tmp_path, request):
    started = await start_dev_server(db_filename=tmp_path / "course.db" if request.param else None)
    yield started
    started.close()


@pytest.mark.parametrize("server", [True], indirect=True)
async def test_with_a_database_file_a_workflow_survives_a_killed_server(server):
    client = await server.connect()
    await client.start_workflow(Sleeping.run, 600.0, id="order-42", task_queue="q")
    address = server.address
    server.kill()
    assert not server.alive
    server.start()
    assert server.address == address
    client = await server.connect()
    assert (await client.get_workflow_handle("order-42").describe()).status.name == "RUNNING"
    assert repr(server) == "DevServer(running, state in course.db)"


@pytest.mark.parametrize("server", [False], indirect=True)
async def test_in_memory_a_killed_server_forgets(server):
    client = await server.connect()
    await client.start_workflow(Sleeping.run, 600.0, id="order-42", task_queue="q")
    server.kill()
    server.start()
    client = await server.connect()
    with pytest.raises(Exception, match="workflow not found for ID: order-42"):
        await client.get_workflow_handle("order-42").describe()


@pytest.mark.parametrize("server", [True], indirect=True)
async def test_a_fresh_start_removes_the_old_file(server):
    client = await server.connect()
    await client.start_workflow(Sleeping.run, 600.0, id="order-42", task_queue="q")
    server.stop()
    again = await start_dev_server(db_filename=server.db_filename)
    client = await again.connect()
    with pytest.raises(Exception, match="workflow not found for ID: order-42"):
        await client.get_workflow_handle("order-42").describe()
    while "Temporal Persistence" not in again.log:  # noqa: ASYNC110 - printed a moment after the first answer
        await asyncio.sleep(0.02)
    again.close()


NOBODY = """
import ctypes, encodings.idna, json, os, sys  # all at once: Python lies where such a user may not look
from pathlib import Path
from tutorial_lib.stage.server.process import ServerProcess
from tutorial_lib.stage.server.flags import server_arguments
program = Path(sys.argv[1])
command = [str(program), *server_arguments(public_path="/temporal-ui")]
server = ServerProcess(command, program.with_name("server.log"), (0, 0))
os.setgroups([])
os.setgid(54321)
os.setuid(54321)
os.environ.clear()
os.environ.update(json.loads(sys.argv[2]))
print("started" if server.start() else "failed")
server.stop()
"""


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can be a user without a name")
@pytest.mark.parametrize(
    "home", [{}, {"HOME": "/"}, {"HOME": ""}], ids=["no home", "a root as home", "empty"]
)
def test_a_user_without_a_name_gets_a_server(home):
    """As in a container that runs with a number for a user."""
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are for this user alone
        state = Path(folder)
        state.chmod(0o777)
        program = shutil.copy2(find_binary().path, state / "temporal")
        command = [sys.executable, "-c", NOBODY, str(program), json.dumps(home)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
        assert done.stdout == "started\n", done.stderr + (state / "server.log").read_text()
