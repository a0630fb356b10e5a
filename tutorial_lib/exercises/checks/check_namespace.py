"""Where checks run: a namespace of their own on the course's server, found once a kernel."""

from __future__ import annotations

import asyncio
import itertools
import secrets

from temporalio.client import Client

from tutorial_lib.stage.namespaces import make_namespace, terminate_leftovers
from tutorial_lib.stage.opening import course_server
from tutorial_lib.stage.server.registration import ServerRegistration
from tutorial_lib.stage.target import Target, external_target

__all__ = ["NAMESPACE", "check_client", "check_server", "fresh_name"]

NAMESPACE = "exercises"
_numbers = itertools.count(1)
_own = secrets.token_hex(2)  # of this kernel: the server remembers what an earlier one ran
_known: dict[str, tuple[ServerRegistration | None, Client]] = {}


async def check_client() -> Client:
    """A client of the namespace for checks; on a profile's service, of the profile's namespace.

    Raises:
        ServerError: If there is no server and none can be started.
    """
    known = _known.get(NAMESPACE)
    if known is not None and (known[0] is None or known[0].alive):
        return known[1]
    if (target := external_target()) is not None:
        hold = None
        client = await target.connect(target.namespace or "default")
    else:
        hold = await asyncio.to_thread(course_server, "exercises")
        namespace = hold.lease(NAMESPACE)
        client = await Target(hold.info.address).connect(namespace)
        await make_namespace(client, namespace)
        await terminate_leftovers(client)  # of a kernel that was killed in the middle of a check
    _known[NAMESPACE] = hold, client
    return client


def check_server() -> None:
    """Raise if the server of the checks has gone.

    Raises:
        ServerGoneError: With how it ended.
    """
    hold, _ = _known.get(NAMESPACE, (None, None))
    if hold is not None:
        hold.check()


def fresh_name(stem: str) -> str:
    """A name that no check had before, in this kernel or in another."""
    return f"{stem}-{_own}-{next(_numbers)}"
