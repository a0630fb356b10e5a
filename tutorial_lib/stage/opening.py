"""Opening a stage: the course's server found or started, a lesson's namespace made, a client connected.

open_stage ─> external_target()? ─yes─> connect; nothing is started, made or terminated
└─no─> course_server() ─> lease a namespace ─> connect ─> make it ─> end leftovers
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import threading
import time
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path

from tutorial_lib.cells.failures.late import set_doctor
from tutorial_lib.cells.failures.rpc_errors import set_advisor
from tutorial_lib.disk.folders import within
from tutorial_lib.disk.names import check_name
from tutorial_lib.disk.state import state_folder
from tutorial_lib.sdk import let_core_settle, load_build_id
from tutorial_lib.stage.clock import read_clock
from tutorial_lib.stage.namespaces import is_courses, make_namespace, terminate_leftovers
from tutorial_lib.stage.server.advice import server_advice
from tutorial_lib.stage.server.keeper import lock
from tutorial_lib.stage.server.registration import ServerRegistration
from tutorial_lib.stage.server.shared import DEFAULT_PORTS, hold_server
from tutorial_lib.stage.stage import Stage
from tutorial_lib.stage.target import Target, external_target, publish
from tutorial_lib.stage.workers.workers import AnyWorker

OPENING_DEADLINE = 30.0  # seconds to wait for another kernel that opens the same lab; it may be suspended

_finding = threading.Lock()  # cells, checks and pasted clients ask from threads of their own
_holds: list[ServerRegistration] = []  # this process' hold on the course's server: at most one that is alive
_stages: dict[str, Stage] = {}  # the stages opened in this process, by name


async def open_stage(
    name: str = "lab",
    *,
    db_filename: str | os.PathLike[str] | None = None,
    shared: bool | None = None,
    kind: type[Stage] = Stage,
) -> Stage:
    """Open a lesson's stage: the course's server (started if need be), the lesson's namespace, a client.

    Runs that an earlier execution of this lesson left open are terminated, and its workers stopped; where
    another kernel works in the namespace, its runs and workers are left alone, and yours with them. With
    `TEMPORAL_PROFILE` or `TEMPORAL_ADDRESS` set, the stage is on that service instead and nothing is
    started, made or terminated.

    Args:
        name: The lesson, e.g. "lesson-03", or your program; also its namespace. A lesson's is one kernel's
            alone: a second one gets "lesson-03-2". Any other name is a place that notebooks share.
        shared: Whether other kernels may be in it: True joins them, False gets a namespace of its own.
            By default it is as `name` has it.
        db_filename: File that keeps the server's state, if this call starts it.
        kind: The class of the stage.

    Raises:
        UnusableNameError: If `name` is no name, but a path for instance.
        FolderError: If the state folder is not this user's alone.
        ServerError: If there is no server and none can be started, or the profile's does not answer.
    """
    before = _stages.pop(check_name(name, "a lab"), None)
    stopped = before.workers.alive() if before else ()
    if before:
        before.close()
    shared = not is_courses(name) if shared is None else shared
    stage = (
        await _open_external(name, target, kind)
        if (target := external_target())
        else await _open_own(name, db_filename, kind, shared=shared)
    )
    _stages[name] = stage
    if before:
        stage.workers.inherit(before.workers)
    if stopped:
        print(_stopped(stopped))  # noqa: T201 - below the cell that was run again
    set_advisor(partial(server_advice, stage.client, stage._hold))  # noqa: SLF001 - this makes stages
    set_doctor(stage._waits_for)  # noqa: SLF001 - this makes stages
    return stage


def _stopped(workers: Sequence[AnyWorker]) -> str:
    """What opening a lab again has ended, in one line."""
    listed = ", ".join(
        f"{worker.spec.name or ('worker' if worker.kind == 'embedded' else 'worker process')} on "
        f"{worker.spec.task_queue!r}"
        for worker in workers
    )
    again = "Their cells start them again." if len(workers) > 1 else "Its cell starts it again."
    return f"Opened again, which stopped: {listed}. {again}"


async def _open_own(
    name: str, db_filename: str | os.PathLike[str] | None, kind: type[Stage], *, shared: bool
) -> Stage:
    # While the server starts, this process has nothing to do but what its first worker would wait for.
    threading.Thread(target=load_build_id, name="build id", daemon=True).start()
    hold = await asyncio.to_thread(course_server, name, None if db_filename is None else Path(db_filename))
    async with _one_opens(name) if shared else contextlib.nullcontext():
        namespace, others = hold.share(name) if shared else (hold.lease(name), 0)
        target = Target(hold.info.address)
        client = await target.connect(namespace)
        await make_namespace(client, namespace)
        await asyncio.gather(
            read_clock(client),
            # What is open may be another notebook's of the same program.
            *([] if others else [terminate_leftovers(client)]),
        )
        publish(target.address, namespace, hold.info.binary.path, own=True)
        return kind(name, client, target, hold, others)


@contextlib.asynccontextmanager
async def _one_opens(name: str) -> AsyncIterator[None]:
    """While a kernel opens a lab that several share: the first one clears it, and the others wait for that.

    What they start meanwhile would be taken for an earlier run's.
    """
    path = within(state_folder(), "labs") / f".{name}.lock"
    deadline = time.monotonic() + OPENING_DEADLINE
    while (held := lock(path)) is None and time.monotonic() < deadline:  # noqa: ASYNC110 - a process' lock
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        if held is not None:
            held.close()


async def _open_external(name: str, target: Target, kind: type[Stage]) -> Stage:
    namespace = target.namespace or "default"
    client = await target.connect(namespace)
    await read_clock(client)
    publish(target.address, namespace, None, own=False)
    return kind(name, client, target, None, 0)


def course_server(who: str = "notebook", db_filename: Path | None = None) -> ServerRegistration:
    """This process' hold on the course's server; starts the server if nobody has.

    A server that has gone is started again on its own ports: clients and workers of before find it there.
    """
    with _finding:
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
        The course's server for Temporal's default address, when no profile names another; else `target`.
    """
    host, _, port = target.rpartition(":")
    if host not in {"localhost", "127.0.0.1"} or port != str(DEFAULT_PORTS[0]) or external_target():
        return target
    return course_server().info.address


@atexit.register
def _close_all() -> None:
    """Stop every worker before the interpreter ends: the SDK's core can crash a process that is ending."""
    for stage in list(_stages.values()):
        with contextlib.suppress(Exception):
            stage.close()
    while _holds:
        _holds.pop().close()
    let_core_settle()
