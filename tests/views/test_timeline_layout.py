"""Which events make a lane, however they come in."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest

from tests.support.histories import DATA, FIELD
from tests.support.story import POLICY, happen, history, order, scheduled
from tests.views.snapshot import as_before
from tutorial_lib.history import read_history
from tutorial_lib.history.events import Event, Failure
from tutorial_lib.history.kinds import KIND_OF
from tutorial_lib.views.execution.lanes import TASKS, WORKFLOW, Lanes, Pending
from tutorial_lib.views.execution.words import waits


def lanes_of(*events: Event) -> Lanes:
    lanes = Lanes(lambda event: event.type)
    lanes.add(events)
    return lanes


def told(lanes: Lanes) -> dict[str, tuple[str, str, str]]:
    """Kind, state and mood of each lane by name."""
    return {lane["name"]: (lane["kind"], lane["state"], lane["mood"]) for lane in lanes.lanes}


def test_an_order_has_these_lanes():
    assert told(lanes_of(*order())) == {
        "Order": ("workflow", "completed", "good"),
        "workflow tasks": ("task", "", "none"),
        "charge": ("activity", "completed", "good"),
        "1 min timer": ("timer", "canceled", "off"),
        "hurry": ("signal", "", "none"),
        "ship": ("activity", "failed", "bad"),
    }
    lanes = lanes_of(*order())
    assert lanes.lanes[2]["attempt"] == 3
    assert lanes.lanes[3]["summary"] == "reminder"
    assert lanes.lanes[5]["note"] == "no such address"  # of the cause, not "activity failed"
    assert [(task["state"], task["started"]) for task in lanes.tasks] == [
        ("completed", s) for s in (0.1, 4.05, 4.85)
    ]
    assert lanes.end == 5.0


def test_a_timer_that_was_reckoned_is_called_as_it_was_meant():
    lengths = [863999.968, 2592000.0, 1800.01, 61.0, 0.2, 86000.0, 86400.0, 86405.0, 1234567.0]
    timers = (
        happen(number, "TimerStarted", 0.1, str(number), attributes={"start_to_fire_seconds": length})
        for number, length in enumerate(lengths, start=5)
    )
    names = [lane["name"] for lane in lanes_of(*timers).lanes]
    assert names[-9:] == [
        "10 d timer",
        "30 d timer",
        "30 min timer",
        "61 s timer",
        "0.2 s timer",
        "86000 s timer",
        "1 d timer",
        "1 d 5 s timer",
        "about 14 d 7 h timer",
    ]


def test_time_that_was_skipped_has_a_lane_with_a_name_for_people():
    skipped = happen(5, "WorkflowExecutionTimeSkippingTransitioned", 0.1)
    assert "time skipped" in told(lanes_of(skipped))


@pytest.mark.parametrize("name", ["mixed", "cart", "family", "locals"])
def test_batches_of_any_size_give_what_all_events_at_once_give(name: str):
    events = read_history(DATA / f"{name}.json").events
    whole = lanes_of(*events).records()
    for seed in range(5):
        dice = random.Random(seed)  # noqa: S311 - for a test
        lanes, rest = Lanes(lambda event: event.type), list(events)
        built: dict[tuple[str, int], str] = {}
        while rest:
            size = dice.randint(1, 9)
            batch, rest = rest[:size], rest[size:]
            for record in lanes.add(batch):  # as a browser does it, with copies
                key = ("lane", record["lane"]) if "lane" in record else ("task", record["task"])
                built[key] = json.dumps(record)
        assert sorted(built.values()) == sorted(json.dumps(record) for record in whole)


@pytest.mark.parametrize("name", ["mixed", "cart", "family", "locals"])
def test_lanes_of_recorded_histories_are_as_before(name: str):
    read = read_history(DATA / f"{name}.json")
    lanes = Lanes(lambda event: event.type)
    lanes.zero = read.started.timestamp()
    lanes.add(read.events)
    lines = [json.dumps(record, ensure_ascii=False) for record in lanes.records()]
    assert as_before(f"lanes_{name}.jsonl", "\n".join(lines) + "\n")


def test_no_event_is_dropped_whatever_its_type():
    kinds = [happen(k, name, k / 10, name="x") for k, name in enumerate(sorted(KIND_OF), start=1)]
    kinds += [happen(len(kinds) + 1, "EventType 999", 9.0), happen(len(kinds) + 2, "EventType 999", 9.1)]
    lanes = lanes_of(*kinds)
    placed = [event[1] for record in lanes.records() for event in record["events"]]
    assert sorted(placed, key=int) == [str(event.id) for event in kinds]
    assert told(lanes)["EventType 999"] == ("other", "", "none")


def test_a_history_without_its_beginning_is_shown_all_the_same():
    lanes = lanes_of(*order()[7:])
    assert told(lanes)["workflow tasks"][0] == "task"
    assert sum(len(record["events"]) for record in lanes.records()) == 13


def test_signals_share_a_lane_by_name():
    signals = [happen(k, "WorkflowExecutionSignaled", k, name) for k, name in enumerate("aabab", start=2)]
    lanes = lanes_of(happen(1, "WorkflowExecutionStarted", 0, "Order"), *signals)
    assert {lane["name"]: len(lane["events"]) for lane in lanes.lanes[2:]} == {"a": 3, "b": 2}


@pytest.mark.parametrize(
    ("opener", "closer", "state", "mood"),
    [
        ("TimerStarted", "TimerFired", "fired", "good"),
        ("StartChildWorkflowExecutionInitiated", "StartChildWorkflowExecutionFailed", "failed", "bad"),
        ("StartChildWorkflowExecutionInitiated", "ChildWorkflowExecutionTerminated", "terminated", "bad"),
        ("StartChildWorkflowExecutionInitiated", "ChildWorkflowExecutionStarted", "running", "open"),
        ("WorkflowExecutionUpdateAccepted", "WorkflowExecutionUpdateCompleted", "completed", "good"),
        ("NexusOperationScheduled", "NexusOperationTimedOut", "timed out", "bad"),
        ("NexusOperationScheduled", "NexusOperationCancelRequestCompleted", "running", "open"),
        ("ActivityTaskScheduled", "ActivityTaskCancelRequested", "scheduled", "open"),
        ("ActivityTaskScheduled", "ActivityTaskCanceled", "canceled", "off"),
        (
            "SignalExternalWorkflowExecutionInitiated",
            "ExternalWorkflowExecutionSignaled",
            "delivered",
            "good",
        ),
        (
            "RequestCancelExternalWorkflowExecutionInitiated",
            "ExternalWorkflowExecutionCancelRequested",
            "delivered",
            "good",
        ),
    ],
)
def test_what_ends_a_lane_and_how(opener: str, closer: str, state: str, mood: str):
    lanes = lanes_of(
        happen(1, "WorkflowExecutionStarted", 0, "Order"),
        happen(2, opener, 1, "it"),
        happen(3, closer, 2, "it", opened_by=2),
    )
    lane = lanes.lanes[2]
    assert (lane["state"], lane["mood"], len(lane["events"])) == (state, mood, 2)
    assert (lane["end"] is None) == (mood == "open")


def test_workflow_tasks_that_fail_or_time_out_say_so():
    lanes = lanes_of(
        happen(1, "WorkflowExecutionStarted", 0, "Order"),
        happen(2, "WorkflowTaskScheduled", 0),
        happen(3, "WorkflowTaskStarted", 1, opened_by=2),
        happen(4, "WorkflowTaskFailed", 2, opened_by=2, failure=Failure("nondeterminism")),
        happen(5, "WorkflowTaskScheduled", 3),
        happen(6, "WorkflowTaskTimedOut", 4, opened_by=5),
        happen(7, "WorkflowTaskScheduled", 5),
    )
    assert [(task["state"], task["mood"]) for task in lanes.tasks] == [
        ("failed", "bad"),
        ("timed out", "bad"),
        ("scheduled", "open"),
    ]


def test_a_chain_of_runs_is_one_timeline():
    again = [replace(event, run=1, time=event.time + 6) for event in order()]
    first = [*order()[:-1], happen(20, "WorkflowExecutionContinuedAsNew", 5.5, "Order", opened_by=1)]
    lanes = lanes_of(*first, *again)
    assert lanes.runs == [0.0, 6.0]
    main = lanes.lanes[WORKFLOW]
    assert [bar[:2] for bar in main["bars"]] == [(0.0, 5.5), (6.0, 11.0)]
    assert main["state"] == "completed"
    # The ids begin anew: the second run's events go to its own lanes.
    charges = [lane for lane in lanes.lanes if lane["name"] == "charge"]
    assert [lane["end"] for lane in charges] == [4.0, 10.0]
    assert charges[1]["events"][0][1] == "2:5"
    assert len(lanes.tasks) == 6


def test_a_local_activity_ran_when_the_worker_says():
    read = read_history(DATA / "locals.json")
    lanes = Lanes(lambda event: event.type)
    lanes.zero = read.started.timestamp()
    lanes.add(read.events)
    local = [lane for lane in lanes.lanes if lane["kind"] == "local"]
    assert local
    assert all(lane["start"] <= lane["end"] for lane in local)
    assert any(lane["end"] - lane["start"] > 0.001 for lane in local)
    assert lanes.lanes[TASKS]["kind"] == "task"


MARKED = {"seconds": 1000, "nanos": 0}  # when a local activity was called for, by the worker's clock


def marker(number: int, time: float, attempt: int, backoff: dict[str, int] | None, **more: Any) -> Event:
    """The marker of one attempt of a local activity."""
    data = {"original_schedule_time": MARKED, "complete_time": None, "backoff": backoff}
    return happen(
        number, "MarkerRecorded", time, "core_local_activity", attempt=attempt,
        attributes={"activity_type": "charge"}, payloads={"data": (data,)}, **more,
    )  # fmt: skip


def test_a_local_activity_that_is_retried_after_a_timer_is_one():
    lanes = lanes_of(
        *order()[:4],
        marker(5, 1.0, 1, {"seconds": 1, "nanos": 0}, failure=Failure("closed")),
        happen(6, "TimerStarted", 1.0, "1", attributes={"start_to_fire_seconds": 1.0}),
    )
    assert told(lanes)["charge"] == ("local", "retrying", "open")
    assert lanes.lanes[2]["attempt"] == 2
    assert not lanes.pending, "the server knows nothing of it"
    lanes.add([marker(9, 3.0, 2, {"seconds": 2, "nanos": 0}, failure=Failure("still closed"))])
    lanes.add([marker(12, 5.5, 3, None)])
    [lane] = [lane for lane in lanes.lanes if lane["kind"] == "local"]
    assert (lane["state"], lane["mood"], lane["attempt"], lane["note"]) == ("completed", "good", 3, "")
    assert [(bar.start, bar.end, bar.style) for bar in lane["bars"]] == [
        (1.0, 1.0, "failed"),
        (1.0, 2.0, "backoff"),
        (2.0, 3.0, "failed"),
        (3.0, 5.0, "backoff"),
        (5.0, 5.5, "run"),
    ]
    other = marker(15, 6.0, 1, None, failure=Failure("no"))
    lanes.add([other])
    assert len([lane for lane in lanes.lanes if lane["kind"] == "local"]) == 2, "a call of its own"


def test_attempts_that_nothing_links_are_not_taken_for_one():
    """Markers without the time of the first call: as well of two activities of one type."""

    def unlinked(number: int, time: float, failure: Failure | None) -> Event:
        pause = {"seconds": 1, "nanos": 0}
        made = marker(number, time, 1, pause, failure=failure)
        return replace(made, payloads={"data": ({"backoff": pause},)})

    lanes = lanes_of(*order()[:4], unlinked(5, 1.0, Failure("closed")), unlinked(6, 2.0, None))
    found = [(lane["state"], lane["mood"]) for lane in lanes.lanes if lane["kind"] == "local"]
    assert found == [("failed", "bad"), ("completed", "good")]


def test_a_local_activity_that_was_canceled_has_not_failed():
    canceled = marker(5, 1.0, 0, None, failure=Failure("Activity cancelled", kind="canceled"))
    assert told(lanes_of(*order()[:4], canceled))["charge"] == ("local", "canceled", "off")


def test_an_update_whose_handler_raised_has_failed():
    accepted = happen(5, "WorkflowExecutionUpdateAccepted", 1.0, "add")
    ended = happen(6, "WorkflowExecutionUpdateCompleted", 2.0, "add", opened_by=5, failure=Failure("no"))
    lanes = lanes_of(*order()[:4], accepted, ended)
    assert told(lanes)["add"] == ("update", "failed", "bad")
    assert lanes.lanes[2]["note"] == "no"


@pytest.mark.parametrize(
    ("closer", "failure", "policy", "style"),
    [
        ("ActivityTaskTimedOut", Failure("", kind="timeout", timeout_type="ScheduleToStart"), POLICY, "wait"),
        ("ActivityTaskTimedOut", Failure("", kind="timeout", cause=Failure("boom")), POLICY, "unseen"),
        ("ActivityTaskCanceled", None, POLICY, "unknown"),
        ("ActivityTaskCanceled", None, {**POLICY, "maximum_attempts": 1}, "wait"),
    ],
)
def test_an_activity_that_ended_without_a_start_is_drawn_as_what_is_known(
    closer: str, failure: Failure | None, policy: dict[str, float], style: str
):
    lanes = lanes_of(
        *order()[:4],
        scheduled(5, 1.0, "charge", retry_policy=policy),
        happen(6, closer, 3.0, "charge", opened_by=5, failure=failure),
    )
    assert [(bar.start, bar.end, bar.style) for bar in lanes.lanes[2]["bars"]] == [(1.0, 3.0, style)]


def test_what_an_execution_waits_for_is_told():
    begun, due, started, completed = order()[:4]
    failed = replace(completed, type="WorkflowTaskFailed")
    for events, words in [
        ([begun], "its first workflow task is not due yet"),  # start delay, cron
        ([begun, due], "waits for a worker"),
        ([begun, due, started], ""),
        ([begun, due, started, failed], "its workflow task failed and is tried again"),
        ([begun, due, started, completed], "waits for a signal, an update or a cancellation"),
        ([begun, due, started, completed, scheduled(5, 1.0, "charge")], ""),
    ]:
        assert waits(lanes_of(*events)) == words, [event.type for event in events]
    paused = [
        *order()[:4],
        happen(5, "WorkflowExecutionPaused", 1.0),
        happen(6, "WorkflowExecutionSignaled", 2),
    ]
    assert waits(lanes_of(*paused)) == "its workflow tasks are held back while it is paused"
    assert waits(lanes_of(*order())) == "", "it is over"
    again = replace(begun, run=1, time=6.0)
    chain = [*order()[:4], happen(5, "WorkflowExecutionContinuedAsNew", 5.0, opened_by=1), again]
    assert waits(lanes_of(*chain)) == "its first workflow task is not due yet", "that of its own run"


def test_what_the_server_tells_of_an_open_activity_is_drawn():
    lanes = lanes_of(happen(1, "WorkflowExecutionStarted", 0, "Order"), scheduled(5, 1.0, "charge"))
    assert lanes.pending
    news = lanes.tell([Pending("5", 2, running=False, ended=1.4, next=2.4, failure="closed")])
    assert [lane["state"] for lane in news] == ["retrying"]
    assert news[0]["attempt"] == 2
    assert lanes.tell([Pending("5", 2, running=False, ended=1.4, next=2.4, failure="closed")]) == []
    assert lanes.tell([Pending("unknown", 1, running=True, started=1.0)]) == []
    assert [lane["state"] for lane in lanes.tell([Pending("5", 2, running=True, started=2.5)])] == ["running"]
    lanes.add([happen(6, "ActivityTaskCompleted", 3.0, "charge", opened_by=5)])
    assert not lanes.pending


def test_records_are_json():
    lanes = lanes_of(*order())
    assert json.loads(json.dumps(lanes.records()))
    assert history(*order()).status == "Completed"


# ---- histories from the field ---------------------------------------------------------------------------


def of_file(name: str) -> Lanes:
    history = read_history(FIELD / f"{name}.json")
    lanes = Lanes(lambda event: event.type)
    lanes.zero = history.started.timestamp()
    lanes.add(history.events)
    return lanes


def test_what_a_run_still_waited_for_when_it_ended_is_told_as_that():
    lanes = of_file("open_spans")
    found = [(lane["name"], lane["state"], lane["mood"], lane["end"]) for lane in lanes.lanes[2:]]
    left = ("open when the run ended", "off", lanes.end)
    assert found.count(("activity.reset.base", *left)) == 2
    assert ("30 s timer", *left) in found
    assert not [lane for lane in lanes.lanes if lane["mood"] == "open"]
    assert not lanes.pending, "nobody asks the server for attempts any more"
    assert [task["state"] for task in lanes.tasks if task["ended"] is None] == []


def test_what_one_run_left_open_is_no_matter_of_the_next():
    """Each run of a chain has lanes of its own; those that go on are not touched by the end before."""
    first = [*order()[:6], happen(7, "WorkflowExecutionContinuedAsNew", 1.0, opened_by=1)]
    lanes = lanes_of(*first)
    before = [lane["state"] for lane in lanes.lanes[2:]]
    lanes.add([replace(event, run=1, time=event.time + 1) for event in order()[:6]])
    after = [lane["state"] for lane in lanes.lanes[2:]]
    assert before == ["open when the run ended"] * len(before)
    assert after == [*before, "scheduled", "running"]


def test_an_update_that_does_not_name_the_event_that_accepted_it_is_over():
    assert told(of_file("update_without_accepted_id"))["update"] == ("update", "completed", "good")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("WorkflowExecutionOptionsUpdated", "options"),
        ("WorkflowPropertiesModified", "memo"),
        ("WorkflowPropertiesModifiedExternally", "changed from outside"),
        ("UpsertWorkflowSearchAttributes", "search attributes"),
    ],
)
def test_what_is_changed_names_the_lane(kind: str, name: str):
    lanes = lanes_of(*order()[:4], happen(5, kind, 1.0))
    assert (lanes.lanes[-1]["kind"], lanes.lanes[-1]["name"]) == ("properties", name)
    assert list(told(of_file("options_updated")))[2:] == ["options"]


def test_local_activities_of_java_and_go_are_local_activities():
    lanes = of_file("java_local_activity")
    assert told(lanes)["ThrowIO"] == ("local", "failed", "bad")
    data = {"ActivityID": "1", "ActivityType": "Charge", "Attempt": 3}
    go = happen(
        5, "MarkerRecorded", 1.0, name="LocalActivity", attributes={"activity_type": "Charge"}, attempt=3
    )
    lane = lanes_of(*order()[:4], replace(go, payloads={"data": (data,), "result": ("ok",)})).lanes[-1]
    assert (lane["kind"], lane["name"], lane["attempt"], lane["state"]) == ("local", "Charge", 3, "completed")


def test_a_summary_is_of_its_own_lane_alone():
    lanes = of_file("human_readable")
    assert [lane["summary"] for lane in lanes.lanes if lane["summary"]] == [
        "An order",
        "Charge the customer's card for the whole order, once",
    ]


def test_an_update_that_is_only_admitted_waits_in_the_lane_where_it_is_accepted():
    start = order()[:4]
    admitted = happen(5, "WorkflowExecutionUpdateAdmitted", 1.0, name="add", attributes={"update_id": "u"})
    accepted = happen(6, "WorkflowExecutionUpdateAccepted", 2.0, name="add", attributes={"update_id": "u"})
    lanes = lanes_of(*start, admitted)
    assert told(lanes)["add"] == ("update", "admitted", "open")
    lanes.add([accepted])
    assert told(lanes)["add"] == ("update", "running", "open")
    lanes.add([happen(7, "WorkflowExecutionUpdateCompleted", 3.0, name="add", opened_by=6)])
    assert told(lanes)["add"] == ("update", "completed", "good")
    assert (lanes.lanes[-1]["start"], lanes.lanes[-1]["end"]) == (1.0, 3.0)
    assert len(lanes.lanes) == 3


def test_a_pause_and_a_reset_are_told():
    start = order()[:4]
    lanes = lanes_of(*start, happen(5, "WorkflowExecutionPaused", 1.0))
    assert lanes.lanes[WORKFLOW]["state"] == "paused"
    lanes.add([happen(6, "WorkflowExecutionUnpaused", 2.0, opened_by=5)])
    assert lanes.lanes[WORKFLOW]["state"] == "running"
    task = happen(7, "WorkflowTaskScheduled", 3.0)
    reset = happen(8, "WorkflowTaskFailed", 3.0, opened_by=7, attributes={"cause": "ResetWorkflow"})
    lanes.add([task, reset])
    assert (lanes.tasks[-1]["state"], lanes.tasks[-1]["mood"]) == ("reset to this point", "off")


@pytest.mark.parametrize(
    ("cause", "state"),
    [
        ("ForceCloseCommand", ("closed by the server", "off")),
        ("UnhandledCommand", ("to be run again", "off")),
        ("NonDeterministicError", ("failed", "bad")),
    ],
)
def test_a_task_that_was_closed_has_not_failed(cause: str, state: tuple[str, str]):
    lanes = lanes_of(*order()[:4], happen(5, "WorkflowTaskScheduled", 3.0))
    lanes.add([happen(6, "WorkflowTaskFailed", 3.0, opened_by=5, attributes={"cause": cause})])
    assert (lanes.tasks[-1]["state"], lanes.tasks[-1]["mood"]) == state
