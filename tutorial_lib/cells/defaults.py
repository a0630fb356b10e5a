"""What plain SDK calls in a cell do by default while the extension is loaded.

`Worker(...)` and `Replayer(...)` get a notebook runner where they would get the SDK's own plain
sandbox, and `Client.connect("localhost:7233")` finds the course's server. Code that is pasted from
Temporal's documentation runs as it is.
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import inspect
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from temporalio.client import Client
from temporalio.worker import Replayer, Worker

from tutorial_lib.cells.failures.log import short_traceback
from tutorial_lib.cells.patches import Patches
from tutorial_lib.cells.sandbox.runner import default_runner
from tutorial_lib.errors import TutorialError

AddressResolver = Callable[[str], str] | Callable[[str], Awaitable[str]]

# The addresses that every sample and page of documentation uses for "the dev server on this machine".
USUAL_ADDRESSES = ("localhost:7233", "127.0.0.1:7233")
_STAGE = "tutorial_lib.stage.opening"

_resolver: AddressResolver | None = None


def set_address_resolver(resolver: AddressResolver | None) -> None:
    """Chooses which server `Client.connect("localhost:7233")` means in a cell.

    Args:
        resolver: Takes the target host and returns the address to connect to; sync (it may block, it
            runs in a thread) or async. None asks the stage for the course's server.
    """
    global _resolver  # noqa: PLW0603 - one extension a process, one resolver
    _resolver = resolver


async def resolve_address(target_host: str) -> str:
    """The address to connect to for a target host of the learner's."""
    # Older samples write it as a URL, which the SDK still takes.
    if target_host.removeprefix("http://") not in USUAL_ADDRESSES:
        return target_host
    target_host = target_host.removeprefix("http://")
    resolver = _resolver or _stage_resolver()
    if resolver is None:
        return target_host
    if inspect.iscoroutinefunction(resolver):
        return str(await resolver(target_host))
    found = await asyncio.to_thread(resolver, target_host)
    return str(await found) if inspect.isawaitable(found) else str(found)


def _stage_resolver() -> AddressResolver | None:
    """The stage's own, found late: cells must work without the stage."""
    try:
        stage = importlib.import_module(_STAGE)
    except ModuleNotFoundError as error:
        if error.name and _STAGE.startswith(error.name):
            return None
        raise
    resolver: AddressResolver | None = getattr(stage, "course_address", None)
    return resolver


def install(patches: Patches) -> None:
    """Puts the defaults in force; undoing the patches ends them."""
    for made in (Worker, Replayer):
        patches.set(made, "__init__", _with_notebook_runner(made.__init__))
    patches.set(Client, "connect", classmethod(_with_resolved_address(vars(Client)["connect"].__func__)))


def _with_notebook_runner(init: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(init)
    def make(self: Any, *args: Any, **kwargs: Any) -> None:
        # A default argument would be one runner for all workers; each needs its own snapshots.
        kwargs["workflow_runner"] = default_runner(kwargs.get("workflow_runner"))
        try:
            init(self, *args, **kwargs)
        except RuntimeError as error:
            if isinstance(error.__cause__, TutorialError):
                raise error.__cause__ from None
            # IPython asks an exception how to show itself; the SDK's own traceback has 110 lines.
            error._render_traceback_ = partial(short_traceback, error)  # type: ignore[attr-defined]
            raise

    return make


def _with_resolved_address(connect: Callable[..., Awaitable[Client]]) -> Callable[..., Awaitable[Client]]:
    @functools.wraps(connect)
    async def connect_resolved(cls: type[Client], target_host: str, **kwargs: Any) -> Client:
        return await connect(cls, await resolve_address(target_host), **kwargs)

    return connect_resolved
