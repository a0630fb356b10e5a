"""JupyterLab's port, when somebody else takes what Jupyter has found."""

from __future__ import annotations

import asyncio
import socket
import types
import urllib.request

import pytest
from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

from tutorial_lib.cli.lab_port import keep_port


class Hello(RequestHandler):
    def get(self) -> None:
        self.write("hello")


@pytest.fixture
def taken():
    """A port on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        yield somebody.getsockname()[1]


def an_app(port: int) -> types.SimpleNamespace:
    return types.SimpleNamespace(
        port=port, ip="127.0.0.1", http_server=HTTPServer(Application([("/", Hello)]))
    )


async def test_a_port_that_was_lost_is_replaced_and_nobody_takes_that_one(taken: int):
    app = an_app(taken)
    assert keep_port(app, retries=50)
    assert app.port > taken
    with pytest.raises(OSError, match="in use"):
        socket.create_server(("127.0.0.1", app.port))
    app.http_server.listen(app.port, app.ip)  # as Jupyter does, when its loop runs
    try:
        with await asyncio.to_thread(urllib.request.urlopen, f"http://127.0.0.1:{app.port}/") as answer:
            assert answer.read() == b"hello"
    finally:
        app.http_server.stop()


def test_a_port_that_was_asked_for_is_not_replaced(taken: int):
    assert not keep_port(an_app(taken), retries=0)
