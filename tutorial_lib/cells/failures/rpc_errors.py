"""An SDK call in a cell that found no server: the SDK's own error, and below it what the course knows.

RPCError ──IPython asks how to show itself──> the usual traceback + what the stage knows of the server

Code that catches the error sees nothing of this: neither its type nor its text is another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from temporalio.client import RPCTimeoutOrCancelledError
from temporalio.service import RPCError, RPCStatusCode

from tutorial_lib.cells import ipython
from tutorial_lib.cells.patches import Patches

__all__ = ["Advisor", "install", "set_advisor"]

Advisor: TypeAlias = Callable[[bool], str]
"""Says what is wrong with the server, "" if nothing is; asks it, if it is in doubt that it answers."""

# Other answers come from a server: the course's, or one that has its port by now.
_IN_DOUBT = {
    RPCStatusCode.CANCELLED,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.INTERNAL,
    RPCStatusCode.RESOURCE_EXHAUSTED,
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.UNKNOWN,
}
_advisors: list[Advisor] = []


def set_advisor(advisor: Advisor) -> None:
    """Names who knows about the server, in place of whoever did before."""
    _advisors[:] = [advisor]


def install(patches: Patches) -> None:
    """Puts the advice in force; undoing the patches ends it."""
    for kind in (RPCError, RPCTimeoutOrCancelledError):
        patches.set(kind, "_render_traceback_", _rendered)


def _rendered(error: BaseException) -> list[str]:
    """The lines that IPython shows: its own, and below them the advice, if there is any."""
    lines = ipython.traceback_lines(error)
    in_doubt = not isinstance(error, RPCError) or error.status in _IN_DOUBT
    advice = _advisors[0](in_doubt) if _advisors else ""
    return [*lines, "", advice] if advice else lines
