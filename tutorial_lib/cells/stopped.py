"""What a cell shows when the Stop button has ended it: one line, with the workers that ended with it.

A worker that the cell itself holds (`async with Worker(...)`, `await worker.run()`, `asyncio.run(main())`)
ends with the cell; one of another cell continues. Which is which shows in whether it ran at the Stop and
does not now.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable

from temporalio.worker import Worker

from tutorial_lib import sdk
from tutorial_lib.cells.made_workers import running_here

__all__ = ["STOPPED", "forget", "note", "stopped", "waits_for"]

STOPPED = "Stopped. Workers, workflows and the server go on."

_ran: weakref.WeakSet[Worker] = weakref.WeakSet()  # at the Stop


def forget() -> None:
    """A cell begins: nothing has stopped it yet."""
    _ran.clear()


def note() -> None:
    """Stop was pressed: notes the workers that run now."""
    _ran.update(running_here())


def stopped() -> str:
    """The line: what ended with the cell, and what did not."""
    ended = _named(each for each in _ran if not each.is_running)
    if not ended:
        return STOPPED
    return f"Stopped, and this cell's {ended} with it. Other workers, workflows and the server go on."


def waits_for() -> str:
    """Why the cell has not ended yet, in one line: activities of its worker; "" if that is not why."""
    for each in _ran:
        if each.is_running and sdk.ends_activities(each) and (running := sdk.running_activities(each)):
            names = _listed(f"`{name}`" for name in running)
            what = "activity" if len(set(running)) == 1 else "activities"
            return f"Stopping: this cell's {_named([each])} waits for its {what} {names} to end."
    return ""


def _named(workers: Iterable[Worker]) -> str:
    """`worker on 'a'`, `workers on 'a' and 'b'`; "" for none."""
    queues = [repr(each.task_queue) for each in workers]
    return f"worker{'s' * (len(queues) > 1)} on {_listed(queues)}" if queues else ""


def _listed(names: Iterable[str]) -> str:
    *before, last = sorted(set(names))
    return f"{', '.join(before)} and {last}" if before else last
