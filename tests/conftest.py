"""What all tests share: a real dev server of this run alone, clients and names that do not clash."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client

from tutorial_lib.stage.server.shared import find_server

# Starts the server with the session and stops it at its end; reports on the exercises that were tried;
# which process does which tests; labs, and servers of one test; no garbage collection where it fails a test.
pytest_plugins = [
    "tutorial_lib.authoring.pytest_server",
    "tests.support.exercise_report",
    "tests.support.shares",
    "tests.support.labs",
    "tests.support.deep_nesting",
]


@pytest.fixture(scope="session")
def dev_server_address() -> str:
    """Address of the dev server that this run started, for example "127.0.0.1:7233"."""
    server = find_server()
    assert server is not None, "the dev server that pytest_sessionstart started has gone"
    return server.address


@pytest.fixture
async def client(dev_server_address: str) -> Client:
    """A client on the namespace `default`."""
    return await Client.connect(dev_server_address)


@pytest.fixture
def unique() -> Callable[[str], str]:
    """Makes names that no other test uses: `unique("order")` is "order-3f9c2a7e"."""
    return lambda stem: f"{stem}-{uuid.uuid4().hex[:8]}"


@pytest.fixture
async def namespace(client: Client, unique: Callable[[str], str]) -> str:
    """Name of a fresh namespace."""
    request = RegisterNamespaceRequest(namespace=unique("test"))
    request.workflow_execution_retention_period.FromTimedelta(timedelta(days=1))
    await client.workflow_service.register_namespace(request)
    return request.namespace
