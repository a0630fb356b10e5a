"""A server of one's own: killed like a power cut, started again."""

from __future__ import annotations

import asyncio

import pytest

from tests.stage.workflows import Sleeping
from tutorial_lib.stage import start_dev_server


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
