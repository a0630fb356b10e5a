from __future__ import annotations

import re
from dataclasses import replace

import pytest
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause

from tests.support.histories import DATA
from tutorial_lib.history import Event, Failure, History, read_history
from tutorial_lib.history.explain import explain
from tutorial_lib.history.kinds import CLOSED_TASKS, KIND_OF, camel, type_name

TYPES = [type_name(number) for number in EventType.values()]
FULL = {
    "worker": "4242@host",
    "name": "charge",
    "attempt": 3,
    "failure": Failure("boom\nand more", type="ValueError"),
    "payloads": {"input": ("Ada", 3), "result": ([1],), "search_attributes": ({"City": "Oslo"},)},
    "attributes": {
        "task_queue": "payments",
        "workflow_id": "order-9",
        "parent_workflow_id": "order-9",
        "external_workflow_id": "order-9",
        "run_id": "a-run",
        "start_to_fire_seconds": 90.0,
        "retry_state": "MaximumAttemptsReached",
        "new_execution_run_id": "a-run",
        "target_time": "2036-01-01T00:00:00+00:00",
        "last_failure": {"message": "boom", "type": "ValueError", "kind": "application"},
    },
}


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("given", [{}, FULL], ids=["bare", "full"])
def test_every_event_type_has_a_sentence(kind, given):
    event = Event(5, kind, KIND_OF[kind], 0.5, **given)
    for names in (True, False):
        sentence = explain(event, names=names)
        assert re.fullmatch(r"[A-Z`].+\.", sentence), sentence
        assert "{" not in sentence
        assert "does not know" not in sentence
        assert "  " not in sentence
        assert ".." not in sentence.replace("...", "")
    assert not re.search("4242|order-9|a-run|2036", explain(event, names=False))


def test_an_unknown_type_is_said_by_name():
    assert explain(Event(5, "EventType 321", "other", 0.0)) == (
        "The server recorded EventType 321, which the installed SDK does not know."
    )


def _event(kind: str, **given: object) -> Event:
    return Event(9, kind, KIND_OF[kind], 1.0, **given)


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (
            _event("ActivityTaskStarted", name="charge", worker="4242@host", attempt=3),
            "The server gave activity `charge` to worker 4242@host, attempt 3.",
        ),
        (
            _event(
                "ActivityTaskStarted", name="a", attempt=2, attributes={"last_failure": {"message": "boom."}}
            ),
            "The server gave activity `a` to a worker, attempt 2; the attempt before failed: boom.",
        ),
        (
            _event(
                "ActivityTaskTimedOut",
                name="charge",
                attempt=1,
                attributes={"retry_state": "Timeout"},
                failure=Failure(
                    "activity ScheduleToClose timeout", kind="timeout", timeout_type="ScheduleToClose"
                ),
            ),
            (
                "Activity `charge` ran out of time (ScheduleToClose), attempt 1 "
                "(no time is left for another attempt)."
            ),
        ),
        (
            _event("TimerStarted", name="1", attributes={"start_to_fire_seconds": 3600 * 24 * 37.0}),
            "The workflow started timer `1`, which fires in 37 days.",
        ),
        (
            _event("TimerStarted", name="1", attributes={"start_to_fire_seconds": 0.05}),
            "The workflow started timer `1`, which fires in 0.05 s.",
        ),
        (
            _event("TimerStarted", name="1", attributes={"start_to_fire_seconds": 300.0}),
            "The workflow started timer `1`, which fires in 5 min.",
        ),
        (  # ten days from the start, less what was gone: reckoned by the code
            _event("TimerStarted", name="1", attributes={"start_to_fire_seconds": 863999.968}),
            "The workflow started timer `1`, which fires in 10 days.",
        ),
        (
            _event("TimerStarted", name="1", attributes={"start_to_fire_seconds": 7199.0}),
            "The workflow started timer `1`, which fires in 7,199 s.",
        ),
        (
            _event("TimerStarted", name="1", attributes={"start_to_fire_seconds": 86405.0}),
            "The workflow started timer `1`, which fires in 1 d 5 s.",
        ),
        (
            _event("TimerStarted", name="1", attributes={"start_to_fire_seconds": 1234567.0}),
            "The workflow started timer `1`, which fires in about 14 d 7 h.",
        ),
        (
            _event("WorkflowExecutionUpdateCompleted", name="add", failure=Failure("no", type="Refused")),
            "Update `add` failed: Refused: no.",
        ),
        (
            _event("WorkflowExecutionSignaled", name="go", attributes={"external_workflow_id": "order-9"}),
            "Workflow `order-9` sent signal `go`.",
        ),
        (
            _event(
                "WorkflowExecutionFailed",
                failure=Failure("", kind="activity", cause=Failure("", kind="timeout")),
            ),
            "The workflow failed: timeout.",
        ),
        (
            _event("ActivityTaskCompleted", name="a", payloads={"result": ("x" * 100,)}),
            f"Activity `a` returned '{'x' * 56}....",
        ),
        (
            _event("MarkerRecorded", name="core_patch", attributes={"patch": "v2", "deprecated": True}),
            "The code went past `deprecate_patch('v2')`.",
        ),
        (
            _event(
                "WorkflowTaskFailed",
                attributes={"cause": "NonDeterministicError"},
                failure=Failure("[TMPRL1100]"),
            ),
            (
                "The workflow task failed (NonDeterministicError): [TMPRL1100]; "
                "the workflow has not failed, the task is tried again."
            ),
        ),
        (
            _event("WorkflowExecutionTerminated", worker="history-resetter", attributes={"reason": "a bug"}),
            "A reset ended this run: a bug; a new one goes on from an earlier event.",
        ),
        (
            _event(
                "MarkerRecorded",
                name="core_local_activity",
                attributes={"activity_type": "charge"},
                failure=Failure("Activity cancelled", kind="canceled"),
            ),
            "Local activity `charge` inside the worker was canceled.",
        ),
    ],
)
def test_sentences_say_what_there_is(event, sentence):
    assert explain(event) == sentence


SIZES = {"s": 1, "min": 60, "h": 3600, "d": 86400, "days": 86400}


def test_a_length_is_told_as_it_is_or_as_about_and_rounded_to_the_hour():
    around = [
        many * size + more
        for many in (1, 2, 3, 10)
        for size in (3600, 86400)
        for more in (-61, -5, -1, 0, 1, 59)
    ]
    rounded = set()
    for asked in [*around, 1, 59, 61, 91800, 1234567, 31536000]:
        told = explain(_event("TimerStarted", attributes={"start_to_fire_seconds": float(asked)}))
        words = told.partition("fires in ")[2].removesuffix(".").replace(",", "").split()
        if is_about := words[0] == "about":
            rounded.add(asked)
        parts = words[is_about:]
        assert len(parts) in {2, 4}, told
        total = sum(int(many) * SIZES[unit] for many, unit in zip(parts[::2], parts[1::2], strict=True))
        assert total == ((asked + 1800) // 3600 * 3600 if is_about else asked)
    assert {91800, 86400, 86401, 3599}.isdisjoint(rounded)
    assert {1234567, 10 * 86400 - 1} <= rounded


def _end(kind: str, **given: object) -> Event:
    return Event(10, kind, KIND_OF[kind], 1.0, opened_by=1, **given)


def _history(*events: Event) -> History:
    """The family's, whose events from 9 on are others."""
    family = read_history(DATA / "family.json")
    return replace(family, events=(*family.events[:8], *events))


@pytest.mark.parametrize("kind", ["WorkflowExecutionTerminated", "WorkflowExecutionTimedOut"])
def test_a_task_that_the_server_closes_as_the_run_ends_is_not_tried_again(kind: str):
    closed = _event("WorkflowTaskFailed", worker="history-service", attributes={"cause": "ForceCloseCommand"})
    for history in (None, _history(closed), _history(closed, _end(kind))):
        assert explain(closed, history) == "The server closed the workflow task that was open: the run ends."
    again = _history(closed, Event(10, "WorkflowTaskScheduled", "task", 1.0))
    assert explain(closed, again).endswith(": it gives out another.")


@pytest.mark.parametrize("cause", WorkflowTaskFailedCause.keys())
def test_a_workflow_task_failed_or_was_closed_by_its_cause(cause: str):
    """Only of a task that a worker failed, or whose commands are wrong, is it told that it failed."""
    name = camel(cause, "WORKFLOW_TASK_FAILED_CAUSE_")
    told = explain(_event("WorkflowTaskFailed", attributes={"cause": name}))
    is_closed = ["FORCE_CLOSE", "FAILOVER_CLOSE", "RESET_", "UNHANDLED_COMMAND", "UNHANDLED_UPDATE", "PAUSE"]
    assert ("the task is tried again" in told) is not any(part in cause for part in is_closed), told
    assert (name in CLOSED_TASKS) is any(part in cause for part in is_closed)


@pytest.mark.parametrize("names", [True, False])
@pytest.mark.parametrize("worker", ["history-service", "temporal-sys-parent-close-policy-workflow"])
def test_what_the_server_did_was_no_client(worker: str, names: bool):
    ended = _end(
        "WorkflowExecutionTerminated", worker=worker, attributes={"reason": "by parent close policy"}
    )
    assert explain(ended, names=names) == (
        "The server terminated the execution, as its parent workflow has ended (parent close policy); "
        "its code was not told."
    )
    large = _end("WorkflowExecutionTerminated", worker=worker, attributes={"reason": "history too large"})
    assert explain(large, names=names) == (
        "The server terminated the execution: history too large; its code was not told."
    )
    parent = {"external_workflow_id": "order-9"}
    asked = _event("WorkflowExecutionCancelRequested", worker=worker, attributes=parent)
    named = " `order-9`" if names else ""
    assert explain(asked, names=names) == (
        f"The server asked the workflow to cancel itself, as its parent workflow{named} has ended "
        "(parent close policy)."
    )
    by_code = replace(asked, attributes=parent | {"external_initiated_event_id": 57})
    assert explain(by_code, names=names) == (
        f"{'Workflow `order-9`' if names else 'Another workflow'} asked the workflow to cancel itself."
    )
    mine = replace(ended, worker="my-history-service")
    assert explain(mine, names=names).startswith("Client my-" if names else "A client terminated")


def test_what_a_schedule_did_was_no_client():
    by = {"worker": "temporal-scheduler-default-nightly-1"}
    found = {"search_attributes": ({"TemporalScheduledById": "nightly-1"},)}
    started = Event(1, "WorkflowExecutionStarted", "workflow", 0.0, name="Report", payloads=found, **by)
    assert explain(started).startswith("Schedule `nightly-1` started workflow `Report`")
    assert explain(started, names=False).startswith("A schedule started workflow `Report`")
    asked = _event("WorkflowExecutionCancelRequested", **by)
    family = read_history(DATA / "family.json")
    history = replace(family, events=(started, *family.events[1:]))
    assert explain(asked, history) == "Schedule `nightly-1` asked the workflow to cancel itself."
    assert explain(asked).startswith("A schedule (temporal-scheduler-default-nightly-1) asked")


def test_a_finished_workflow_task_tells_its_commands():
    family = read_history(DATA / "family.json")
    assert explain(family.event(4), family, names=False) == (
        "A worker ran the workflow's code as far as it could and answered with 2 commands: "
        "child workflow `Kid`, child workflow `Kid`."
    )
    assert explain(family.event(11), family, names=False).endswith(" answered without a command.")
    assert explain(family.event(4), names=False).endswith(" answered.")
    mixed = read_history(DATA / "mixed.json")
    assert explain(mixed.event(7), mixed).endswith(
        "with 3 commands: patch `v2`, search attributes, activity `undo`."
    )


def test_a_history_reads_as_a_story():
    history = read_history(DATA / "mixed.json")
    story = [explain(event, history, names=False) for event in history]
    assert story[:3] == [
        "A client started workflow `Mixed` on task queue `b3`.",
        "The server put a workflow task on task queue `b3`.",
        "A client sent signal `sig` with 0.",
    ]
    assert story[11] == "Activity `undo` returned 'undid patched'."
    assert story[12].endswith(
        "on the sticky queue, a line of its own for the worker that still has the workflow in memory."
    )
    assert story[13] == "The server gave the workflow task to a worker."
    assert story[14] == (
        "The workflow task failed (WorkflowWorkerUnhandledFailure): RuntimeError: bug in the workflow code; "
        "the workflow has not failed, the task is tried again."
    )
    assert story[-1] == "The workflow cleaned up and ended as canceled."


def test_sentences_without_names_are_the_same_for_every_run():
    text = (DATA / "cart.json").read_text(encoding="utf-8")
    other = (
        text.replace("1459@vm", "7@else")
        .replace("cart-22057708", "cart-1")
        .replace("2026-11-22", "2027-01-01")
    )
    assert other != text

    def story(history: History) -> list[str]:
        return [explain(event, history, names=False) for event in history]

    assert story(read_history(other)) == story(read_history(text))
