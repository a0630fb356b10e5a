"""An SDK call that fails in a cell: the SDK's own error at the cell's line, and what the course knows.

    RPCError ──IPython asks how to show itself──> the cell's own lines, the error, and below it
        no server is there             what the stage knows of it
        the execution has ended        so nothing reaches it: start it again
        its id is taken                which policies of a start decide
        its time is over               what the execution waits for that was called
        a handler has failed           nothing more

Code that catches the error sees nothing of this: neither its type nor its text is another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from temporalio.client import (
    RPCTimeoutOrCancelledError,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
    WorkflowUpdateFailedError,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from tutorial_lib.cells.failures.late import waits_for
from tutorial_lib.cells.failures.uncaught import own_lines
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
_LATE = {RPCStatusCode.CANCELLED, RPCStatusCode.DEADLINE_EXCEEDED}
_ENDED = "workflow execution already completed"  # what the server says of a signal to one that is over
_advisors: list[Advisor] = []


def set_advisor(advisor: Advisor) -> None:
    """Names who knows about the server, in place of whoever did before."""
    _advisors[:] = [advisor]


def install(patches: Patches) -> None:
    """Puts the advice in force; undoing the patches ends it."""
    for kind in (RPCError, RPCTimeoutOrCancelledError):
        patches.set(kind, "_render_traceback_", _rendered)
    for handlers in (WorkflowQueryFailedError, WorkflowQueryRejectedError, WorkflowUpdateFailedError):
        patches.set(handlers, "_render_traceback_", own_lines)
    patches.set(WorkflowAlreadyStartedError, "_render_traceback_", _taken)


def _rendered(error: BaseException) -> list[str]:
    """The lines that IPython shows: down to the cell's own, and below them the advice, if there is any."""
    lines = own_lines(error)
    if isinstance(error, RPCError) and error.message == _ENDED:
        return [*lines, "  → this execution has ended, and nothing reaches it any more: start it again first"]
    in_doubt = not isinstance(error, RPCError) or error.status in _IN_DOUBT
    advice = (_advisors[0](in_doubt) if _advisors else "") or (waits_for(error) if _is_late(error) else "")
    return [*lines, "", advice] if advice else lines


def _is_late(error: BaseException) -> bool:
    """Whether a call took longer than its caller waited."""
    return not isinstance(error, RPCError) or error.status in _LATE


def _taken(error: WorkflowAlreadyStartedError) -> list[str]:
    """The lines that IPython shows of a start that was refused."""
    hint = (
        f"  → the id {error.workflow_id!r} is taken: `id_conflict_policy`, for an open execution, and "
        "`id_reuse_policy`, for a closed one, decide what a start does then"
    )
    return [*own_lines(error), hint]
