"""One plain sentence for every event: what happened, who did it, and what that means."""

from __future__ import annotations

from tutorial_lib.history.events import Event, History
from tutorial_lib.history.explain_words import Words, duration, one_line
from tutorial_lib.history.kinds import CLOSED_TASKS, LOCAL_ACTIVITY

SENTENCES = {
    # The workflow execution.
    "WorkflowExecutionCompleted": "The workflow {0.returned}: the execution is completed{0.following}.",
    "WorkflowExecutionFailed": "The workflow failed{0.why}{0.no_retry}{0.following}.",
    "WorkflowExecutionTimedOut": (
        "The execution took longer than its timeout allows: the server ended it{0.no_retry}{0.following}."
    ),
    "WorkflowExecutionCanceled": "The workflow cleaned up and ended as canceled.",
    "WorkflowExecutionContinuedAsNew": (
        "The workflow ended this run and goes on in a new one{0.given}, with an empty history."
    ),
    "WorkflowExecutionPaused": "{0.client} paused the execution{0.reason}.",
    "WorkflowExecutionUnpaused": "{0.client} let the execution go on{0.reason}.",
    # Workflow tasks.
    "WorkflowTaskCompleted": (
        "{0.worker} ran the workflow's code as far as it could and answered{0.commands}."
    ),
    # Activities.
    "ActivityTaskScheduled": (
        "The workflow asked for activity {0.name}{0.given}; the server put its task on {0.queue}."
    ),
    "ActivityTaskStarted": "The server gave activity {0.name} to {0.worker}{0.attempt}{0.before}.",
    "ActivityTaskCompleted": "Activity {0.name} {0.returned}.",
    "ActivityTaskFailed": "Activity {0.name} failed for good{0.attempt}{0.why}{0.no_retry}.",
    "ActivityTaskTimedOut": "Activity {0.name} ran out of time{0.timeout}{0.attempt}{0.no_retry}.",
    "ActivityTaskCancelRequested": "The workflow asked to cancel activity {0.name}.",
    "ActivityTaskCanceled": "Activity {0.name} ended as canceled.",
    "ActivityPropertiesModifiedExternally": "The retry policy of activity {0.name} was changed from outside.",
    # Timers.
    "TimerStarted": "The workflow started timer {0.name}, which fires in {0.length}.",
    "TimerFired": "Timer {0.name} fired.",
    "TimerCanceled": "The workflow needed timer {0.name} no longer and canceled it.",
    # Child workflows.
    "StartChildWorkflowExecutionInitiated": (
        "The workflow asked for child workflow {0.name}{0.child_id}{0.given}."
    ),
    "StartChildWorkflowExecutionFailed": "Child workflow {0.name} could not be started{0.cause}.",
    "ChildWorkflowExecutionStarted": (
        "Child workflow {0.name} started{0.child_id}, with a history of its own."
    ),
    "ChildWorkflowExecutionCompleted": "Child workflow {0.name} {0.returned}.",
    "ChildWorkflowExecutionFailed": "Child workflow {0.name} failed{0.why}{0.no_retry}.",
    "ChildWorkflowExecutionCanceled": "Child workflow {0.name} ended as canceled.",
    "ChildWorkflowExecutionTimedOut": "Child workflow {0.name} took longer than its timeout allows.",
    "ChildWorkflowExecutionTerminated": "Child workflow {0.name} was terminated.",
    # Messages.
    "WorkflowExecutionSignaled": "{0.client} sent signal {0.name}{0.given}.",
    "WorkflowExecutionUpdateAdmitted": (
        "The server kept update {0.name}{0.given} for the workflow over a reset."
    ),
    "WorkflowExecutionUpdateAccepted": "The workflow accepted update {0.name}{0.given} from {0.client}.",
    "WorkflowExecutionUpdateRejected": "The workflow rejected update {0.name}{0.why}.",
    # Nexus operations.
    "NexusOperationScheduled": "The workflow called Nexus operation {0.operation}{0.given}.",
    "NexusOperationStarted": "Nexus operation {0.name} has started; its result will come later.",
    "NexusOperationCompleted": "Nexus operation {0.name} {0.returned}.",
    "NexusOperationFailed": "Nexus operation {0.name} failed{0.why}.",
    "NexusOperationCanceled": "Nexus operation {0.name} ended as canceled.",
    "NexusOperationTimedOut": "Nexus operation {0.name} ran out of time{0.timeout}.",
    "NexusOperationCancelRequested": "The workflow asked to cancel Nexus operation {0.name}.",
    "NexusOperationCancelRequestCompleted": "The request to cancel Nexus operation {0.name} was delivered.",
    "NexusOperationCancelRequestFailed": "The request to cancel Nexus operation {0.name} failed{0.why}.",
    # Other workflows.
    "SignalExternalWorkflowExecutionInitiated": (
        "The workflow asked to send signal {0.name}{0.given} to {0.target}."
    ),
    "SignalExternalWorkflowExecutionFailed": "Signal {0.name} could not be sent to {0.target}{0.cause}.",
    "ExternalWorkflowExecutionSignaled": "Signal {0.name} reached {0.target}.",
    "RequestCancelExternalWorkflowExecutionInitiated": "The workflow asked to cancel {0.target}.",
    "RequestCancelExternalWorkflowExecutionFailed": (
        "The request to cancel {0.target} could not be delivered{0.cause}."
    ),
    "ExternalWorkflowExecutionCancelRequested": "The request to cancel reached {0.target}.",
    # Properties.
    "UpsertWorkflowSearchAttributes": "The workflow set search attributes: {0.set_values}.",
    "WorkflowPropertiesModified": "The workflow changed its memo: {0.set_values}.",
    "WorkflowPropertiesModifiedExternally": "Properties of the workflow were changed from outside.",
    "Unspecified": "The server recorded an event of no type.",
}


def explain(event: Event, history: History | None = None, *, names: bool = True) -> str:
    """What an event means, in one sentence on one line.

    Args:
        event: Any event.
        history: Its history: with it, the sentence of a finished workflow task has its commands.
        names: False leaves out what differs from run to run: identities, workflow ids, points in time.
    """
    words = Words(event, history, names)
    if event.type in _SPECIAL:
        sentence = _SPECIAL[event.type](words)
    elif event.type in SENTENCES:
        sentence = SENTENCES[event.type].format(words)
    else:
        sentence = f"The server recorded {event.type}, which the installed SDK does not know."
    return sentence[:1].upper() + sentence[1:]


def _started(words: Words) -> str:
    event, found = words.event, words.event.attributes
    what = f"workflow {words.name} on {words.queue}{words.given}"
    waits = found.get("first_workflow_task_backoff_seconds")
    later = f"; its first workflow task waits {duration(waits)}" if waits else ""
    initiator = found.get("initiator")
    if initiator and not words.names:
        later = ""  # what is left of an interval when the run before has ended
    if initiator == "Workflow":
        return f"A new run goes on where the one before ended: {what}{later}."
    if initiator == "Retry":
        return f"The server started {what} again{words.attempt}{later}."
    if initiator == "CronSchedule" and found.get("continued_execution_run_id"):
        return f"The cron schedule started the next run of {what}{later}."
    if parent := found.get("parent_workflow_id"):
        by = f"parent workflow `{parent}`" if words.names else "a parent workflow"
        return f"{by} started {what}{later}."
    return f"{words.client} started {what}{words.again if event.attempt else ''}{later}."


def _terminated(words: Words) -> str:
    if words.event.worker == "history-resetter":
        return f"A reset ended this run{words.reason}; a new one goes on from an earlier event."
    if words.by_server and words.event.attributes.get("reason") == "by parent close policy":
        return (
            "The server terminated the execution, as its parent workflow has ended (parent close policy); "
            "its code was not told."
        )
    return f"{words.client} terminated the execution{words.reason}; its code was not told."


def _task_scheduled(words: Words) -> str:
    if words.event.attributes.get("sticky_queue"):
        return (
            "The server put a workflow task on the sticky queue, a line of its own for the worker that "
            f"still has the workflow in memory{words.again}."
        )
    return f"The server put a workflow task on {words.queue}{words.again}."


def _cancel_requested(words: Words) -> str:
    found = words.event.attributes
    if words.by_server and "external_workflow_id" in found and "external_initiated_event_id" not in found:
        # No workflow's code has asked for it.
        parent = f" `{found['external_workflow_id']}`" if words.names else ""
        return (
            f"The server asked the workflow to cancel itself, as its parent workflow{parent} has ended "
            "(parent close policy)."
        )
    return f"{words.client} asked the workflow to cancel itself{words.reason}."


def _task_started(words: Words) -> str:
    if words.event.worker == "history-service":
        return "The server took the workflow task itself, to reset the execution."
    long = words.event.attributes.get("suggest_continue_as_new")
    advice = "; the history is long, so it suggests to continue as new" if long else ""
    return f"The server gave the workflow task to {words.worker}{words.again}{advice}."


def _task_timed_out(words: Words) -> str:
    if words.event.attributes.get("timeout_type") == "ScheduleToStart":
        return (
            "The worker for which the workflow task was kept did not take it in time: the task goes back to "
            "the queue for all."
        )
    return f"No worker answered the workflow task in time{words.timeout}: the server gives it out again."


def _task_failed(words: Words) -> str:
    cause = words.event.attributes.get("cause")
    if cause == "ForceCloseCommand":
        what = "it gives out another" if words.has_later_task else "the run ends"
        return f"The server closed the workflow task that was open: {what}."
    if cause in CLOSED_TASKS:
        return _CLOSED[str(cause)]
    named = f" ({cause})" if cause else ""
    return (
        f"The workflow task failed{named}{words.why}; the workflow has not failed, the task is tried again."
    )


_CLOSED = {
    "ResetWorkflow": "The execution was reset to this point: this run goes on from here.",
    "FailoverCloseCommand": (
        "The server closed the open workflow task, as another cluster took over: another is given out."
    ),
    "UnhandledCommand": (
        "Something new came in while the worker was about to end the workflow, so it must look again."
    ),
    "UnhandledUpdate": (
        "An update came in while the worker was about to end the workflow, so it must look again."
    ),
    "ResetStickyTaskQueue": "The worker gave the workflow task back: the next one is for all workers.",
    "WorkflowPauseRequestedBeforeTaskStarted": (
        "The execution was paused before a worker had the workflow task: it is given out when it goes on."
    ),
}


def _update_completed(words: Words) -> str:
    if words.event.failure is not None:
        return f"Update {words.name} failed{words.why}."
    return f"Update {words.name} {words.returned}."


def _marker(words: Words) -> str:
    event = words.event
    if event.name in LOCAL_ACTIVITY:
        if event.failure is not None and event.failure.root.kind == "canceled":
            return f"Local activity {words.label} inside the worker was canceled."
        how = f"failed{words.why}" if event.failure is not None else words.returned
        return f"Local activity {words.label} ran inside the worker{words.again} and {how}."
    if event.name == "core_patch":
        if event.attributes.get("deprecated"):
            return f"The code went past `deprecate_patch({event.label!r})`."
        return f"The code took the new way at `patched({event.label!r})`: a replay will take it too."
    return f"The SDK left itself a note for replays: marker {words.name}{words.why}."


def _options_updated(words: Words) -> str:
    found = words.event.attributes
    changes = [
        text
        for attribute, text in (
            ("versioning_override", "its versioning override"),
            ("unset_versioning_override", "its versioning override (removed)"),
            ("attached_completion_callbacks", "what is called when it ends"),
            ("attached_request_id", "a start request that was attached to it"),
            ("priority", "its priority"),
            ("time_skipping_config", "its time skipping"),
            ("workflow_update_options", "its updates"),
        )
        if attribute in found
    ]
    return f"{words.client} changed options of the execution: {', '.join(changes) or 'none that is told'}."


def _time_skipped(words: Words) -> str:
    target = words.event.attributes.get("target_time")
    where = f" to {one_line(str(target))}" if words.names and target else ""
    return f"The server put the execution's clock forward{where}: it skipped the time in between."


_SPECIAL = {
    "WorkflowExecutionStarted": _started,
    "WorkflowExecutionTerminated": _terminated,
    "WorkflowExecutionCancelRequested": _cancel_requested,
    "WorkflowTaskScheduled": _task_scheduled,
    "WorkflowTaskStarted": _task_started,
    "WorkflowTaskTimedOut": _task_timed_out,
    "WorkflowTaskFailed": _task_failed,
    "WorkflowExecutionUpdateCompleted": _update_completed,
    "MarkerRecorded": _marker,
    "WorkflowExecutionOptionsUpdated": _options_updated,
    "WorkflowExecutionTimeSkippingTransitioned": _time_skipped,
}
