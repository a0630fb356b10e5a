"""Finds the workflow classes to replay a history with."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from tutorial_lib import sdk
from tutorial_lib.errors import HistoryError


def workflow_name(workflow: type) -> str | None:
    """The workflow type that a class runs; None for a dynamic workflow, which runs any.

    Raises:
        HistoryError: It is no workflow class.
    """
    definition = sdk.definition(workflow, sdk.WORKFLOW_MARK) if sdk.is_workflow(workflow) else None
    if definition is None:
        shown = getattr(workflow, "__name__", repr(workflow))
        raise HistoryError(
            f"{shown!r} is no workflow class", "give the class itself, the one with @workflow.defn"
        )
    name: str | None = definition.name
    return name


def notebook_workflows() -> list[type]:
    """The workflow classes of the notebook, or of the script that runs; as they are now."""
    found: Iterable[object] = vars(sys.modules["__main__"]).values()
    unique = {
        workflow: None for workflow in found if isinstance(workflow, type) and sdk.is_workflow(workflow)
    }
    return list(unique)


def workflows_for(workflow_type: str, given: Sequence[type] | None) -> list[type]:
    """The class to replay a workflow type with, alone in a list as `Replayer` takes it.

    Args:
        workflow_type: As the history has it.
        given: Classes to choose from; None for the notebook's.

    Raises:
        HistoryError: None of them runs this workflow type.
    """
    classes = notebook_workflows() if given is None else list(given)
    names = {workflow: workflow_name(workflow) for workflow in classes}
    # The newest wins: a cell that ran again left its older class under another name at most.
    for workflow in reversed(classes):
        if names[workflow] == workflow_type:
            return [workflow]
    dynamic = [workflow for workflow in classes if names[workflow] is None]
    if dynamic:
        return dynamic[-1:]
    if not classes:
        raise HistoryError(
            f"no class of workflow type {workflow_type!r} is known here to replay the history with",
            f"give the class that ran, as `step_through(handle, {workflow_type})`: "
            "import it, or run the cell with its @workflow.defn",
        )
    known = ", ".join(sorted(name or "" for name in names.values()))
    where = "this notebook's workflows" if given is None else "the given classes"
    raise HistoryError(
        f"the history is of workflow type {workflow_type!r}; {where} are: {known}",
        f"give the class that ran: @workflow.defn on a class {workflow_type}, or name={workflow_type!r}",
    )
