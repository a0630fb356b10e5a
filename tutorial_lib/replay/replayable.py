"""What Core asks of a history before it replays it, checked first: Core would wait for ever, or panic."""

from __future__ import annotations

from tutorial_lib.errors import HistoryError
from tutorial_lib.history.events import History

_STARTED = "WorkflowTaskStarted"
# Core's own list. The server ends a task that is open when a run times out; it does not on termination.
_ENDS = frozenset(
    {
        "WorkflowTaskCompleted",
        "WorkflowTaskFailed",
        "WorkflowTaskTimedOut",
        "WorkflowExecutionTerminated",
    }
)


def check_replayable(history: History) -> None:
    """Checks the workflow tasks of a history.

    Raises:
        HistoryError: No worker has begun with the run, or a workflow task has no end.
    """
    if not any(event.type == _STARTED for event in history.events):
        raise HistoryError(
            f"no worker has begun with {history.workflow_id!r}: its history has no {_STARTED}, "
            "so there is no step of its code to replay",
            f"start a worker on its task queue {history.task_queue!r}, then try again; "
            "`lab.timeline(handle)` shows what there is",
        )
    for event, following in zip(history.events, history.events[1:], strict=False):
        if event.type == _STARTED and following.type not in _ENDS:
            raise HistoryError(
                f"event {following.id} ({following.type}) follows {_STARTED}; "
                "a workflow task completes, fails or times out first",
                "give the history as the server wrote it, e.g. "
                "`temporal workflow show -o json -w ID > history.json`",
            )
