"""Runs notebooks headless, each in a kernel of its own.

Two ways. One cell after the other, by nbclient, which sees a dead kernel at once. Or `queued`: all
cells sent at once, as JupyterLab's Run All does, which alone shows cells that never finish because
of the cells behind them.
"""

from __future__ import annotations

import atexit
import copy
import math
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.headless.kernel_managers import AsyncFileKernelManager
from tutorial_lib.authoring.headless.queued import run_queued
from tutorial_lib.authoring.headless.run_result import (
    DIED,
    STARTUP_SECONDS,
    CellError,
    RunResult,
    ThisPython,
    cell_error,
    death,
    process_of,
)
from tutorial_lib.authoring.headless.unattended import unattended

__all__ = ["CellError", "RunResult", "execute", "run_notebook"]

OnCell = Callable[[int, int], None]

_LAST_LINES = 5
# Of CPython's faulthandler, which lists all threads.
_CRASH, _CRASHED, _CRASH_LINES = "Fatal Python error", "Current thread", 40


def run_notebook(
    path: Path | str, *, timeout: float = 60.0, on_cell: OnCell | None = None, queued: bool = False
) -> RunResult:
    """Executes a notebook in its own folder and reports the result; never writes to the file.

    Args:
        path: The notebook.
        timeout: Seconds that one cell may take.
        on_cell: Called with (finished, total) numbers of code cells, first with (0, total).
        queued: Send all cells at once, as JupyterLab's Run All does.

    Raises:
        FileNotFoundError: There is no such file.
    """
    path = Path(path)
    return execute(committed_form.read(path), path, timeout=timeout, on_cell=on_cell, queued=queued)


def execute(
    notebook: NotebookNode,
    path: Path,
    *,
    timeout: float = 60.0,
    on_cell: OnCell | None = None,
    queued: bool = False,
) -> RunResult:
    """Executes a copy of a notebook that is no file, as if it was saved at a path.

    Args:
        notebook: The cells; left as they are.
        path: Where it would be: its folder is the kernel's.
        timeout: Seconds that one cell may take.
        on_cell: Called with (finished, total) numbers of code cells, first with (0, total).
        queued: Send all cells at once, as JupyterLab's Run All does.
    """
    notebook = copy.deepcopy(notebook)
    cells = committed_form.code_cells(notebook)
    for cell in cells:
        cell.execution_count, cell.outputs = None, []
    report = on_cell or (lambda _done, _total: None)
    report(0, len(cells))
    started = time.monotonic()
    result = RunResult(path, 0.0, len(cells), None, notebook)
    with tempfile.TemporaryFile() as stderr:
        runner = run_queued if queued else _run_in_order
        try:
            error, unfinished = runner(result, timeout, report, stderr)
        except RuntimeError as failure:  # Jupyter's own, when a kernel does not start
            error, unfinished = cell_error(cells, 0, f"{DIED} before its first cell: {failure}"), ()
        if error is not None and error.message.startswith(DIED):
            error = replace(error, message=error.message + _last_words(stderr))
    return replace(result, seconds=time.monotonic() - started, error=error, unfinished=unfinished)


def _run_in_order(
    result: RunResult, timeout: float, report: OnCell, stderr: IO[bytes]
) -> tuple[CellError | None, tuple[int, ...]]:
    cells = committed_form.code_cells(result.notebook)
    current, process = 0, None
    manager = AsyncFileKernelManager(kernel_spec_manager=ThisPython())

    def starts(cell: NotebookNode, cell_index: int) -> None:
        nonlocal current, process
        process = process_of(manager) or process
        if cell.cell_type == "code":
            current = 1 + next(
                i for i, other in enumerate(cells) if other is result.notebook.cells[cell_index]
            )

    def ends(**_: Any) -> None:
        report(current, len(cells))

    client = NotebookClient(
        result.notebook,
        # nbclient counts whole seconds.
        timeout=math.ceil(timeout),
        startup_timeout=STARTUP_SECONDS,
        km=manager,
        resources={"metadata": {"path": str(result.folder)}},
        record_timing=False,
        store_widget_state=False,
        on_cell_start=starts,
        on_cell_executed=ends,
    )
    try:
        # A manager that is handed in is left running, unless told.
        client.execute(stderr=stderr, cleanup_kc=True, env=unattended())
    except BaseException as error:
        # nbclient answers Ctrl-C by stopping the kernel, and trips over its absence in several ways.
        if hasattr(client, "_async_cleanup_kernel_future"):
            raise KeyboardInterrupt from None
        if isinstance(error, CellExecutionError):
            return cell_error(cells, current, f"{error.ename}: {error.evalue}"), ()
        if isinstance(error, CellTimeoutError):
            return cell_error(cells, current, f"not finished after {timeout:g} s"), (current,)
        if isinstance(error, DeadKernelError):
            return cell_error(cells, current, death(process)), (current,)
        raise
    finally:
        # A kernel that did not start is forgotten, but not that it is to be ended when this process does.
        atexit.unregister(client._cleanup_kernel)  # noqa: SLF001 - nbclient registers it, and unregisters it too late
    return None, ()


def _last_words(stderr: IO[bytes]) -> str:
    stderr.seek(0)
    lines = stderr.read().decode(errors="replace").strip().splitlines()
    # Every kernel on TCP says this one, also those that live.
    lines = [line for line in lines if "without encryption" not in line]
    return "".join(f"\n  {line}" for line in _crash(lines) or lines[-_LAST_LINES:])


def _crash(lines: list[str]) -> list[str]:
    """What happened, and what the thread that crashed was at, or other threads if it is none of Python's."""
    begin = next((at for at, line in enumerate(lines) if line.startswith(_CRASH)), len(lines))
    thread = next((at for at in range(begin, len(lines)) if lines[at].startswith(_CRASHED)), begin + 1)
    return [*lines[begin : begin + 1], *lines[thread : thread + _CRASH_LINES]]
