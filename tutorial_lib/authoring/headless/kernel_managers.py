"""Kernel managers for kernels without a learner in front of them: they listen on files, and remember nothing.

Jupyter looks for five free ports, and the kernel takes them a second later. Where many kernels start at the
same time, as in tests, another one has sometimes taken one of them meanwhile; the kernel then ends with
"Address already in use", and its client waits for ever (seen in a run of all tests beside another).

IPython keeps each cell that a user has run in a file in their home, for `%history` and the arrow keys. What a
check runs is nobody's: tests had put 75 MB of cells there, each written to the disk before the next one ran.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from pathlib import Path

from jupyter_client.manager import AsyncKernelManager, KernelManager
from traitlets import HasTraits, default

__all__ = ["AsyncFileKernelManager", "FileKernelManager"]

_LONGEST = 90  # bytes of a socket's path, with what Jupyter appends; 104 on macOS, 108 on Linux


def _connection_file() -> str:
    return str(Path(tempfile.gettempdir()) / f"kernel-{uuid.uuid4().hex[:12]}.json")


def _transport() -> str:
    usable = os.name != "nt" and len(os.fsencode(_connection_file())) < _LONGEST
    return "ipc" if usable else "tcp"


_NO_HISTORY = "--HistoryManager.enabled=False"


class _OnFiles(HasTraits):
    @default("transport")
    def _file_transport(self) -> str:
        return _transport()

    @default("connection_file")
    def _file_of_its_own(self) -> str:
        return _connection_file()

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        """The command that starts the kernel.

        Args:
            extra_arguments: What is added to that of its kernelspec.
        """
        command: list[str] = super().format_kernel_cmd([*(extra_arguments or []), _NO_HISTORY])  # type: ignore[misc]
        return command


class FileKernelManager(_OnFiles, KernelManager):
    """Starts a kernel whose sockets are files in the temporary folder; ports on Windows."""


class AsyncFileKernelManager(_OnFiles, AsyncKernelManager):
    """The same, for callers with an event loop."""
