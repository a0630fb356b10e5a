"""What plain SDK calls in a cell do by default while the extension is loaded.

`Worker(...)` and `Replayer(...)` get a notebook runner where they would get the SDK's own plain sandbox;
clients and test servers are as `connecting` has it. Code pasted from Temporal's documentation runs as it is.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from functools import partial
from typing import Any

from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.worker import Replayer, Worker

from tutorial_lib.cells import connecting
from tutorial_lib.cells.failures.log import short_traceback
from tutorial_lib.cells.made_workers import note
from tutorial_lib.cells.patches import Patches
from tutorial_lib.cells.sandbox.runner import default_runner
from tutorial_lib.errors import TutorialError
from tutorial_lib.sdk import workflow_handle_of


def install(patches: Patches) -> None:
    """Puts the defaults in force; undoing the patches ends them."""
    patches.set(Worker, "__init__", _noted(_with_notebook_runner(Worker.__init__)))
    patches.set(Replayer, "__init__", _with_notebook_runner(Replayer.__init__))
    patches.set(
        WithStartWorkflowOperation, "__init__", _with_handle_asked_for(WithStartWorkflowOperation.__init__)
    )
    connecting.install(patches)


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


def _with_handle_asked_for(init: Callable[..., None]) -> Callable[..., None]:
    """An operation whose error, if its start is refused, is shown once: by the call that raises it."""
    # The SDK keeps it for `workflow_handle()`, too: asyncio shows what nobody asks for, in some later cell.

    @functools.wraps(init)
    def make(self: Any, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        workflow_handle_of(self).add_done_callback(lambda handle: handle.cancelled() or handle.exception())

    return make


def _noted(init: Callable[..., None]) -> Callable[..., None]:
    """A worker's making, noted: a replay of its runs has to know how it was made."""

    @functools.wraps(init)
    def make(self: Worker, client: Client, **kwargs: Any) -> None:
        init(self, client, **kwargs)
        note(self, client, kwargs)

    return make
