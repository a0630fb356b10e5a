"""The events of a run as they come, from a server that breaks the asking off."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest
from temporalio.api.history.v1 import HistoryEvent
from temporalio.service import RPCError, RPCStatusCode

from tests.support.workflows import Greeting, greet
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.history.pages import events_as_they_come

# What server 1.32 said under load, and asked again had the events.
BROKEN_OFF = RPCError(
    "Current and request branch tokens, or current and request versioned transitions, don't match.",
    RPCStatusCode.INVALID_ARGUMENT,
    b"",
)
AWAY = RPCError("no server", RPCStatusCode.UNAVAILABLE, b"")


class BrokenOff:
    """A handle whose askings give so many events each, and then an error.

    Args:
        askings: For each asking, the ids of its events and the error after them, if any.
    """

    def __init__(self, *askings: tuple[Sequence[int], RPCError | None]) -> None:
        self._askings = iter(askings)

    async def fetch_history_events(self, *, wait_new_event: bool) -> AsyncIterator[HistoryEvent]:
        assert wait_new_event
        events, error = next(self._askings)
        for event_id in events:
            yield HistoryEvent(event_id=event_id)
        if error is not None:
            raise error


async def test_what_a_server_breaks_off_is_asked_again_and_each_event_comes_once():
    handle = BrokenOff(([1, 2], BROKEN_OFF), ([1, 2, 3], BROKEN_OFF), ([1, 2, 3, 4], None))
    assert [event.event_id async for event in events_as_they_come(handle)] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "first", [([], BROKEN_OFF), ([1], AWAY)], ids=["a request that is no good", "no server"]
)
async def test_another_error_is_told(first):
    with pytest.raises(RPCError) as raised:
        [event async for event in events_as_they_come(BrokenOff(first))]
    assert raised.value is first[1]


async def test_an_error_while_a_check_waits_for_an_event_is_no_event(client, monkeypatch):
    bench = Workbench(client, "broken-off")
    try:
        await bench.worker(workflows=[Greeting], activities=[greet])
        handle = await bench.start(Greeting, "Ada")
        monkeypatch.setattr(handle, "fetch_history_events", BrokenOff(([1], AWAY)).fetch_history_events)
        with pytest.raises(RPCError, match="no server"):
            await bench.until(handle, "WorkflowExecutionCompleted")
    finally:
        await bench.close()
