"""A cell's own deadline that passed while it waited for an execution: what that waits for, in a few lines.

    TimeoutError: workflow 'order-1' waits: no worker polls 'orders-tq', where its workflow task is
      → start a worker on 'orders-tq'; the workflow goes on as soon as one polls
      Cell In[5], line 2: await until(order)
      Cell In[3], line 4: async with asyncio.timeout(30):

IPython itself shows a hundred lines of how the SDK waited. Where no execution was awaited, it does so still.
"""

from __future__ import annotations

import asyncio
import itertools
import linecache
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, TypeAlias

from temporalio.client import WorkflowHandle

from tutorial_lib.cells import ipython
from tutorial_lib.cells.failures.uncaught import handles_awaited, own_frames

__all__ = ["Doctor", "install", "set_doctor", "uninstall", "waits_for"]

Doctor: TypeAlias = Callable[[WorkflowHandle[Any, Any]], str]
"""Returns what an execution waits for, "" if that cannot be seen."""

_doctors: list[Doctor] = []


def set_doctor(doctor: Doctor) -> None:
    """Sets who knows what an execution waits for, in place of whoever did before."""
    _doctors[:] = [doctor]


def waits_for(error: BaseException) -> str:
    """What the execution waits for whose call an error has ended; "" if there is none, or nobody knows."""
    for handle in handles_awaited(error):
        if _doctors and (seen := _doctors[0](handle)):
            return seen
    return ""


def install(shell: Any) -> None:
    """Have the shell show it, unless the learner has it show such errors in a way of their own."""
    if shell is not None and not shell.custom_exceptions:
        shell.set_custom_exc((TimeoutError,), _show)


def uninstall(shell: Any) -> None:
    """Undoes `install`."""
    if shell is not None and shell.custom_exceptions == (TimeoutError,):
        shell.set_custom_exc((), None)


def _show(
    shell: Any, kind: type[BaseException], error: Any, traceback: TracebackType, **_tb_offset: Any
) -> None:
    if lines := _told(error):
        error._render_traceback_ = lambda: lines
    shell.showtraceback((kind, error, traceback), running_compiled_code=True)


def _told(error: BaseException) -> list[str]:
    """The few lines; none, if it is no deadline of asyncio's, or was not one of an execution."""
    if not isinstance(error.__cause__, asyncio.CancelledError) or not _doctors:
        return []
    frames = own_frames(error)
    for handle in itertools.chain(_handles(frames), handles_awaited(error)):
        if seen := _doctors[0](handle):
            ends = dict.fromkeys((_place(frames[0]), _place(frames[-1])))
            return ["\n".join([f"TimeoutError: {seen}", *(f"  {each}" for each in ends)])]
    return []


def _handles(frames: list[TracebackType]) -> Iterator[WorkflowHandle[Any, Any]]:
    """The executions that own code had in hand, what waited for one first."""
    for each in reversed(frames):
        frame = each.tb_frame
        # A cell's variables are all of the notebook's: those count that it names.
        names = frame.f_code.co_names if frame.f_locals is frame.f_globals else tuple(frame.f_locals)
        for name in names:
            if isinstance(found := frame.f_locals.get(name), WorkflowHandle):
                yield found


def _place(frame: TracebackType) -> str:
    filename = frame.tb_frame.f_code.co_filename
    code = linecache.getline(filename, frame.tb_lineno).strip()
    return f"{ipython.place(filename, frame.tb_lineno)}: {code}"
