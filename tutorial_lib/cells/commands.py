"""`!command` in a cell: what it asks, nobody can answer, so it reads the end of its input.

ipykernel gives a command a terminal without a keyboard. One that asks, like `temporal workflow delete`, would
wait there for ever.
"""

from __future__ import annotations

import contextlib
import shlex
import sys
from typing import Any

from tutorial_lib.cells.patches import Patches

_SHELL = "ipykernel.zmqshell"
_DENIED = "user denied confirmation"  # the CLI's word for "no answer", too
ADVICE = "→ the CLI asked, and in a cell nobody can answer: with --yes it does not ask"


def install(patches: Patches) -> None:
    """Let commands of this kernel's cells read the end of their input where they ask something.

    Args:
        patches: Remembers what to undo. A shell in a terminal, and Windows, are left as they are.
    """
    shell = sys.modules.get(_SHELL)
    if shell is not None and sys.platform != "win32":
        # What `!` calls once the names in braces are put in.
        patches.set(shell, "system", _run)


def _run(command: str) -> int:
    """Run a command as IPython does, but for its input. Returns its exit code, or minus a signal's number."""
    # Not before a cell wants it: pexpect is what it imports.
    from IPython.utils._process_posix import ProcessHandler

    class Handler(ProcessHandler):
        sh = "/bin/sh"

    # The shell is the user's, as ever; only /bin/sh is sure to know this way to redirect.
    users = ProcessHandler().sh or "/bin/sh"
    heard = _Heard(sys.stdout)
    with contextlib.redirect_stdout(heard):
        code = Handler().system(f"exec {shlex.quote(users)} -c {shlex.quote(command)} </dev/null")
    if _DENIED in heard.end:
        print(ADVICE)  # noqa: T201 - below what the command said
    return code


class _Heard:
    """Passes on what is written, and keeps the end of it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.end = ""

    def write(self, text: str) -> Any:
        self.end = (self.end + text)[-200:]
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
