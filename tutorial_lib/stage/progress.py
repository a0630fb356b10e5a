"""How far an execution is, as a number: for waits that end when nothing moves any more."""

from __future__ import annotations

from temporalio.api.enums.v1 import PendingWorkflowTaskState
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse

_STARTED = PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED


def progress(seen: DescribeWorkflowExecutionResponse, now: float) -> int:
    """How far an execution is: its events, and the seconds for which its workflow task has been given out.

    Those seconds are no standstill. A busy server can take a task for given out that no worker has got, and
    offers it again when its timeout is over (temporal #11733).

    Args:
        seen: What `describe` answered.
        now: The time by the server's clock, in seconds since 1970.

    Returns:
        A number that is another one as long as the execution moves.
    """
    task, events = seen.pending_workflow_task, seen.workflow_execution_info.history_length
    if task.state != _STARTED:
        return events
    return events + max(0, int(now - task.started_time.ToNanoseconds() / 1e9))
