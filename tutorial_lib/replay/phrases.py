"""Short plain phrases for what Core delivers to a workflow and what a workflow asks for."""

from __future__ import annotations

# Jobs, by the name of their field in Core's protobuf.
JOB_PHRASES = {
    "initialize_workflow": "start of workflow",
    "fire_timer": "timer fired",
    "update_random_seed": "new random seed after a reset",
    "cancel_workflow": "cancellation requested",
    "signal_workflow": "signal",
    "resolve_activity": "activity",
    "notify_has_patch": "patch marker",
    "resolve_child_workflow_execution_start": "child workflow",
    "resolve_child_workflow_execution": "child workflow",
    "resolve_signal_external_workflow": "signal to another workflow",
    "resolve_request_cancel_external_workflow": "cancellation of another workflow",
    "do_update": "update",
    "resolve_nexus_operation_start": "Nexus operation",
    "resolve_nexus_operation": "Nexus operation",
}

# Commands, likewise.
COMMAND_PHRASES = {
    "schedule_activity": "schedule activity",
    "request_cancel_activity": "cancel activity",
    "schedule_local_activity": "run local activity",
    "request_cancel_local_activity": "cancel local activity",
    "start_timer": "start timer",
    "cancel_timer": "cancel timer",
    "start_child_workflow_execution": "start child workflow",
    "cancel_child_workflow_execution": "cancel child workflow",
    "signal_external_workflow_execution": "signal workflow",
    "request_cancel_external_workflow_execution": "cancel workflow",
    "cancel_signal_workflow": "cancel signal to workflow",
    "complete_workflow_execution": "complete workflow",
    "fail_workflow_execution": "fail workflow",
    "cancel_workflow_execution": "close workflow as canceled",
    "continue_as_new_workflow_execution": "continue as new",
    "set_patch_marker": "record patch",
    "upsert_workflow_search_attributes": "set search attributes",
    "modify_workflow_properties": "set memo",
    "update_response": "update",
    "schedule_nexus_operation": "schedule Nexus operation",
    "request_cancel_nexus_operation": "cancel Nexus operation",
}
