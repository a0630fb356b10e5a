"""Waiting for something the learner does elsewhere: in the Web UI, in a terminal.

cell awaits ──polls visibility──> the learner's execution appears ──> its handle
     └── nobody does it in time (CI, Run All): the stand-in does, through the real CLI, and prints that
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import time
from collections.abc import Callable
from typing import Any

import ipywidgets
from temporalio.client import Client, WorkflowHandle

from tutorial_lib import settings
from tutorial_lib.errors import SettingError, TutorialError
from tutorial_lib.stage.cli import CliResult
from tutorial_lib.stage.wait_for_result import ANSWER, check_answers

_POLL = 0.2  # seconds between looks
_LAST_MINUTES = 2  # from here on it counts seconds


class WaitingLight(ipywidgets.VBox):
    """A line that waits with you, and a button for those who do not want to wait.

    Args:
        text: What is waited for.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._line = ipywidgets.HTML()
        self.skip = ipywidgets.Button(
            description="Start it for me", tooltip="the stand-in starts one through the CLI"
        )
        super().__init__([self._line, self.skip])

    def __repr__(self) -> str:
        return f"waiting for you: {self._text}"

    def count(self, seconds: float) -> None:
        """Show how long is left."""
        minutes = round(seconds / 60)  # no clock that ticks at somebody who types
        left = f"{seconds:.0f} s left" if minutes < _LAST_MINUTES else f"no hurry: {minutes} minutes left"
        self._line.value = f"{html.escape(self._text)} <i>({left})</i>"

    def done(self, text: str) -> None:
        """Show how it ended."""
        self._line.value = f"✓ {html.escape(text)}"
        self.skip.layout.display = "none"


async def wait_for_start(
    client: Client,
    query: str,
    *,
    what: str,
    stand_in: Callable[[], CliResult],
    check_server: Callable[[], None],
    patience: float | None = None,
) -> tuple[WorkflowHandle[Any, Any], CliResult | None]:
    """Wait until somebody starts a workflow; after a while the stand-in does it.

    Args:
        client: A client of the namespace.
        query: Visibility query that the execution matches; one that runs already counts.
        what: What the learner is to do, for the line above the button.
        stand_in: Starts one through the CLI.
        check_server: Raises when the server is known to have gone.
        patience: Seconds to wait; `TUTORIAL_PATIENCE`, else 600, if None.

    Returns:
        A handle of the execution, and what the stand-in printed if it had to step in.

    Raises:
        SettingError: If `TUTORIAL_PATIENCE` is no number of seconds.
        TutorialError: If even the stand-in's execution does not appear.
        ServerGoneError: If that is so because the server is not there.
    """
    from IPython.display import display

    if patience is None:
        patience = _patience()
    light = WaitingLight(what)
    asked = asyncio.Event()
    light.skip.on_click(lambda _: asked.set())
    light.count(patience)
    display(light)
    deadline = time.monotonic() + patience
    while (left := deadline - time.monotonic()) > 0 and not asked.is_set():
        if handle := await _find(client, query):
            light.done(f"{handle.id} is there")
            return handle, None
        light.count(left)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(_POLL, left)):
                await asked.wait()
    said = await asyncio.to_thread(stand_in)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if handle := await _find(client, query):
            light.done(f"the stand-in started {handle.id}")
            return handle, said
        await asyncio.sleep(0.05)
    await check_answers(client, check_server)
    raise TutorialError(f"nobody started a workflow that matches {query!r}", f"the stand-in said: {said}")


def _patience() -> float:
    """Seconds that the course's variable gives the learner."""
    variable = settings.PATIENCE
    try:
        return variable.seconds()
    except ValueError as error:
        raise SettingError(
            str(error),
            f"set it to a number such as 300, or unset it ({variable.default} then), "
            "and start JupyterLab again",
        ) from None


async def _find(client: Client, query: str) -> WorkflowHandle[Any, Any] | None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(ANSWER):  # a server that is suspended never answers
            async for execution in client.list_workflows(query, page_size=1):
                return client.get_workflow_handle(execution.id, run_id=execution.run_id)
    return None
