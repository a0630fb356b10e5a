"""A workflow that finished over a running handler, reported in two lines.

The SDK warns of it in ten lines, with a place in its own code and the update's random id, and of each
signal once a process. Here it reads, each time:

    HANDLERS CUT OFF, their workflow has finished: update `approve`
      [TMPRL1102] `run` can wait, last: `await workflow.wait_condition(workflow.all_handlers_finished)`

Whoever does not mind writes it at the handler, `unfinished_policy=ABANDON`, and hears nothing.
"""

from __future__ import annotations

import re
import warnings
from typing import TextIO

from temporalio import workflow

from tutorial_lib.cells.failures import unawaited
from tutorial_lib.cells.failures.log import to_latest_cell
from tutorial_lib.cells.patches import Patches

_KINDS: dict[type[Warning], str] = {
    workflow.UnfinishedUpdateHandlersWarning: "update",
    workflow.UnfinishedSignalHandlersWarning: "signal",
}
# How the SDK's text ends: [{"name": "approve", "id": "5c2f..."}], [{"name": "add", "count": 2}].
_NAME = re.compile(r'\{"name": "([^"]*)"')
_CURE = "`run` can wait, last: `await workflow.wait_condition(workflow.all_handlers_finished)`"


def install(patches: Patches) -> None:
    """Shortens these two warnings; every other one is shown as before."""
    before = warnings.showwarning

    def showwarning(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        kind = _KINDS.get(category)
        if kind is None or file is not None:
            before(message, category, filename, lineno, file, line)
        elif not unawaited.collecting():  # a check says itself what it has seen
            names = ", ".join(f"`{name}`" for name in dict.fromkeys(_NAME.findall(str(message))))
            told = f"HANDLERS CUT OFF, their workflow has finished: {kind} {names}\n  [TMPRL1102] {_CURE}"
            # It is said in the workflow's sandbox.
            with workflow.unsafe.sandbox_unrestricted():
                to_latest_cell(told)

    patches.set(warnings, "showwarning", showwarning)
    patches.set(warnings, "filters", list(warnings.filters))
    for category in _KINDS:
        warnings.simplefilter("always", category)
