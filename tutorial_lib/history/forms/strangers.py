"""What is given in place of an execution or its history, and what to give instead."""

from __future__ import annotations

import inspect
from typing import Final

from tutorial_lib import sdk

_HANDLE: Final = "lab.client.get_workflow_handle"
_OF_ACTIVITY: Final = (
    "an activity, which has no event history of its own: it is in that of the workflow that called it",
    f"give the workflow's handle: {_HANDLE}(WORKFLOW_ID); `await handle.describe()` tells of a lone activity",
)
_OTHER_HANDLES: Final = {
    "ActivityHandle": _OF_ACTIVITY,
    "AsyncActivityHandle": _OF_ACTIVITY,
    "WorkflowUpdateHandle": (
        "an update, whose events are in its workflow's history",
        f"give the workflow's handle: {_HANDLE}(handle.workflow_id)",
    ),
    "ScheduleHandle": (
        "a schedule, which has no event history: each run that it starts has one",
        f"`await handle.describe()` names its latest runs; give one: {_HANDLE}(WORKFLOW_ID)",
    ),
}


def instead_of(given: object) -> tuple[str, str]:
    """What was given, and what to give instead: a sentence each.

    Args:
        given: Something that is no history.
    """
    kind = type(given).__name__
    if kind in _OTHER_HANDLES:
        what, cure = _OTHER_HANDLES[kind]
        return f"this is the handle of {what}", cure
    if inspect.iscoroutine(given):
        given.close()  # else Python warns of it as well
        return (
            f"this is a call of {given.__qualname__} that nobody awaited",
            "write await before it: handle = await lab.client.start_workflow(...)",
        )
    if sdk.is_workflow(given):
        name = getattr(given, "__name__", kind)
        return (
            f"{name} is a workflow class, not an execution",
            f"first the execution, then the class: await lab.step_through(handle, {name})",
        )
    return (
        f"this is no history but type {kind}",
        "give a WorkflowHistory, JSON or the path of a .json file; `await lab.history(handle)` for a handle",
    )


def instead_of_handle(given: object) -> tuple[str, str]:
    """The same where only the handle of a workflow execution will do.

    Args:
        given: Something that is no such handle.
    """
    if isinstance(given, str):
        return f"{given!r} is a text, not a handle", f"give the handle of that id: {_HANDLE}({given!r})"
    if type(given).__name__ in _OTHER_HANDLES or inspect.iscoroutine(given):
        return instead_of(given)
    what = f"{getattr(given, '__name__', given)} is a workflow class" if sdk.is_workflow(given) else ""
    return (
        f"{what or f'this is type {type(given).__name__}'}, not the handle of an execution",
        "give what start_workflow returned: handle = await lab.client.start_workflow(...)",
    )


def is_workflow_id(text: str) -> bool:
    """Whether a text that names no file may well be a workflow id: it has nothing of a path."""
    return 0 < len(text) <= 200 and not any(each in text for each in "\0/\\\n") and "." not in text[-6:]  # noqa: PLR2004
