"""A port that the check had found free is taken by somebody else before the learner's server has it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from pathlib import Path

import psutil
import pytest

from tests.support.waiting import looks_async
from tutorial_lib.exercises.checks.command_lines import UI_ABOVE, PortLostError, StartedServer, on_a_port
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.stage.server.process import free_port, lowest_given


@contextlib.contextmanager
def taken(port: int):
    """Somebody listens there."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        yield


@contextlib.contextmanager
def server(line: str, port: int, folder: Path):
    """What a command line starts."""
    started = StartedServer(line.split(), port, folder)
    try:
        yield started
    finally:
        started.kill()


@pytest.mark.parametrize("above", [0, UI_ABOVE])
async def test_the_attempt_is_made_again_on_another_port(tmp_path, above):
    ports = []

    async def attempt(port: int) -> str:
        ports.append(port)
        with contextlib.ExitStack() as stack:
            if len(ports) == 1:
                stack.enter_context(taken(port + above))
            line = f"server start-dev --port {port}"
            started = stack.enter_context(server(line, port, tmp_path / str(len(ports))))
            await started.client()
            return "correct"

    assert await on_a_port(attempt) == "correct"
    assert len(ports) == 2
    assert ports[0] != ports[1]


async def test_a_service_inside_that_lost_its_port_says_nothing_of_the_command(tmp_path):
    """Seen when all tests ran: the server chooses the ports of its services itself, and one was gone."""
    with server("server start-dev --help", free_port(), tmp_path) as started:
        started._process.wait()
        started._process.returncode = 1
        (tmp_path / "output.txt").write_text(
            '{"level":"FATAL","message":"listen tcp 127.0.0.1:34531: bind: address already in use"}\n'
        )
        with pytest.raises(PortLostError, match="34531"):
            await started.client()


async def test_a_port_that_the_command_asks_for_is_the_learners_matter(tmp_path):
    with taken(wanted := free_port()):
        line = f"server start-dev --ui-port {wanted} --port {(port := free_port())}"
        with server(line, port, tmp_path) as started, pytest.raises(NotYet, match=f"UI port {wanted}"):
            await started.client()


async def test_one_port_for_two_things_is_the_learners_matter_too(tmp_path):
    line = f"server start-dev --port {(port := free_port())} --ui-port {port}"
    with server(line, port, tmp_path) as started, pytest.raises(NotYet, match="address already in use"):
        await started.client()


async def test_who_answers_before_the_command_does_is_somebody_else(tmp_path, client, monkeypatch):
    """Seen with two busy loops: another server came to the port first, and had no namespace `payments`."""
    port = int(client.service_client.config.target_host.rpartition(":")[2])
    with server(f"server start-dev --port {port}", port, tmp_path) as started:
        command = psutil.Process(started._process.pid)
        command.suspend()
        seen = []
        connected = started._connected

        async def looked(namespace: str):
            seen.append(await connected(namespace))
            return seen[-1]

        monkeypatch.setattr(started, "_connected", looked)
        waiting = asyncio.ensure_future(started.client())
        async for _ in looks_async():
            if seen:
                break
        command.resume()
        with pytest.raises(PortLostError, match=str(port)):
            await waiting
        assert set(seen) == {None}


async def test_ports_that_are_always_lost_end_the_check():
    async def attempt(port: int) -> str:
        raise PortLostError(f"{port} is in use")

    with pytest.raises(NotYet, match="took each port") as raised:
        await on_a_port(attempt)
    assert raised.value.hint == "run it once more"


def test_connections_get_other_ports_than_servers():
    """A server that is killed and comes back finds no connection of somebody else on its port."""
    assert all(15_000 <= free_port() < lowest_given() for _ in range(50))


@pytest.mark.parametrize(("said", "lowest"), [("32768\t60999\n", 32768), ("", 49152), ("x y", 49152)])
def test_the_lowest_port_of_connections(tmp_path, said, lowest):
    (tmp_path / "range").write_text(said)
    assert lowest_given(tmp_path / "range") == lowest
    assert lowest_given(tmp_path / "none") == 49152


def test_where_connections_get_any_port_servers_do_too(monkeypatch):
    monkeypatch.setattr("tutorial_lib.stage.server.process.lowest_given", lambda: 1024)
    assert free_port() >= 1024
