"""A lesson's own namespace: made when missing, usable at once, cleared of an earlier run's leftovers."""

from __future__ import annotations

import asyncio
import re
import time
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client, WorkflowExecution
from temporalio.service import RPCError, RPCStatusCode

from tutorial_lib.errors import ServerError
from tutorial_lib.stage.server.flags import NAMESPACE_DESCRIPTION, SEARCH_ATTRIBUTES

RETENTION = timedelta(days=3)  # how long closed runs are kept: a course takes a few evenings
USABLE_DEADLINE = 10.0  # seconds; a name that was looked up too early is cached as missing for about one

_COURSES = re.compile(r"(lesson-\d\d|exercises)(-\d+)?")


def is_courses(namespace: str) -> bool:
    """Whether this is a namespace that the course makes: a lesson's, that of checks, or a second kernel's.

    One kernel works in it at a time: a lesson begins with an empty list of workflows, and its checks count
    on finding their own alone.

    Args:
        namespace: A namespace, or the name that a lab is opened with.
    """
    return _COURSES.fullmatch(namespace) is not None


async def make_namespace(client: Client, namespace: str) -> None:
    """Register a namespace unless it is there, and wait until it can be used.

    Args:
        client: Any client of the server.
        namespace: Its name.

    Raises:
        ServerError: If it cannot be used by the deadline.
    """
    retention = Duration()
    retention.FromTimedelta(RETENTION)
    try:
        await client.workflow_service.register_namespace(
            RegisterNamespaceRequest(
                namespace=namespace,
                workflow_execution_retention_period=retention,
                description=NAMESPACE_DESCRIPTION,
            )
        )
    except RPCError as error:
        if error.status != RPCStatusCode.ALREADY_EXISTS:
            raise ServerError(f"namespace {namespace!r} cannot be made: {error.message}") from error
    attributes = {name: IndexedValueType.Value(_INDEX[kind]) for name, kind in SEARCH_ATTRIBUTES.items()}
    request = AddSearchAttributesRequest(namespace=namespace, search_attributes=attributes)
    deadline = time.monotonic() + USABLE_DEADLINE
    while True:
        try:
            await client.operator_service.add_search_attributes(request)
        except RPCError as error:
            if error.status == RPCStatusCode.ALREADY_EXISTS:
                return
            if time.monotonic() > deadline:
                raise ServerError(f"namespace {namespace!r} cannot be used: {error.message}") from error
            await asyncio.sleep(0.01)
        else:
            return


async def terminate_leftovers(client: Client) -> int:
    """Terminate what is open in the client's namespace, schedules included.

    A new worker on the same task queue would pick an earlier run's workflows up otherwise.

    Returns:
        How many executions were terminated.
    """

    async def end(execution: WorkflowExecution) -> None:
        handle = client.get_workflow_handle(execution.id, run_id=execution.run_id)
        try:
            await handle.terminate("left over from an earlier run of this lesson")
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:  # closed by itself meanwhile
                raise

    async for schedule in await client.list_schedules():
        await client.get_schedule_handle(schedule.id).delete()
    executions = [e async for e in client.list_workflows("ExecutionStatus = 'Running'")]
    await asyncio.gather(*map(end, executions))
    return len(executions)


_INDEX = {
    "Text": "INDEXED_VALUE_TYPE_TEXT",
    "Keyword": "INDEXED_VALUE_TYPE_KEYWORD",
    "Int": "INDEXED_VALUE_TYPE_INT",
    "Double": "INDEXED_VALUE_TYPE_DOUBLE",
    "Bool": "INDEXED_VALUE_TYPE_BOOL",
    "Datetime": "INDEXED_VALUE_TYPE_DATETIME",
}
