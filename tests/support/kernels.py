"""A real kernel to break: cells sent one by one or all at once, as nbval and JupyterLab do."""

from __future__ import annotations

import os
import queue
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jupyter_client import BlockingKernelClient, KernelManager

from tests.support.waiting import BACKSTOP
from tutorial_lib.authoring.headless.kernel_managers import FileKernelManager

OPEN = '%load_ext tutorial_lib\nfrom tutorial_lib import open_lab\nlab = await open_lab("{name}")'

DEFINE = """
from datetime import timedelta
from temporalio import activity, workflow

@activity.defn
async def greet(name: str) -> str:
    return f"Hello, {name}!"

@workflow.defn
class Greeting:
    @workflow.run
    async def run(self, name: str) -> str:
        return await workflow.execute_activity(greet, name, start_to_close_timeout=timedelta(seconds=10))

@workflow.defn
class Approval:
    def __init__(self) -> None:
        self.approved = False

    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: self.approved)
        return "approved"

    @workflow.signal
    def approve(self) -> None:
        self.approved = True
"""


@dataclass
class Ran:
    """What one cell gave.

    Attributes:
        text: Everything it printed or returned as plain text.
        error: "Name: message" of its error, or None.
        shown: What the notebook shows of that, without colours.
    """

    text: str = ""
    error: str | None = None
    shown: str = ""


@dataclass
class Kernel:
    """A running kernel."""

    manager: KernelManager
    client: BlockingKernelClient

    @property
    def pid(self) -> int:
        return self.manager.provisioner.pid

    def run(self, source: str, seconds: float = BACKSTOP) -> Ran:
        """One cell, awaited."""
        return self.run_all([source], seconds)[0]

    def run_all(self, sources: Sequence[str], seconds: float = BACKSTOP) -> list[Ran]:
        """Cells sent at once; asserts that each finishes, and none is silent for so long."""
        return self.collect(self.send(sources), seconds)

    def send(self, sources: Sequence[str]) -> list[str]:
        """Queue cells without waiting. Returns their message ids."""
        return [self.client.execute(source) for source in sources]

    def collect(self, ids: Sequence[str], seconds: float = BACKSTOP) -> list[Ran]:
        """What queued cells gave; asserts that each finishes, and none is silent for so long."""
        ran = {message_id: Ran() for message_id in ids}
        open_cells = set(ids)
        while open_cells:
            try:
                message = self.client.get_iopub_msg(timeout=seconds)
            except queue.Empty:
                raise AssertionError(
                    f"cells {[ids.index(i) + 1 for i in open_cells]} never finished"
                ) from None
            cell = ran.get(message["parent_header"].get("msg_id"))
            if cell is None:
                continue
            content = message["content"]
            if message["msg_type"] == "stream":
                cell.text += content["text"]
            elif message["msg_type"] in {"execute_result", "display_data"}:
                cell.text += content["data"].get("text/plain", "") + "\n"
            elif message["msg_type"] == "error":
                cell.error = f"{content['ename']}: {content['evalue']}"
                cell.shown = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(content["traceback"]))
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                open_cells.discard(message["parent_header"]["msg_id"])
        return [ran[message_id] for message_id in ids]


@contextmanager
def kernel(state_dir: Path, cwd: Path | None = None, **environment: str) -> Iterator[Kernel]:
    """A kernel whose server is that of a state directory."""
    manager = FileKernelManager(kernel_name="python3")
    variables = {**os.environ, "TUTORIAL_STATE_DIR": str(state_dir), **environment}
    manager.start_kernel(env=variables, cwd=str(cwd or state_dir.parent), stderr=-3)
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=BACKSTOP)
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
