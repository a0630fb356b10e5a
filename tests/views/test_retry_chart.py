"""The retry chart: what a policy says, and that a real server does just that."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import islice

import pytest
from temporalio.common import RetryPolicy

from tests.support.waiting import wait_for
from tests.views.retry_chart_workflows import POLICY, Order, charge
from tutorial_lib.views.execution.retry_plan import planned, sentence
from tutorial_lib.views.execution.tries import ObservedActivity, Try
from tutorial_lib.views.retry_chart.layout import MOST, retry_chart_layout
from tutorial_lib.views.retry_chart.view import RetryChart


def times(policy: RetryPolicy, count: int, limit: float | None = None) -> list[float]:
    return [round(each.at, 3) for each in islice(planned(policy, limit), count)]


def test_the_times_follow_from_the_policys_definition():
    assert times(RetryPolicy(), 5) == [0, 1, 3, 7, 15]
    assert times(RetryPolicy(maximum_attempts=3), 9) == [0, 1, 3]
    assert times(RetryPolicy(maximum_attempts=1), 9) == [0]
    assert times(RetryPolicy(backoff_coefficient=1), 4) == [0, 1, 2, 3]
    assert times(RetryPolicy(maximum_interval=timedelta(seconds=2)), 5) == [0, 1, 3, 5, 7]
    assert times(POLICY, 9) == [0, 0.4, 1.2, 2.2, 3.2]
    assert times(RetryPolicy(), 99, limit=10) == [0, 1, 3, 7]


def test_without_a_maximum_interval_a_wait_is_at_most_100_initial_intervals():
    waits = [each.wait for each in islice(planned(RetryPolicy(initial_interval=timedelta(seconds=2))), 12)]
    assert waits[-3:] == [200, 200, 200]
    huge = RetryPolicy(backoff_coefficient=1e300)  # no overflow
    assert [each.wait for each in islice(planned(huge), 4)] == [0, 1, 100, 100]


def test_the_policy_in_words():
    assert sentence(RetryPolicy(maximum_attempts=4)) == (
        "Retry policy. 4 attempts: at 0 s, 1 s, 3 s and 7 s if each fails at once; then it gives up."
    )
    assert (
        sentence(RetryPolicy(maximum_attempts=1)) == "Retry policy. One attempt, no retry; then it gives up."
    )
    assert sentence(RetryPolicy()) == (
        "Retry policy. Attempts at 0 s, 1 s, 3 s, 7 s, 15 s, 31 s, ... if each fails at once; "
        "never more than 1 min 40 s apart, for ever."
    )
    assert sentence(RetryPolicy(), 10) == (
        "Retry policy. 4 attempts: at 0 s, 1 s, 3 s and 7 s if each fails at once; "
        "then its schedule-to-close timeout of 10 s leaves no time for another."
    )
    assert sentence(RetryPolicy(backoff_coefficient=1, non_retryable_error_types=["BankClosed"])) == (
        "Retry policy. Attempts at 0 s, 1 s, 2 s, 3 s, 4 s, 5 s, ... if each fails at once; "
        "always 1 s apart, for ever. Not retried: BankClosed."
    )


def test_a_policy_alone_is_drawn_as_planned_attempts():
    view = RetryChart.of(RetryPolicy(maximum_attempts=4))
    assert [(row["state"], row["from"], row["due"]) for row in view.chart["rows"]] == [
        ("planned", 0, 0),
        ("planned", 0, 1),
        ("planned", 1, 3),
        ("planned", 3, 7),
    ]
    assert repr(view) == sentence(RetryPolicy(maximum_attempts=4))
    assert not view.live
    assert view.picture().svg.count("<circle") == 4


def test_a_timeout_ends_the_plan_and_is_drawn():
    view = RetryChart.of(RetryPolicy(), schedule_to_close_timeout=timedelta(seconds=10))
    assert [row["due"] for row in view.chart["rows"]] == [0, 1, 3, 7]
    assert "Red line: schedule-to-close timeout, 10 s." in view.picture().svg


def run_of(*tries: Try, closed: str = "", policy: RetryPolicy = POLICY) -> ObservedActivity:
    return ObservedActivity(
        "charge", "1", 1000.0, policy, None, {each.number: each for each in tries}, closed=closed
    )


def test_real_attempts_move_what_is_planned_after_them():
    late = Try(1, "failed", 1000.0, 1002.5, "BankClosed: the bank is closed")
    chart = retry_chart_layout(POLICY, run_of(late))
    assert [(row["state"], round(row["due"], 3)) for row in chart["rows"][:3]] == [
        ("failed", 0),
        ("planned", 2.9),
        ("planned", 3.7),
    ]
    assert chart["rows"][0]["end"] == 2.5


def test_an_attempt_that_nobody_saw_is_said_to_be_unseen():
    chart = retry_chart_layout(POLICY, run_of(Try(1, "failed"), Try(2, "running", 1000.6)))
    assert [row["words"] for row in chart["rows"][:3]] == ["failed, not seen", "running", "planned"]


def test_another_policy_on_the_server_is_told():
    chart = retry_chart_layout(RetryPolicy(), run_of(Try(1, "running", 1000.0)))
    assert chart["other"].startswith("The server has another policy for charge: Retry policy. 5 attempts")
    assert retry_chart_layout(POLICY, run_of(Try(1, "running", 1000.0)))["other"] == ""


def test_many_attempts_are_folded_in_the_middle():
    endless = RetryPolicy(backoff_coefficient=1)
    tries = [Try(n, "failed", 1000.0 + n, 1000.0 + n) for n in range(1, 41)]
    rows = retry_chart_layout(endless, run_of(*tries, policy=endless))["rows"]
    assert len(rows) == MOST
    assert [row["number"] for row in rows[:3]] == [1, 2, 3]
    assert (rows[3]["state"], rows[3]["words"]) == ("skipped", "attempts 4 to 32")
    assert [row["number"] for row in rows[4:]] == list(range(33, 43))
    assert RetryChart(chart=retry_chart_layout(endless, run_of(*tries, policy=endless))).picture().svg


@pytest.fixture
async def orders(lab):
    lab.start_worker(task_queue="orders", workflows=[Order], activities=[charge])
    return lab


async def test_the_drawn_schedule_is_what_the_server_does(orders):
    handle = await orders.client.start_workflow(Order.run, 4, id="order", task_queue="orders")
    view = await RetryChart.follow(POLICY, orders.client, handle.id)
    assert await handle.result() == "charged"
    wait_for(lambda: not view.live)
    rows = view.chart["rows"]
    assert [row["state"] for row in rows] == ["failed"] * 4 + ["completed"]
    assert [row["wait"] for row in rows] == pytest.approx([0, 0.4, 0.8, 1.0, 1.0])
    # An attempt that came and went between two looks is not known any more: the server keeps the latest.
    seen = [row for row in rows if row["words"] != "failed, not seen"]
    assert seen[-1] is rows[-1], [row["words"] for row in rows]
    # As planned from the real end of the attempt before, never earlier; both are the server's own times.
    assert [row["words"] for row in seen if row["start"] - row["due"] < -0.05] == []
    assert {row["failure"] for row in seen} == {"BankClosed: the bank is closed", ""}
    assert repr(view).endswith("charge: 5 attempts, the last one completed.")
    assert view.chart["other"] == ""


async def test_when_the_policy_is_exhausted_it_says_so(orders):
    handle = await orders.client.start_workflow(Order.run, 99, id="order", task_queue="orders")
    view = await RetryChart.follow(None, orders.client, handle.id, activity="charge")
    wait_for(lambda: not view.live)
    assert [row["state"] for row in view.chart["rows"]] == ["failed"] * 5
    assert view.chart["closed"] == "failed"
    assert repr(view) == f"{sentence(POLICY)} charge: 5 attempts, failed."


async def test_afterwards_the_history_tells_of_the_last_attempt_alone(orders):
    handle = await orders.client.start_workflow(Order.run, 1, id="order", task_queue="orders")
    await handle.result()
    view = await RetryChart.follow(POLICY, orders.client, handle.id)
    assert not view.live
    assert [row["words"] for row in view.chart["rows"]] == ["failed, not seen", "completed"]
    assert view.chart["rows"][1]["start"] is not None
    assert repr(view).endswith("charge: 2 attempts, the last one completed.")


async def test_it_waits_for_an_activity_that_is_not_scheduled_yet_and_ends_with_the_workflow(orders):
    handle = await orders.client.start_workflow(Order.run, 0, id="later", task_queue="nobody")
    view = await RetryChart.follow(POLICY, orders.client, handle.id)
    assert view.live
    assert view.chart["activity"] == ""
    assert repr(view) == sentence(POLICY)
    await handle.terminate()
    wait_for(lambda: not view.live)


async def test_a_workflow_that_ends_leaves_its_activity_behind(orders):
    handle = await orders.client.start_workflow(Order.run, 99, id="order", task_queue="orders")
    view = await RetryChart.follow(POLICY, orders.client, handle.id)
    wait_for(lambda: view.chart["rows"][0]["state"] == "failed")
    await handle.terminate()
    wait_for(lambda: not view.live)
    assert view.chart["closed"] == "left behind"
    assert await asyncio.to_thread(lambda: view.chart["next"]) is None


def test_an_attempt_keeps_what_was_seen_of_it():
    from temporalio.api.enums.v1 import PendingActivityState
    from temporalio.api.workflow.v1 import PendingActivityInfo

    from tutorial_lib.views.execution.tries import with_pending

    run = replace(run_of(Try(1, "running", 1000.25)), next_at=0.0)
    waiting = PendingActivityInfo(attempt=2, state=PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED)
    waiting.last_attempt_complete_time.FromSeconds(1001)
    waiting.next_attempt_schedule_time.FromSeconds(1002)
    seen = with_pending(run, waiting)
    assert seen.tries[1] == Try(1, "failed", 1000.25, 1001.0, "")
    assert seen.next_at == 1002
    jumped = PendingActivityInfo(attempt=4, state=PendingActivityState.PENDING_ACTIVITY_STATE_STARTED)
    jumped.last_started_time.FromSeconds(1005)
    later = with_pending(seen, jumped)
    assert [(each.number, each.state, each.started) for each in later.tries.values()] == [
        (1, "failed", 1000.25),
        (2, "failed", 0.0),
        (3, "failed", 0.0),
        (4, "running", 1005.0),
    ]
