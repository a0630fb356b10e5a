"""The real attempts of an activity, read from the server as they are made.

A retried attempt leaves no event: the server reports the latest one only, as a pending activity. So the
reader looks often and remembers; one that began and ended between two looks, or before the first one, is
not known any more. The history gets its event when the activity is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.enums.v1 import EventType, PendingActivityState, RetryState, TimeoutType
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import Client, WorkflowHandle
from temporalio.common import RetryPolicy

RUNNING: Final = "running"
FAILED: Final = "failed"
LEFT_BEHIND: Final = "left behind"  # its workflow closed before it was over

_SCHEDULED = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
_STARTED = EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
_CLOSED: Final = {
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED: "completed",
    EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED: FAILED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT: "timed out",
    EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED: "canceled",
}
_LATE: Final = 0.02  # seconds: two of the server's times that near are one
_WAITING = {
    PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED,
    PendingActivityState.PENDING_ACTIVITY_STATE_PAUSED,
}


START_TO_CLOSE: Final = "start-to-close"
SCHEDULE_TO_CLOSE: Final = "schedule-to-close"
SCHEDULE_TO_START: Final = "schedule-to-start"
HEARTBEAT: Final = "heartbeat"
_KINDS: Final = {
    TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE: START_TO_CLOSE,
    TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE: SCHEDULE_TO_CLOSE,
    TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START: SCHEDULE_TO_START,
    TimeoutType.TIMEOUT_TYPE_HEARTBEAT: HEARTBEAT,
}

NO_ATTEMPT_LEFT: Final = "no attempt left"
NO_TIME_LEFT: Final = "no time left"
NOT_RETRYABLE: Final = "not retryable"
_GIVEN_UP: Final = {
    RetryState.RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED: NO_ATTEMPT_LEFT,
    RetryState.RETRY_STATE_TIMEOUT: NO_TIME_LEFT,
    RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE: NOT_RETRYABLE,
}


@dataclass(frozen=True, slots=True)
class Try:
    """A real attempt.

    Attributes:
        number: 1 for the first.
        state: "running", "failed", "completed", "timed out" or "canceled".
        started: Seconds since the epoch; 0 if only its number is known.
        ended: The same; 0 while it runs.
        failure: Why it failed.
        timeout: Which timeout ended it: START_TO_CLOSE, HEARTBEAT ...; "" if none did.
        beats: When the server got those heartbeats that were seen, in seconds since the epoch.
    """

    number: int
    state: str
    started: float = 0.0
    ended: float = 0.0
    failure: str = ""
    timeout: str = ""
    beats: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class ObservedActivity:
    """What is known of an activity.

    Attributes:
        name: Its type.
        activity_id: Its id in the execution.
        scheduled: When it was scheduled, in seconds since the epoch.
        policy: Its retry policy, as the server has it.
        limit: Its schedule-to-close timeout in seconds; None if it has none.
        tries: Its attempts that are known, by number.
        next_at: When the server starts the next one, in seconds since the epoch; 0 if it waits for none.
        closed: How it ended: "completed", "failed", "timed out", "canceled" or "left behind"; "" while it
            has not.
        ended: When it ended, in seconds since the epoch; 0 while it has not, or if that is not known.
        timeouts: Its timeouts that the server keeps, in seconds, by name (START_TO_CLOSE ...).
        fired: The timeout that ended it all; "" if none did.
        given_up: Why the last failure was not retried: NO_ATTEMPT_LEFT, NO_TIME_LEFT, NOT_RETRYABLE or "".
    """

    name: str
    activity_id: str
    scheduled: float
    policy: RetryPolicy
    limit: float | None = None
    tries: dict[int, Try] = field(default_factory=dict)
    next_at: float = 0.0
    closed: str = ""
    ended: float = 0.0
    timeouts: Mapping[str, float] = field(default_factory=dict)
    fired: str = ""
    given_up: str = ""


class ActivityReader:
    """Reads one activity of an execution again and again.

    Args:
        client: Client of the namespace.
        workflow_id: The execution.
        run_id: Its run; the latest if None.
        activity: Type or id of the activity; if "", the pending one with most attempts, else the latest.

    Attributes:
        over: Whether there can be no further attempt.
    """

    def __init__(
        self, client: Client, workflow_id: str, run_id: str | None = None, activity: str = ""
    ) -> None:
        self._handle: WorkflowHandle[object, object] = client.get_workflow_handle(workflow_id, run_id=run_id)
        self._wanted = activity
        self._run: ObservedActivity | None = None
        self.over = False

    async def read(self) -> ObservedActivity | None:
        """What is known now; None if the execution has not scheduled such an activity yet.

        Raises:
            RPCError: If the server does not answer, or knows no such execution.
        """
        if self.over:
            return self._run
        description = await self._handle.describe()
        pending = self._choose(description.raw_description.pending_activities)
        if pending is None:
            self._run = self._from_history([e async for e in self._handle.fetch_history_events()], "")
        else:
            if self._run is None:
                events = [e async for e in self._handle.fetch_history_events()]
                self._run = self._from_history(events, pending.activity_id)
            # It may have ended between the two answers: then the history knows more.
            if self._run is not None and not self._run.closed:
                self._run = with_pending(self._run, pending)
        if self._run is not None and not self._run.closed and description.close_time is not None:
            self._run = replace(self._run, closed=LEFT_BEHIND, next_at=0.0)
        self.over = description.close_time is not None or bool(self._run and self._run.closed)
        return self._run

    def _choose(self, pending: Iterable[PendingActivityInfo]) -> PendingActivityInfo | None:
        fitting = [each for each in pending if self._fits(each.activity_id, each.activity_type.name)]
        return max(fitting, key=lambda each: each.attempt, default=None)

    def _fits(self, activity_id: str, name: str) -> bool:
        if self._run is not None:
            return activity_id == self._run.activity_id
        return self._wanted in {"", activity_id, name}

    def _from_history(self, events: list[HistoryEvent], activity_id: str) -> ObservedActivity | None:
        """The run as the history has it, with the attempts that were seen before."""
        scheduled: HistoryEvent | None = None
        for event in events:
            attributes = event.activity_task_scheduled_event_attributes
            if event.event_type == _SCHEDULED and (
                attributes.activity_id == activity_id
                if activity_id
                else self._fits(attributes.activity_id, attributes.activity_type.name)
            ):
                scheduled = event
        if scheduled is None:
            return None
        run = self._run or _scheduled_run(scheduled)
        for event in events:
            run = with_event(run, scheduled.event_id, event)
        return run


def with_pending(run: ObservedActivity, info: PendingActivityInfo) -> ObservedActivity:
    """A run with what the server reports of it while it is pending.

    Between two attempts the server does not report when the one before began: that is known from an earlier
    look, or from what the server had announced.
    """
    tries = dict(run.tries)
    waiting = waits(info)
    latest = info.attempt - 1 if waiting else info.attempt  # the latest attempt that has begun
    waited = info.current_retry_interval.ToNanoseconds() / 1e9
    due = retry_due(info)
    # The server notes no end of an attempt that a timeout ended.
    ended = seconds(info.last_attempt_complete_time) or (due - waited if due and waited else 0.0)
    announced = max(run.tries, default=0) + 1  # the attempt that `run.next_at` is of
    for number in range(1, latest + 1):
        known = tries.get(number, Try(number, FAILED))
        if number == latest and not waiting:
            known = Try(number, RUNNING, seconds(info.last_started_time), beats=_beats(known, info))
        elif number == info.attempt - 1 and not known.ended:
            began = known.started or (run.next_at if number == announced else 0.0)
            known = replace(
                known,
                state=FAILED,
                started=began or (run.scheduled if number == 1 else 0.0),
                ended=ended or _deadline(run, known, timeout_of(info.last_failure)),
                failure=message(info.last_failure),
                timeout=timeout_of(info.last_failure),
            )
        tries[number] = replace(known, state=FAILED) if number < latest else known
    options = info.activity_options
    policy = RetryPolicy.from_proto(options.retry_policy) if options.HasField("retry_policy") else run.policy
    return replace(run, tries=tries, policy=policy, next_at=due)


def waits(info: PendingActivityInfo) -> bool:
    """Whether an activity waits for its next attempt, by what the server reports of it.

    The time-skipping test server reports each attempt as started as soon as the one before has failed, with
    the start of that one (seen with temporal-test-server 1.40).
    """
    return info.state in _WAITING or _began_before(info, seconds(info.last_started_time))


def retry_due(info: PendingActivityInfo) -> float:
    """When the retry that an activity waits for begins, or was to begin: seconds since the epoch.

    The server gives it as `next_attempt_schedule_time` only until that time, and as
    `scheduled_time` as long as the retry waits (seen with server 1.32).

    Returns:
        0 if it waits for none, or the time is not known.
    """
    due = seconds(info.next_attempt_schedule_time) or seconds(info.scheduled_time)
    return 0.0 if info.attempt == 1 or not waits(info) or _began_before(info, due) else due


def _began_before(info: PendingActivityInfo, moment: float) -> bool:
    """Whether a time is of an attempt before the latest: then it lies before the end of one."""
    return moment < seconds(info.last_attempt_complete_time)


def _beats(known: Try, info: PendingActivityInfo) -> tuple[float, ...]:
    """The heartbeats of the attempt that runs, with the latest one that the server has."""
    latest, began = seconds(info.last_heartbeat_time), seconds(info.last_started_time)
    new = latest > began and latest not in known.beats
    return (*known.beats, latest) if new else known.beats


def _deadline(run: ObservedActivity, attempt: Try, timeout: str) -> float:
    """When a timeout was to end an attempt, in seconds since the epoch; 0 if that is not known."""
    begin = attempt.beats[-1] if timeout == HEARTBEAT and attempt.beats else attempt.started
    length = run.timeouts.get(timeout, 0.0) if timeout in {START_TO_CLOSE, HEARTBEAT} else 0.0
    return begin + length if begin and length else 0.0


def _own_timeout(run: ObservedActivity, last: Try | None, failure: Failure, at: float) -> str:
    """The timeout that ended the last attempt.

    Where a retry would begin after the schedule-to-close timeout, the server gives up early and names that
    one alone, though another had ended the attempt.
    """
    kind = timeout_of(failure)
    if kind != SCHEDULE_TO_CLOSE or last is None or not last.started or run.limit is None:
        return kind
    if at >= run.scheduled + run.limit - _LATE:
        return kind
    whole = run.timeouts.get(START_TO_CLOSE, 0.0)
    return START_TO_CLOSE if at - last.started >= whole - _LATE else HEARTBEAT


def timeout_of(failure: Failure) -> str:
    """The timeout that a failure is; "" if it is none."""
    return _KINDS.get(failure.timeout_failure_info.timeout_type, "")


def seconds(moment: Timestamp) -> float:
    """A timestamp as seconds since the epoch; 0 if it is not set."""
    return moment.ToNanoseconds() / 1e9


def message(failure: Failure) -> str:
    """The innermost message of a failure with its type, on one line.

    The cause of a timeout is no cause: it is how the attempt before it had failed.
    """
    while failure.HasField("cause") and not failure.HasField("timeout_failure_info"):
        failure = failure.cause
    kind = failure.application_failure_info.type
    words = " ".join(failure.message.split())
    return f"{kind}: {words}" if kind else words


def _scheduled_run(event: HistoryEvent) -> ObservedActivity:
    attributes = event.activity_task_scheduled_event_attributes
    lengths = {
        START_TO_CLOSE: attributes.start_to_close_timeout,
        SCHEDULE_TO_CLOSE: attributes.schedule_to_close_timeout,
        SCHEDULE_TO_START: attributes.schedule_to_start_timeout,
        HEARTBEAT: attributes.heartbeat_timeout,
    }
    timeouts = {name: long for name, each in lengths.items() if (long := each.ToNanoseconds() / 1e9)}
    return ObservedActivity(
        attributes.activity_type.name,
        attributes.activity_id,
        seconds(event.event_time),
        RetryPolicy.from_proto(attributes.retry_policy),
        timeouts.get(SCHEDULE_TO_CLOSE),
        timeouts=timeouts,
    )


def with_event(run: ObservedActivity, scheduled_id: int, event: HistoryEvent) -> ObservedActivity:
    """A run with what an event has of it."""
    at = seconds(event.event_time)
    attributes = getattr(event, event.WhichOneof("attributes") or "", None)
    if getattr(attributes, "scheduled_event_id", None) != scheduled_id:
        return run
    tries = dict(run.tries)
    if event.event_type == _STARTED:
        started = event.activity_task_started_event_attributes
        known = tries.get(started.attempt, Try(started.attempt, RUNNING))
        tries[started.attempt] = Try(started.attempt, RUNNING, at, beats=known.beats)
        for lower in range(1, started.attempt):
            known = tries.get(lower, Try(lower, FAILED))
            if lower == started.attempt - 1 and not known.failure:
                failure = started.last_failure
                known = replace(known, failure=message(failure), timeout=timeout_of(failure))
            ended = known.ended or _deadline(run, known, known.timeout)
            tries[lower] = replace(known, state=FAILED, ended=ended)
        return replace(run, tries=tries, next_at=0.0)
    if event.event_type in _CLOSED:
        state = _CLOSED[event.event_type]
        last = tries.get(max(tries, default=0))
        failure = getattr(attributes, "failure", Failure())
        if last is not None:
            own = _own_timeout(run, last, failure, at)
            tries[last.number] = replace(last, state=state, ended=at, failure=message(failure), timeout=own)
        return replace(
            run,
            tries=tries,
            next_at=0.0,
            closed=state,
            ended=at,
            fired=_KINDS.get(failure.timeout_failure_info.timeout_type, ""),
            given_up=_GIVEN_UP.get(
                getattr(attributes, "retry_state", RetryState.RETRY_STATE_UNSPECIFIED), ""
            ),
        )
    return run
