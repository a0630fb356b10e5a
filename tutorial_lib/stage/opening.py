"""Opening a lab: the course's server found or started, a lesson's namespace made, a client connected.

open_lab ─> external_target()? ─yes─> connect; nothing is started, made or terminated
└─no─> course_server() ─> lease a namespace ─> connect ─> make it ─> end leftovers
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import threading
import time
from functools import partial
from pathlib import Path

from tutorial_lib.cells.rpc_errors import set_advisor
from tutorial_lib.cells.sdk import load_build_id
from tutorial_lib.disk.names import check_name
from tutorial_lib.stage.advice import server_advice
from tutorial_lib.stage.clock import read_clock
from tutorial_lib.stage.hold import ServerHold
from tutorial_lib.stage.lab import Lab
from tutorial_lib.stage.namespaces import make_namespace, terminate_leftovers
from tutorial_lib.stage.profile import Target, external_target, publish
from tutorial_lib.stage.shared import DEFAULT_PORTS, hold_server

_holds: list[ServerHold] = []  # this process' hold on the course's server: at most one that is alive
_labs: dict[str, Lab] = {}  # the labs opened in this process, by name


async def open_lab(
    name: str = "lab", *, db_filename: str | os.PathLike[str] | None = None, kind: type[Lab] = Lab
) -> Lab:
    """Open a lesson's lab: the course's server (started if need be), the lesson's namespace, a client.

    Runs that an earlier execution of this lesson left open are terminated, and its workers stopped. With
    `TEMPORAL_PROFILE` or `TEMPORAL_ADDRESS` set, the lab is on that service instead and nothing is
    started, made or terminated.

    Args:
        name: The lesson, e.g. "lesson-03"; also its namespace (with "-2" if another kernel works in it).
        db_filename: File that keeps the server's state, if this call starts it.
        kind: The class of the lab.

    Raises:
        UnusableNameError: If `name` is no name, but a path for instance.
        FolderError: If the state folder is not this user's alone.
        ServerError: If there is no server and none can be started, or the profile's does not answer.
    """
    if check_name(name, "a lab") in _labs:
        _labs.pop(name).close()
    lab = (
        await _open_external(name, target, kind)
        if (target := external_target())
        else await _open_own(name, db_filename, kind)
    )
    _labs[name] = lab
    set_advisor(partial(server_advice, lab.client, lab._hold))  # noqa: SLF001 - this makes labs
    return lab


async def _open_own(name: str, db_filename: str | os.PathLike[str] | None, kind: type[Lab]) -> Lab:
    # While the server starts, this process has nothing to do but what its first worker would wait for.
    threading.Thread(target=load_build_id, name="build id", daemon=True).start()
    hold = await asyncio.to_thread(course_server, name, None if db_filename is None else Path(db_filename))
    namespace = hold.lease(name)
    target = Target(hold.info.address)
    client = await target.connect(namespace)
    await make_namespace(client, namespace)
    await asyncio.gather(terminate_leftovers(client), read_clock(client))
    publish(target.address, namespace, hold.info.binary.path, own=True)
    return kind(name, client, target, hold)


async def _open_external(name: str, target: Target, kind: type[Lab]) -> Lab:
    namespace = target.namespace or "default"
    client = await target.connect(namespace)
    await read_clock(client)
    publish(target.address, namespace, None, own=False)
    return kind(name, client, target, None)


def course_server(who: str = "notebook", db_filename: Path | None = None) -> ServerHold:
    """This process' hold on the course's server; starts the server if nobody has.

    A server that has gone is started again on its own ports: clients and workers of before find it there.
    """
    ports = DEFAULT_PORTS
    while _holds and not _holds[-1].alive:
        gone = _holds.pop()
        ports = (gone.info.grpc_port, gone.info.ui_port)
        gone.close()
    if not _holds:
        _holds.append(hold_server(who=who, db_filename=db_filename, ports=ports))
    return _holds[-1]


def course_address(target: str) -> str:
    """Where a pasted `Client.connect("localhost:7233")` is to go.

    Args:
        target: What the code names.

    Returns:
        The course's server for Temporal's default address, when no profile says otherwise; else `target`.
    """
    host, _, port = target.rpartition(":")
    if host not in {"localhost", "127.0.0.1"} or port != str(DEFAULT_PORTS[0]) or external_target():
        return target
    return course_server().info.address


@atexit.register
def _close_all() -> None:
    """Stop every worker before the interpreter goes: the SDK's core can crash a process that is ending."""
    for lab in list(_labs.values()):
        with contextlib.suppress(Exception):
            lab.close()
    while _holds:
        _holds.pop().close()
    time.sleep(0.02)  # sdk-python #300: 5 of 20 plain exits crashed without, 0 of 20 with
