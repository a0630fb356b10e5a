"""Run All as JupyterLab does it: all cells are sent to the kernel at once.

What fails only then (a cell that never finishes because the next one is already queued) is
seen by no tool that sends one cell at a time, as nbclient and nbval do.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from typing import IO, Any

import nbformat
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from nbformat import NotebookNode

from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.headless.kernel_managers import FileKernelManager
from tutorial_lib.authoring.headless.run_result import (
    STARTUP_SECONDS,
    CellError,
    RunResult,
    ThisPython,
    cell_error,
    death,
    process_of,
)
from tutorial_lib.authoring.headless.unattended import unattended

__all__ = ["run_queued"]

_OUTPUTS = ("stream", "display_data", "execute_result", "error")
_output_from_message: Any = nbformat.v4.output_from_msg  # untyped


def run_queued(
    result: RunResult, timeout: float, report: Callable[[int, int], None], stderr: IO[bytes]
) -> tuple[CellError | None, tuple[int, ...]]:
    """Executes `result.notebook` in place; returns the first error and the cells that never finished.

    Args:
        result: The run to fill.
        timeout: Seconds without any cell finishing after which the rest count as unfinished.
        report: Called with (finished, total).
        stderr: Where the kernel process writes.
    """
    cells = committed_form.code_cells(result.notebook)
    manager = FileKernelManager(kernel_spec_manager=ThisPython())
    manager.start_kernel(cwd=str(result.folder), stderr=stderr, env=unattended())
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=STARTUP_SECONDS)
        run = _Queue(client, cells)
        run.wait(manager, timeout, report)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return run.error, tuple(sorted(run.waiting.values()))


class _Queue:
    """The cells of one notebook, all sent, and what has been returned so far."""

    def __init__(self, client: BlockingKernelClient, cells: list[NotebookNode]) -> None:
        self.client = client
        self.cells = cells
        self.error: CellError | None = None
        # As JupyterLab: an error stops the queue, but not that of a cell that is meant to raise.
        self.numbers = {
            client.execute(cell.source, stop_on_error=not _may_raise(cell), allow_stdin=False): number
            for number, cell in enumerate(cells, start=1)
        }
        self.waiting = dict(self.numbers)

    def wait(self, manager: KernelManager, timeout: float, report: Callable[[int, int], None]) -> None:
        """Takes messages until all cells are done, the kernel is dead, or nothing finishes any more."""
        deadline = time.monotonic() + timeout
        while self.waiting:
            before = len(self.waiting)
            try:
                self.take(self.client.get_iopub_msg(timeout=0.5))
            except queue.Empty:
                if not manager.is_alive():
                    dead = death(process_of(manager))
                    self.fail(min(self.waiting.values()), f"{dead} in this cell or one queued behind it")
                    return
            if len(self.waiting) < before:
                # Each cell has its own deadline: it starts when the one before has finished.
                deadline = time.monotonic() + timeout
                report(len(self.cells) - len(self.waiting), len(self.cells))
            elif time.monotonic() > deadline:
                behind = f", nor did {before - 1} behind it" if before > 1 else ""
                self.fail(
                    min(self.waiting.values()), f"not finished after {timeout:g} s{behind} (all sent at once)"
                )
                return

    def take(self, message: dict[str, Any]) -> None:
        """Books one message of the kernel's output channel."""
        identity = message["parent_header"].get("msg_id")
        if identity not in self.numbers:
            return
        number, kind, content = self.numbers[identity], message["msg_type"], message["content"]
        cell = self.cells[number - 1]
        if kind == "execute_input":
            cell.execution_count = content["execution_count"]
        elif kind in _OUTPUTS:
            cell.outputs.append(_output_from_message(message))
            if kind == "error" and not _may_raise(cell):
                self.fail(number, f"{content['ename']}: {content['evalue']}")
        elif kind == "status" and content["execution_state"] == "idle":
            self.waiting.pop(identity, None)

    def fail(self, number: int, message: str) -> None:
        """Keeps the first error only: later ones follow from it."""
        self.error = self.error or cell_error(self.cells, number, message)


def _may_raise(cell: NotebookNode) -> bool:
    return "raises-exception" in cell.metadata.get("tags", [])
