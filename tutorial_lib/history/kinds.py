"""What sorts of events there are: the name of each type, the kind of span it belongs to, what opens a span.

The tables name every event type of server 1.32; a type that is newer than the installed SDK keeps its own
name and is of kind "other".
"""

from __future__ import annotations

from temporalio.api.enums.v1 import EventType

KINDS = (
    "workflow",
    "task",
    "activity",
    "timer",
    "child",
    "signal",
    "update",
    "marker",
    "nexus",
    "external",
    "properties",
    "other",
)

_TYPES = {
    "workflow": """
        WorkflowExecutionStarted WorkflowExecutionCompleted WorkflowExecutionFailed WorkflowExecutionTimedOut
        WorkflowExecutionCancelRequested WorkflowExecutionCanceled WorkflowExecutionTerminated
        WorkflowExecutionContinuedAsNew WorkflowExecutionPaused WorkflowExecutionUnpaused""",
    "task": """
        WorkflowTaskScheduled WorkflowTaskStarted WorkflowTaskCompleted WorkflowTaskTimedOut
        WorkflowTaskFailed""",
    "activity": """
        ActivityTaskScheduled ActivityTaskStarted ActivityTaskCompleted ActivityTaskFailed
        ActivityTaskTimedOut ActivityTaskCancelRequested ActivityTaskCanceled
        ActivityPropertiesModifiedExternally""",
    "timer": "TimerStarted TimerFired TimerCanceled",
    "child": """
        StartChildWorkflowExecutionInitiated StartChildWorkflowExecutionFailed ChildWorkflowExecutionStarted
        ChildWorkflowExecutionCompleted ChildWorkflowExecutionFailed ChildWorkflowExecutionCanceled
        ChildWorkflowExecutionTimedOut ChildWorkflowExecutionTerminated""",
    "signal": "WorkflowExecutionSignaled",
    "update": """
        WorkflowExecutionUpdateAdmitted WorkflowExecutionUpdateAccepted WorkflowExecutionUpdateRejected
        WorkflowExecutionUpdateCompleted""",
    "marker": "MarkerRecorded",
    "nexus": """
        NexusOperationScheduled NexusOperationStarted NexusOperationCompleted NexusOperationFailed
        NexusOperationCanceled NexusOperationTimedOut NexusOperationCancelRequested
        NexusOperationCancelRequestCompleted NexusOperationCancelRequestFailed""",
    "external": """
        SignalExternalWorkflowExecutionInitiated SignalExternalWorkflowExecutionFailed
        ExternalWorkflowExecutionSignaled RequestCancelExternalWorkflowExecutionInitiated
        RequestCancelExternalWorkflowExecutionFailed ExternalWorkflowExecutionCancelRequested""",
    "properties": """
        UpsertWorkflowSearchAttributes WorkflowPropertiesModified WorkflowPropertiesModifiedExternally
        WorkflowExecutionOptionsUpdated""",
    "other": "Unspecified WorkflowExecutionTimeSkippingTransitioned",
}

KIND_OF = {name: kind for kind, names in _TYPES.items() for name in names.split()}

OPENERS = frozenset(
    {
        "WorkflowExecutionStarted",
        "WorkflowExecutionPaused",
        "WorkflowTaskScheduled",
        "ActivityTaskScheduled",
        "TimerStarted",
        "StartChildWorkflowExecutionInitiated",
        "WorkflowExecutionUpdateAccepted",
        "NexusOperationScheduled",
        "SignalExternalWorkflowExecutionInitiated",
        "RequestCancelExternalWorkflowExecutionInitiated",
    }
)

# Markers that are local activities; the second is of the SDKs of Go and Java.
LOCAL_ACTIVITY = frozenset({"core_local_activity", "LocalActivity"})

# Causes of a WorkflowTaskFailed by which nothing has failed, and what has become of the task.
CLOSED_TASKS = {
    "ResetWorkflow": "reset to this point",
    "ForceCloseCommand": "closed by the server",
    "FailoverCloseCommand": "closed by the server",
    "UnhandledCommand": "to be run again",
    "UnhandledUpdate": "to be run again",
    "ResetStickyTaskQueue": "given back",
    "WorkflowPauseRequestedBeforeTaskStarted": "paused before it began",
}

# How a run ends, and the status that it then has.
CLOSING = {
    "WorkflowExecutionCompleted": "Completed",
    "WorkflowExecutionFailed": "Failed",
    "WorkflowExecutionTimedOut": "TimedOut",
    "WorkflowExecutionCanceled": "Canceled",
    "WorkflowExecutionTerminated": "Terminated",
    "WorkflowExecutionContinuedAsNew": "ContinuedAsNew",
}


def camel(enum_name: str, prefix: str) -> str:
    """An enum value as Temporal's docs write it: EVENT_TYPE_TIMER_FIRED is "TimerFired"."""
    return "".join(word.capitalize() for word in enum_name.removeprefix(prefix).split("_"))


_NAMES: dict[int, str] = {number: camel(name, "EVENT_TYPE_") for name, number in EventType.items()}


def type_name(number: int) -> str:
    """The name of an event type, "EventType 123" if the installed SDK does not know it."""
    return _NAMES.get(number) or f"EventType {number}"
