"""What a server reports of a retry that waits: the attempts of a hand that takes them when it likes."""

from __future__ import annotations

import sysconfig
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from temporalio.api.failure.v1 import ApplicationFailureInfo, Failure
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.api.workflowservice.v1 import PollActivityTaskQueueRequest, RespondActivityTaskFailedRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from tests.support.waiting import looks, looks_async, wait_until
from tests.views.retry_chart_workflows import POLICY, Order
from tutorial_lib.lab import Lab
from tutorial_lib.views.execution.attempts import Pending
from tutorial_lib.views.execution.tries import FAILED, ActivityReader
from tutorial_lib.views.retry_chart.layout import retry_chart_layout
from tutorial_lib.views.timeline.pending import PendingWatch

QUEUE = "by-hand"


@asynccontextmanager
async def an_order(client: Client) -> AsyncIterator[WorkflowHandle[Any, Any]]:
    """An order whose activity nobody takes but `fail_an_attempt`."""
    async with Worker(client, task_queue=QUEUE, workflows=[Order]):
        handle = await client.start_workflow(Order.run, 99, id="order", task_queue=QUEUE)
        await wait_until_pending(handle)
        yield handle
        await handle.terminate()


async def wait_until_pending(handle: WorkflowHandle[Any, Any]) -> None:
    async for _ in looks_async():
        if (await handle.describe()).raw_description.pending_activities:
            return


async def pending(handle: WorkflowHandle[Any, Any]) -> PendingActivityInfo:
    [info] = (await handle.describe()).raw_description.pending_activities
    return info


async def fail_an_attempt(client: Client) -> None:
    """Take the next attempt as soon as the server has it, and fail it."""
    queue = TaskQueue(name=QUEUE)
    service, namespace = client.workflow_service, client.namespace
    for _ in looks(0):
        task = await service.poll_activity_task_queue(
            PollActivityTaskQueueRequest(namespace=namespace, task_queue=queue, identity="hand")
        )
        if task.task_token:
            break
    failure = Failure(
        message="the bank is closed", application_failure_info=ApplicationFailureInfo(type="BankClosed")
    )
    await service.respond_activity_task_failed(
        RespondActivityTaskFailedRequest(namespace=namespace, task_token=task.task_token, failure=failure)
    )


async def wait_until_overdue(handle: WorkflowHandle[Any, Any]) -> None:
    async for _ in looks_async():
        if not (await pending(handle)).HasField("next_attempt_schedule_time"):
            return


async def first_told(client: Client, handle: WorkflowHandle[Any, Any], began: float) -> Pending:
    """What the timeline is told by the first look of a watch."""
    told: list[list[Pending]] = []
    watch = PendingWatch(client, handle.id, needed=lambda: True, tell=told.append, where=lambda: ("", began))
    try:
        await wait_until(lambda: told)
    finally:
        watch.stop()
    return told[0][0]


async def test_a_retry_that_nobody_takes_in_time_keeps_its_own_time(lab: Lab) -> None:
    """Each look comes when the retry is overdue: the time of the retry before is not taken for its own."""
    async with an_order(lab.client) as handle:
        reader = ActivityReader(lab.client, handle.id)
        announced = {}
        for number, wait in ((1, 0.4), (2, 0.8)):
            await fail_an_attempt(lab.client)
            await wait_until_overdue(handle)
            run = await reader.read()
            assert run is not None
            assert run.next_at - run.tries[number].ended == pytest.approx(
                wait, abs=0.05
            )  # the server's times
            announced[number + 1] = run.next_at
            told = await first_told(lab.client, handle, run.scheduled)
            assert (told.attempt, told.running) == (number + 1, False)
            assert told.next == pytest.approx(run.next_at - run.scheduled)
        await fail_an_attempt(lab.client)
        run = await reader.read()
        assert run is not None
        assert {number: run.tries[number].started for number in announced} == announced
        rows = retry_chart_layout(POLICY, run)["rows"][:3]
        assert [row["words"] for row in rows] == ["failed"] * 3
        assert [row["number"] for row in rows if row["start"] - row["due"] < -0.05] == []


async def test_the_test_servers_retry_that_waits_does_not_run() -> None:
    """It reports the next attempt as started, with the start of the one that has failed."""
    path = sysconfig.get_path("scripts") + "/temporal-test-server"
    async with (
        await WorkflowEnvironment.start_time_skipping(test_server_existing_path=path) as environment,
        an_order(environment.client) as handle,
    ):
        client = environment.client
        reader = ActivityReader(client, handle.id)
        await fail_an_attempt(client)
        run = await reader.read()
        assert run is not None
        assert [(each.number, each.state) for each in run.tries.values()] == [(1, FAILED)]
        assert run.tries[1].ended
        assert run.next_at == 0  # it does not tell
        told = await first_told(client, handle, run.scheduled)
        assert (told.attempt, told.running, told.started, told.next) == (2, False, None, None)
