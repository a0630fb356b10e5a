"""A history while it grows: batches of events, as they arrive, from the first run to the last.

The follower lives on a thread and loop of its own, so that it keeps going while a cell blocks. It waits
in long polls, follows the runs of a chain (continue-as-new, retry, cron), holds out while the server is
away, and ends with the execution.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from tutorial_lib.background import Background
from tutorial_lib.errors import HistoryError
from tutorial_lib.history.codec import decoded, decodes
from tutorial_lib.history.decode import Decoder
from tutorial_lib.history.events import Event
from tutorial_lib.history.from_protobuf import RunReader
from tutorial_lib.history.kinds import CLOSING
from tutorial_lib.history.pages import EndError, Pages
from tutorial_lib.history.protobuf_values import moment

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FollowState:
    """Where a follower is.

    Attributes:
        workflow_id: Workflow id.
        run_id: The run being followed; "" until it is known.
        run: Index of that run in the chain.
        workflow_type: Type of the run; "" until it is known.
        task_queue: Task queue of the run.
        started: Start of the first run (UTC), where event times count from.
        status: "Running", or how the chain ended ("Completed", "Failed", ...).
        connected: Whether the server answered last time.
        ended: Whether the execution has ended.
        error: Why it ended early, or "".
    """

    workflow_id: str
    run_id: str = ""
    run: int = 0
    workflow_type: str = ""
    task_queue: str = ""
    started: datetime | None = None
    status: str = "Running"
    connected: bool = True
    ended: bool = False
    error: str = ""


OnEvents = Callable[[Sequence[Event], FollowState], None]


class Follower:
    """Follows an execution from its first event; starts at once.

    Args:
        client: Client of its namespace; it may be in use on other loops.
        workflow_id: Workflow id.
        run_id: First run to follow; the latest one if None.
        on_events: Called on the follower's thread with each batch and the state after it. Batches are in
            order and leave nothing out; one is empty when only the state has changed. The last one has
            `state.ended`, unless `stop` is called before.
        every: Seconds between batches at least.

    Attributes:
        state: The state after the latest batch.
    """

    def __init__(
        self,
        client: Client,
        workflow_id: str,
        run_id: str | None = None,
        *,
        on_events: OnEvents,
        every: float = 0.1,
    ) -> None:
        self.state = FollowState(workflow_id, run_id or "")
        self._client = client
        self._on_events = on_events
        self._every = every
        self._pending: list[Event] = []
        self._next = self.state  # what the state will be after the pending events
        self._sent = 0.0  # loop time of the latest batch
        self._timer: asyncio.TimerHandle | None = None
        self._zero: int | None = None
        self._stopping = threading.Event()
        self._thread = Background(f"follow {workflow_id}", self._follow)
        self._thread.start()

    def __repr__(self) -> str:
        return f"Follower({self.state.workflow_id!r}, {'following' if self.alive else 'ended'})"

    @property
    def alive(self) -> bool:
        """Whether events may still arrive."""
        return self._thread.alive and not self._stopping.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the execution has ended.

        Args:
            timeout: Seconds to wait at most; without end if None.

        Returns:
            Whether it has ended.
        """
        return self._thread.join(timeout)

    def stop(self, timeout: float = 5.0) -> None:
        """Follow no further. No batch follows once this has returned; harmless when it has ended already.

        Args:
            timeout: Seconds to wait at most for a callback that is running.
        """
        self._stopping.set()
        self._thread.close(timeout)

    async def _follow(self) -> None:
        try:
            while following := await self._follow_run():
                self._next = replace(self._next, run_id=following, run=self._next.run + 1)
        except EndError as end:
            self._next = replace(self._next, error=str(end))
        except HistoryError as error:
            self._next = replace(self._next, error=error.seen)
        except Exception as error:  # noqa: BLE001 - on a thread of its own nobody else would tell of it
            _log.exception("the follower of %s ends", self.state.workflow_id)
            self._next = replace(self._next, error=f"{type(error).__name__}: {error}")
        self._next = replace(self._next, ended=True)
        self._send()

    async def _follow_run(self) -> str:
        """Follow one run to its end; the run id of the next one, or ""."""
        converter = self._client.data_converter
        reader = RunReader(Decoder(converter.payload_converter), run=self._next.run, zero=self._zero)
        pages = Pages(self._client, self._next.workflow_id, self._next.run_id, self._connection)
        while True:
            events: Sequence[HistoryEvent] = await pages.next()
            if decodes(converter):
                events = await decoded(events, converter)
            batch = reader.read(events)
            if not batch:
                continue
            self._zero = reader.zero
            if batch[0].id == 1:
                self._begin(batch[0], pages.run_id)
            self._pending += batch
            last = batch[-1]
            following = str(last.attributes.get("new_execution_run_id") or "") if last.type in CLOSING else ""
            if last.type in CLOSING and not following:
                self._next = replace(self._next, status=CLOSING[last.type])
                return ""
            self._send_soon()
            if following:
                return following

    def _begin(self, first: Event, run_id: str) -> None:
        self._next = replace(
            self._next,
            run_id=run_id,
            workflow_type=first.name,
            task_queue=str(first.attributes.get("task_queue", "")),
            started=self._next.started or moment(self._zero or 0),
        )

    def _connection(self, connected: bool) -> None:
        self._next = replace(self._next, connected=connected)
        self._send_soon()

    def _send_soon(self) -> None:
        """Send what is pending: at once, or when `every` seconds have passed since the batch before."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            wait = self._sent + self._every - loop.time()
            if self._sent == 0 or wait <= 0:
                self._send()
            else:
                self._timer = loop.call_later(wait, self._send)

    def _send(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._stopping.is_set():
            return
        batch, self._pending = self._pending, []
        self.state = self._next
        try:
            self._on_events(batch, self.state)
        except Exception:  # noqa: BLE001 - not ours; whoever gave the callback finds it in the log
            _log.exception("a callback of %r failed: it follows no further", self)
            self._stopping.set()
            self._thread.cancel()
        self._sent = asyncio.get_running_loop().time()
