"""Any process of this machine can talk to the keeper: it loses its connection, and nothing else happens."""

from __future__ import annotations

import contextlib
import json
import random
import socket

import psutil
import pytest

from tests.support.waiting import BACKSTOP
from tutorial_lib.stage import find_server, hold_server
from tutorial_lib.stage.server.keeper import LONGEST_LINE, MOST_STRANGERS

BAD = {
    "a number": b"5\n",
    "a list": b"[]\n",
    "null": b"null\n",
    "a text": b'"token"\n',
    "no JSON": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "no text": b"\xff\xfe\x00\n",
    "a number too long": b"1" * 10_000 + b"\n",
    "a token beyond ASCII": '{"token": "ключ"}\n'.encode(),
    "a token that is half a character": b'{"token": "\\ud800"}\n',
    "a token that is an object": b'{"token": {"a": []}}\n',
    "deep nesting": b"[" * 60_000 + b"\n",
    "deep nesting in a message": b'{"token":' + b"[" * 30_000 + b"\n",
    "a megabyte without an end": b"x" * 1_000_000,
    "two wrong lines": b'{"token": "a"}\n5\n',
}


@pytest.fixture
def hold(own_state):
    """A server in use, which is there at the end of the test, with the same keeper."""
    with hold_server(who="test") as held:
        yield held
        assert held.alive
        assert held.users()[0]["who"] == "test"
        assert find_server().keeper_pid == held.info.keeper_pid


@pytest.fixture
def connect(own_state, hold):
    with contextlib.ExitStack() as stack:

        def connection() -> socket.socket:
            port = json.loads((own_state / "server.json").read_text())["keeper_port"]
            return stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=BACKSTOP))

        yield connection


def dropped(connection: socket.socket) -> bool:
    """Whether the keeper closed it without a word; waits for that."""
    try:
        return connection.recv(1) == b""
    except ConnectionError:  # closed while it had not read all
        return True


@pytest.mark.parametrize("line", BAD.values(), ids=BAD)
def test_what_is_no_message_costs_its_sender_the_connection(connect, line):
    stranger = connect()
    with contextlib.suppress(ConnectionError):  # dropped before everything was sent
        stranger.sendall(line)
    assert dropped(stranger)


def test_anything_at_all(connect):
    chance = random.Random(8)  # noqa: S311 - no secret
    words = [
        b"{",
        b"}",
        b"[",
        b"]",
        b'"token"',
        b":",
        b"null",
        b"1e999",
        b"-0",
        b'"\\ud83d"',
        b"\n",
        b"\xe2\x82",
        b"true",
        b",",
    ]
    for _ in range(300):
        stranger = connect()
        with contextlib.suppress(ConnectionError):
            stranger.sendall(b"".join(chance.choices(words, k=chance.randrange(1, 40))) + b"\n")
        stranger.close()


def test_a_user_that_says_nonsense_is_dropped_too(own_state, connect):
    for nonsense in (b"5\n", b"[[[[\n", b"x" * (LONGEST_LINE + 65536 * 2)):
        user = connect()
        token = json.loads((own_state / "server.json").read_text())["token"]
        user.sendall(json.dumps({"token": token, "who": "odd"}).encode() + b"\n")
        assert b"ok" in user.recv(100)
        with contextlib.suppress(ConnectionError):
            user.sendall(nonsense)
        assert dropped(user)


def test_after_a_wrong_token_the_right_one_is_too_late(own_state, connect, hold):
    """A connection that is closed must not stay a user: it would keep the server for ever."""
    token = json.loads((own_state / "server.json").read_text())["token"]
    stranger = connect()
    stranger.sendall(b'{"token": "guess"}\n' + json.dumps({"token": token, "who": "ghost"}).encode() + b"\n")
    assert dropped(stranger)
    assert [user["who"] for user in hold.users()] == ["test"]


def test_thousands_of_connections_are_dropped_and_users_come_in_all_the_same(connect, hold):
    keeper = psutil.Process(hold.info.keeper_pid)
    before = keeper.num_fds()
    held = [connect() for _ in range(3 * MOST_STRANGERS)]
    for _ in range(2000):
        connect().close()
    assert hold.users()
    assert find_server() is not None
    assert keeper.num_fds() <= before + MOST_STRANGERS + 8
    held[-1].sendall(b'{"tok')
    assert dropped(held[0])


def test_half_a_line_is_not_waited_for_for_ever(connect):
    stranger = connect()
    stranger.sendall(b'{"token": "')
    assert dropped(stranger)
