"""The result of a run of a notebook, and the kernel it runs in."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import ipykernel.kernelspec
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager
from nbformat import NotebookNode

from tutorial_lib import settings
from tutorial_lib.stage.server.process import how_ended

__all__ = [
    "DIED",
    "STARTUP_SECONDS",
    "CellError",
    "RunResult",
    "ThisPython",
    "cell_error",
    "death",
    "process_of",
]

STARTUP_SECONDS = 120
DIED = "the kernel died"

_PREVIEW_LINES = 4
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class CellError:
    """The first error of a run.

    Attributes:
        cell: Number of the code cell, from 1, as its prompt shows it; 0 when no cell was reached.
        source: First lines of the cell.
        message: What happened.
    """

    cell: int
    source: str
    message: str


@dataclass(frozen=True)
class RunResult:
    """What became of one notebook.

    Attributes:
        path: The file.
        seconds: From before the kernel's start to after its end.
        cells: Number of code cells.
        error: None if there was none.
        notebook: The notebook with the outputs of this run; the file is left as it is.
        unfinished: Numbers of the code cells that never finished (queued runs and time-outs).
    """

    path: Path
    seconds: float
    cells: int
    error: CellError | None
    notebook: NotebookNode
    unfinished: tuple[int, ...] = ()

    @property
    def folder(self) -> Path:
        """Where its kernel starts: beside the notebook, and for a lesson of the wheel in the current folder.

        What a lesson writes is not to be among installed packages.
        """
        folder = self.path.resolve().parent
        return Path.cwd() if settings.PACKAGE in folder.parents else folder

    @property
    def ok(self) -> bool:
        """Whether every cell ran as it should."""
        return self.error is None


class ThisPython(KernelSpecManager):
    """Knows one kernel: the Python that runs this code, whatever kernels the user has installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:  # noqa: ARG002 - overrides
        """The kernel of this environment."""
        return KernelSpec(**ipykernel.kernelspec.get_kernel_dict())


def cell_error(cells: list[NotebookNode], number: int, message: str) -> CellError:
    """The error of code cell `number` (from 1; 0: before any), with a preview of its source."""
    lines = cells[number - 1].source.splitlines() if number else []
    preview = "\n".join(lines[:_PREVIEW_LINES] + (["..."] if len(lines) > _PREVIEW_LINES else []))
    return CellError(number, preview, _ANSI.sub("", message))


def process_of(manager: KernelManager) -> subprocess.Popen[bytes] | None:
    """The kernel's process; None before its start and once its manager has cleaned up behind it."""
    process: subprocess.Popen[bytes] | None = getattr(manager.provisioner, "process", None)
    return process


def death(process: subprocess.Popen[bytes] | None) -> str:
    """The message of a kernel that has died.

    Args:
        process: The kernel's; None if it is not known, nor how it ended then.
    """
    code = process.poll() if process is not None else None
    return DIED if code is None else f"{DIED} (its process {how_ended(code)})"
