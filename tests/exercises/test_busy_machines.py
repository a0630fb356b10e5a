"""What a busy machine does to a check is no fault of the learner's."""

from __future__ import annotations

import types
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.api.enums.v1 import PendingWorkflowTaskState
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse

from tests.support.waiting import looks_async
from tutorial_lib.course.lesson_02.exercises import three_ends
from tutorial_lib.exercises.checks.workbench import Workbench


async def has_ended(order) -> bool:
    return (await order.describe()).close_time is not None


@pytest.mark.parametrize("until", [three_ends._packed, has_ended], ids=["packed", "ended"])
async def test_a_kill_that_came_when_the_order_was_packed_is_made_again(client, monkeypatch, until):
    late = []
    in_hand = three_ends._in_hand

    async def in_hand_for_long(order):
        await in_hand(order)
        if not late:
            late.append(order.id)
            async for _ in looks_async():
                if await until(order):
                    break

    monkeypatch.setattr(three_ends, "_in_hand", in_hand_for_long)
    bench = Workbench(client, "three-ends")
    try:
        seen = await three_ends._three_ends(bench)
    finally:
        await bench.close()
    assert seen["order-61"].workflow_id not in late
    assert [three_ends._begun(history).attempt for history in seen.values()] == [2, 1, 1]


async def test_a_bench_moves_while_a_workflow_task_is_given_out(client):
    answer = DescribeWorkflowExecutionResponse()
    answer.workflow_execution_info.history_length = 7
    answer.pending_workflow_task.started_time.FromDatetime(datetime.now(UTC) - timedelta(minutes=5))

    async def describe():
        return types.SimpleNamespace(raw_description=answer)

    bench = Workbench(client, "moved")
    bench._open.append(types.SimpleNamespace(describe=describe))
    still = await bench.moved()
    answer.pending_workflow_task.state = PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED
    assert await bench.moved() >= still + 299
