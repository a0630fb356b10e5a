"""A real ipykernel that tests send cells to."""

from __future__ import annotations

import dataclasses
import os
import re
import textwrap
from collections.abc import Callable
from queue import Empty
from typing import Any, Self

from jupyter_client.blocking import BlockingKernelClient

from tests.support.waiting import BACKSTOP, wait_for
from tutorial_lib.authoring.headless.kernel_managers import FileKernelManager

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclasses.dataclass
class Output:
    """What one cell gave."""

    text: str = ""
    """Standard output and results."""
    displayed: str = ""
    """What it displayed, as plain text."""
    stderr: str = ""
    error: str = ""
    """The traceback as shown, without colours."""
    streams: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    """What was printed, in the order in which it came: the stream's name and a text."""
    finished: bool = False


class Kernel:
    """A kernel of this environment.

    Attributes:
        cells: How many cells it has run; the last one is In[cells].
    """

    def __init__(self, address: str) -> None:
        self.cells = 0
        self._manager = FileKernelManager()
        # Core's and other tests' settings must not leak in.
        env = {name: value for name, value in os.environ.items() if not name.startswith("TEMPORAL_")}
        self._manager.start_kernel(env={**env, "COURSE": address})
        self._client: BlockingKernelClient = self._manager.client()
        self._client.start_channels()
        try:
            self._client.wait_for_ready(timeout=BACKSTOP)
        except RuntimeError:
            self.__exit__()  # a kernel that cannot be reached is not left behind
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._manager.cleanup_resources()

    def run(self, code: str, *, cell_id: str | None = None) -> Output:
        """Runs one cell.

        Args:
            code: Its text.
            cell_id: Its id, as JupyterLab sends it. Without one, as nbclient and nbval do, none is sent.
        """
        return self.run_all([code], [cell_id])[0]

    def good(self, code: str) -> str:
        """Runs a cell that must not fail; returns its text without the last newline."""
        output = self.run(code)
        assert not output.error, output.stderr + output.error[-800:]
        return output.text.rstrip("\n")

    def stopped(self, *cells: str, when: Callable[[], bool], **options: bool) -> list[Output]:
        """Runs cells, and presses Stop as soon as something is so; returns their outputs.

        Args:
            cells: Their texts, sent at once.
            when: Asked again and again.
            options: Of an execute request, e.g. `stop_on_error=True`, as JupyterLab sends it.
        """
        ids = [self._send(textwrap.dedent(cell).strip("\n"), None, **options) for cell in cells]
        wait_for(when)
        self._manager.interrupt_kernel()
        return self._collect(ids)

    def _send(self, code: str, cell_id: str | None, *, stop_on_error: bool = False) -> str:
        client = self._client
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {},
                   "allow_stdin": False, "stop_on_error": stop_on_error}  # fmt: skip
        message = client.session.msg(
            "execute_request", content, metadata={"cellId": cell_id} if cell_id else {}
        )
        client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def run_until(
        self, code: str, printed: str, *, then: tuple[str, Callable[[], object]] | None = None
    ) -> Output:
        """Runs a cell and presses Stop as soon as it has printed something.

        Args:
            code: Its text.
            printed: What it is to print.
            then: What it is to print afterwards, and what is called as soon as it has.
        """
        identifier, output, stopped = self._send(textwrap.dedent(code).strip("\n"), None), Output(), False
        while not output.finished:
            try:
                message = self._client.get_iopub_msg(timeout=BACKSTOP)
            except Empty as silence:
                pressed = "Stop was pressed" if stopped else "Stop was not pressed yet"
                raise AssertionError(f"the kernel is silent, {pressed}: {output}") from silence
            if message["parent_header"].get("msg_id") == identifier:
                _add(output, message["msg_type"], message["content"])
            if printed in output.text and not stopped:
                self._manager.interrupt_kernel()
                stopped = True
            if then is not None and then[0] in output.text:
                then[1]()
        self.cells += 1
        return output

    def run_all(self, cells: list[str], cell_ids: list[str | None] | None = None) -> list[Output]:
        """Sends all cells at once, as JupyterLab's Run All does."""
        cell_ids = cell_ids or [None] * len(cells)
        ids = [self._send(textwrap.dedent(c).strip("\n"), i) for c, i in zip(cells, cell_ids, strict=True)]
        return self._collect(ids)

    def _collect(self, ids: list[str]) -> list[Output]:
        outputs = {identifier: Output() for identifier in ids}
        while not all(output.finished for output in outputs.values()):
            message = self._client.get_iopub_msg(timeout=BACKSTOP)
            output = outputs.get(message["parent_header"].get("msg_id"))
            if output is not None:
                _add(output, message["msg_type"], message["content"])
        self.cells += len(ids)
        return list(outputs.values())


def _add(output: Output, kind: str, content: dict[str, Any]) -> None:
    if kind == "stream":
        output.streams.append((content["name"], content["text"]))
    if kind == "stream" and content["name"] == "stderr":
        output.stderr += content["text"]
    elif kind == "stream":
        output.text += content["text"]
    elif kind == "execute_result":
        output.text += content["data"]["text/plain"] + "\n"
    elif kind == "display_data":
        output.displayed += content["data"].get("text/plain", "") + "\n"
    elif kind == "error":
        output.error += _COLOUR.sub("", "\n".join(content["traceback"]))
    elif kind == "status":
        output.finished = content["execution_state"] == "idle"
