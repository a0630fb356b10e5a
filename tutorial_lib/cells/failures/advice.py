"""What to do where a workflow's code fails by the sandbox or an import, in one sentence: the cure."""

from __future__ import annotations

import ast
import linecache
import traceback
from types import ModuleType
from typing import Any

import temporalio.client
import temporalio.common
import temporalio.exceptions
from temporalio.worker.workflow_sandbox import RestrictedWorkflowAccessError

from tutorial_lib.cells.program.slice import decorator_names
from tutorial_lib.cells.program.statements import parse
from tutorial_lib.cells.source_files import is_own

_TIME = "`workflow.now()` is the workflow's time"
_INSTEAD = {
    "datetime": _TIME,
    "time": _TIME,
    "random": "`workflow.random()` is the workflow's dice",
    "uuid": "`workflow.uuid4()` gives the workflow an id",
}
_IMPORT = (
    "this import fails inside the sandbox, in a project as well: put it under "
    "`with workflow.unsafe.imports_passed_through():`"
)
_RELATIVE = (
    "a file that is run is no part of its package in the sandbox, in a project as well: name the package, "
    "as in `from package.module import ...`, or keep workflows in a module of their own"
)
_RUNS_AGAIN = "this line runs again whenever a worker loads the workflow, in a project as well; in its code"
_IMPORTS = {
    "asyncio": "import asyncio",
    # What an `await` raises; Temporal's own of this name is a cause.
    "CancelledError": "from asyncio import CancelledError",
    "timedelta": "from datetime import timedelta",
    "activity": "from temporalio import activity",
    "workflow": "from temporalio import workflow",
}
_EXPORTING: tuple[ModuleType, ...] = (temporalio.exceptions, temporalio.common, temporalio.client)
_GENERATED = "<string>"  # where dataclasses, attrs and named tuples keep the code that they make


def advice(error: BaseException, *, loading: bool = False) -> str:
    """What to do about an error of a workflow's code; "" where the error is enough.

    Args:
        error: What was raised in the sandbox.
        loading: Whether it was raised when the worker loaded the workflow, before any run.
    """
    frames = traceback.extract_tb(error.__traceback__)
    own = [index for index, frame in enumerate(frames) if is_own(frame.filename)]
    if not own or isinstance(error, NameError):
        return _import_of(error) if own else ""
    last = frames[own[-1]]
    refused = isinstance(error, RestrictedWorkflowAccessError)
    name = str(getattr(error, "qualified_name", "")).partition(".")[0]
    instead = _INSTEAD.get(name, "an activity may do that")
    if loading and any(_is_import(frames[index].line or "") for index in own):
        return _RELATIVE if "attempted relative import" in str(error) else _IMPORT
    if loading:
        return f"{_RUNS_AGAIN} {instead}, and what an activity returns is kept" if refused else ""
    activity = _activity_at(last.filename, last.lineno or 0) if refused else ""
    if activity:
        return f"`{activity}` is an activity: `workflow.execute_activity({activity}, ...)` runs it"
    if refused and any(frame.filename == _GENERATED for frame in frames[own[-1] :]):
        return f"a field's default factory runs in the workflow that makes the object: {instead}"
    return ""


def _import_of(error: BaseException) -> str:
    """The import of a name that workflow code often needs; "" if it is none."""
    name = str(getattr(error, "name", ""))
    line = _IMPORTS.get(name, "")
    for module in _EXPORTING:
        if not line and not name.startswith("_") and isinstance(getattr(module, name, None), type):
            line = f"from {module.__name__} import {name}"
    return f"import it first: `{line}`" if line else ""


def _is_import(line: str) -> bool:
    return line.startswith(("import ", "from "))


def _activity_at(filename: str, line: int) -> str:
    """The name of the activity whose body a line is in."""
    for node in ast.walk(parse("".join(linecache.getlines(filename)))):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or not _holds(node, line):
            continue
        if any("activity.defn" in each for each in decorator_names(node)):
            return node.name
    return ""


def _holds(node: Any, line: int) -> bool:
    return bool(node.lineno <= line <= (node.end_lineno or node.lineno))
