"""Waiting for a workflow's result with care: one that cannot end raises with the reason, and never hangs.

handle.result() ──runs beside──> every half second: describe the execution, its queues' pollers and the
       ^                         last failure ──> a diagnosis; the same one for long enough is an error
       └── asked anew, once ──── a run that has ended, whose news the server has dropped
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final, TypeVar

from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from tutorial_lib.background import give_up, run_apart
from tutorial_lib.errors import Diagnosis, ServerGoneError, Stuck, WorkflowStuckError
from tutorial_lib.stage.look import Look

PATIENCE = 3.0  # seconds that a diagnosis must hold before the wait ends early
LOOK_EVERY = 0.5  # seconds between looks
ANSWER = 3.0  # seconds for a server to answer; one that is suspended never does

NO_WORKERS: Final[Mapping[str, float]] = MappingProxyType({})

SILENT = (
    "is it suspended, or the machine very busy? `tutorial server stop` ends it, and "
    "`lab = await open_lab(...)` starts a new one"
)

_Result = TypeVar("_Result")


async def result_with_care(
    handle: WorkflowHandle[Any, _Result],
    *,
    timeout: float,
    check_server: Callable[[], None],
    manned: Mapping[str, float] = NO_WORKERS,
    gone: Collection[str] = (),
    patience: float = PATIENCE,
    over: Callable[[int, float], bool] | None = None,
) -> _Result:
    """`handle.result()`, but a wait that will not end is an error that names the reason.

    Args:
        handle: The execution.
        timeout: Seconds to wait at most.
        check_server: Raises when the server has gone.
        manned: Task queues that do have workers, with when the latest of each was started, by the server's
            clock: to name the likely typo, and to know a failure that is older than the worker.
        gone: Identities of workers known to have ended; the server lists them as pollers for minutes.
        patience: Seconds that a hopeless state must hold before it is an error.
        over: Decides instead of `timeout`, after each look, whether to wait no longer. Gets how far the
            execution is (`progress`), and how many seconds the look took.

    Raises:
        WorkflowStuckError: When there can be no result, or at the deadline: what was seen and what to try.
        ServerGoneError: When the server ends while waiting, or does not answer at the deadline.
        WorkflowFailureError: As `handle.result()` does.
    """
    waiting = asyncio.ensure_future(handle.result())
    start = time.monotonic()
    look = Look(handle, manned, gone)
    asked_anew = set[str]()
    last: Diagnosis | None = None
    since = start
    try:
        while True:
            left = LOOK_EVERY if over is not None else start + timeout - time.monotonic()
            done, _ = await asyncio.wait({waiting}, timeout=max(0.0, min(LOOK_EVERY, left)))
            check_server_unless_done(check_server, waiting)
            if done:
                return waiting.result()
            diagnosis = None
            looked = time.monotonic()
            with contextlib.suppress(TimeoutError):  # a server that is suspended: it may come back
                async with asyncio.timeout(ANSWER):
                    diagnosis = await look()
            if look.ended and look.ended not in asked_anew and not waiting.done():
                asked_anew.add(look.ended)
                waiting.cancel()
                waiting = asyncio.ensure_future(handle.result())
                await asyncio.wait({waiting}, timeout=ANSWER)
                continue
            if diagnosis != last:
                last, since = diagnosis, time.monotonic()
            late = time.monotonic() - start >= timeout
            if over is not None:
                late = over(look.progress, time.monotonic() - looked)
            if last and last.hopeless and (late or time.monotonic() - since >= patience):
                raise WorkflowStuckError(f"{look.name} waits: {last.seen}", last.hint, diagnosis=last)
            if late:
                await check_answers(look.client, check_server)
                last = last or await look.unattended()
                raise WorkflowStuckError(
                    f"{look.name} is still running after {timeout:g} s" + (f": {last.seen}" if last else ""),
                    last.hint
                    if last
                    else "give `lab.result` a longer `timeout`, or look at it with `lab.ui(handle)`",
                    diagnosis=last or Diagnosis(Stuck.DEADLINE),
                )
    finally:
        await give_up(waiting)


def check_server_unless_done(check_server: Callable[[], None], waiting: asyncio.Future[Any]) -> None:
    """A result that is there counts, even if the server has gone since."""
    if not waiting.done() or (not waiting.cancelled() and isinstance(waiting.exception(), RPCError)):
        check_server()


async def check_answers(client: Client, check_server: Callable[[], None]) -> None:
    """Raise if the server has gone or does not answer: then a deadline means nothing for anybody's code.

    Args:
        client: Client of the server.
        check_server: Raises when the server is known to have gone.

    Raises:
        ServerGoneError: With how it ended, or that it does not answer.
    """
    check_server()
    try:
        async with asyncio.timeout(ANSWER + 1):
            await client.workflow_service.get_system_info(
                GetSystemInfoRequest(), timeout=timedelta(seconds=ANSWER)
            )
    except (RPCError, TimeoutError):
        check_server()  # its keeper may have needed a moment to notice
        address = client.service_client.config.target_host
        raise ServerGoneError(f"the Temporal server at {address} does not answer", SILENT) from None


def check_answers_now(client: Client, check_server: Callable[[], None]) -> None:
    """`check_answers` for code that blocks: on a loop of its own.

    Args:
        client: Client of the server.
        check_server: Raises when the server is known to have gone.

    Raises:
        ServerGoneError: With how it ended, or that it does not answer.
    """
    run_apart("does the server answer?", lambda: check_answers(client, check_server))


def waits_for_now(
    handle: WorkflowHandle[Any, Any], *, manned: Mapping[str, float], gone: Collection[str]
) -> str:
    """What an execution waits for, looked at once, for code that blocks: on a loop of its own.

    Args:
        handle: The execution.
        manned: As for `result_with_care`.
        gone: As for `result_with_care`.

    Returns:
        What is seen, and below it what to try; "" if there is no such execution, or no server that answers.
    """

    async def looked() -> str:
        with contextlib.suppress(RPCError, TimeoutError):
            async with asyncio.timeout(ANSWER):
                return await _looked_at(Look(handle, manned, gone))
        return ""

    return run_apart("what does it wait for?", looked)


async def _looked_at(look: Look) -> str:
    diagnosis = await look() or await look.unattended()
    # The server still lists the pending task of an execution that was terminated.
    if look.ended or diagnosis is None:
        status = (await look.handle.describe()).status
        now = f"has ended ({status.name})" if look.ended and status is not None else "is RUNNING"
        return f"{look.name} {now}, and what was awaited has not come"
    return f"{look.name} waits: {diagnosis.seen}\n  → {diagnosis.hint}"
