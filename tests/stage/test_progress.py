"""A wait that ends when nothing moves goes on while a workflow task is given out."""

from __future__ import annotations

from datetime import UTC, datetime

from temporalio.api.enums.v1 import PendingWorkflowTaskState
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse

from tutorial_lib.stage.progress import progress


def seen(state: PendingWorkflowTaskState.ValueType | None = None) -> DescribeWorkflowExecutionResponse:
    answer = DescribeWorkflowExecutionResponse()
    answer.workflow_execution_info.history_length = 7
    if state is not None:
        answer.pending_workflow_task.state = state
        answer.pending_workflow_task.started_time.FromDatetime(datetime.fromtimestamp(1000, UTC))
    return answer


def test_an_execution_is_as_far_as_its_events():
    assert progress(seen(), 1000) == progress(seen(), 1009) == 7


def test_a_task_that_nobody_took_is_no_progress():
    waiting = seen(PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED)
    assert progress(waiting, 1000) == progress(waiting, 1009) == 7


def test_a_task_that_was_given_out_is_progress_for_as_long_as_that():
    taken = seen(PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED)
    assert [progress(taken, 1000 + seconds) for seconds in (0.5, 1.5, 2.5)] == [7, 8, 9]
    assert progress(taken, 999) == 7, "the clocks of two machines differ"
