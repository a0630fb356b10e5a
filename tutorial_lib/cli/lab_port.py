"""The port of JupyterLab, taken before anybody else can.

Jupyter looks for a free port, lets it go, and takes it when its loop runs. Of two labs that start at once the
second finds it gone then, and ends.
"""

from __future__ import annotations

import errno
import functools
import socket
from typing import Any

_WAITING = 128  # connections that wait for the loop to run, as tornado has it


def keep_port(app: Any, retries: int) -> bool:
    """Take the port that Jupyter has found, or one of the next.

    Args:
        app: Jupyter's own server, initialized; its `port` becomes the one that was taken.
        retries: How many more ports to try.

    Returns:
        Whether there was one.

    Raises:
        OSError: The address cannot be listened on, whatever the port.
    """
    for port in range(app.port, app.port + retries + 1):
        try:
            # Not by tornado's `bind_sockets`, which leaves its socket open where the port is taken.
            taken = socket.create_server((app.ip, port), family=_family(app.ip), backlog=_WAITING)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            continue
        taken.setblocking(False)
        app.port = port
        # What Jupyter's loop calls first of all: with what is taken, instead of taking it.
        app.http_server.listen = functools.partial(_serve, app.http_server, taken)
        return True
    return False


def _family(address: str) -> socket.AddressFamily:
    return socket.getaddrinfo(address or None, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]


def _serve(server: Any, taken: socket.socket, port: int, address: str) -> None:
    del port, address
    server.add_sockets([taken])
