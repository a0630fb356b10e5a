"""What a reader of minutes lets happen between two cells; its source runs in the lesson's kernel."""

from __future__ import annotations

import asyncio

from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.history.v1 import History
from temporalio.client import Client

SOON = 60  # seconds: a timer or an attempt that ends within them ends while somebody reads
LOOKS = 600  # at most, where something is to end soon
RESTS = 15  # looks without a change
RESTLESS = 60  # looks at what changes for ever, as an activity that is retried without limit


async def read(client: Client) -> None:
    """Wait until nothing happens by itself any more: no event, attempt, heartbeat or near timer.

    Args:
        client: Of the lesson's namespace.
    """
    same, before, near_timers = 0, None, _NearTimers(client)
    for look in range(LOOKS):
        found = [each async for each in client.list_workflows("ExecutionStatus = 'Running'")]
        looks = (_look(client, each.id, each.run_id, near_timers) for each in found)
        looked_at = await asyncio.gather(*looks)
        seen, near = [each[0] for each in looked_at], any(each[1] for each in looked_at)
        same, before = same + 1 if seen == before else 0, seen
        if not found or (not near and (same == RESTS or look >= RESTLESS)):
            return
        await asyncio.sleep(0.1)


class _NearTimers:
    """Whether executions have near timers; the history of each is read anew when it has grown."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: dict[tuple[str, int], bool] = {}

    async def of(self, workflow: str, run: str, events: int) -> bool:
        if (run, events) not in self._known:
            handle = self._client.get_workflow_handle(workflow, run_id=run)
            history = History(events=[event async for event in handle.fetch_history_events()])
            self._known[run, events] = _has_near_timer(history)
        return self._known[run, events]


async def _look(client: Client, workflow: str, run: str, timers: _NearTimers) -> tuple[object, bool]:
    """What changes about a running workflow, and whether something of it ends soon."""
    about = (await client.get_workflow_handle(workflow, run_id=run).describe()).raw_description
    events = about.workflow_execution_info.history_length
    started = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
    near = await timers.of(workflow, run, events) or any(
        each.state == started and 0 < each.activity_options.start_to_close_timeout.seconds <= SOON
        for each in about.pending_activities
    )
    attempts = [
        (each.activity_id, each.attempt, each.state, each.last_heartbeat_time.ToNanoseconds())
        for each in about.pending_activities
    ]
    return (run, events, attempts), near


def _has_near_timer(history: History) -> bool:
    """Whether a timer that has not fired lasts no longer than somebody reads."""
    lasts: dict[int, int] = {}
    for event in history.events:
        if event.HasField("timer_started_event_attributes"):
            lasts[event.event_id] = event.timer_started_event_attributes.start_to_fire_timeout.seconds
        elif event.HasField("timer_fired_event_attributes"):
            lasts.pop(event.timer_fired_event_attributes.started_event_id, None)
        elif event.HasField("timer_canceled_event_attributes"):
            lasts.pop(event.timer_canceled_event_attributes.started_event_id, None)
    return any(each <= SOON for each in lasts.values())
