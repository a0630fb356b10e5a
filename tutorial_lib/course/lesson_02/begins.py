"""Reports that an activity begins, from within its worker: a request to the server always learns it late."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import temporalio.client
import temporalio.worker
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput


def with_begins(client: Client, begins: Callable[[str], None]) -> Client:
    """The same client, with an interceptor by which its workers report that an activity begins.

    Args:
        client: Any client.
        begins: Called with the id of the activity's workflow, in the worker's event loop, just before the
            activity's first line.
    """
    config = client.config()
    config["interceptors"] = [*config["interceptors"], _Begins(begins)]
    return Client(**config)


class _Begins(temporalio.client.Interceptor, temporalio.worker.Interceptor):
    """A client interceptor that is a worker interceptor too: the SDK hands it on to the client's workers."""

    def __init__(self, begins: Callable[[str], None]) -> None:
        self._begins = begins

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK's name
        """Wrap every activity."""
        return _Reporting(next, self._begins)


class _Reporting(ActivityInboundInterceptor):
    def __init__(self, following: ActivityInboundInterceptor, begins: Callable[[str], None]) -> None:
        super().__init__(following)
        self._begins = begins

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        """Report it, then run it."""
        self._begins(activity.info().workflow_id or "")
        return await super().execute_activity(input)
