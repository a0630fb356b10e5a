"""The server's clock. This machine's may be another: then times of the two cannot be compared as they are.

    poll a queue of its own ──> the server notes when ──> describe that queue: the time, by its clock
    t0 by ours                                            t1 by ours: the server's clock is ahead of ours by
                                                          something between (noted - t1) and (noted - t0)

No request asks a Temporal service for its time, and to note when somebody polls is what every version does.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, PollWorkflowTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from tutorial_lib import sdk
from tutorial_lib.background import give_up

MEASURING = 2.0  # seconds after which a service that does not tell is taken to have our time
_QUEUE = "tutorial-clock"
_POLL = timedelta(seconds=10)  # a server refuses polls that may last less than two

_clocks: dict[str, ServerClock] = {}  # by address


class ServerClock:
    """The clock of one service.

    Attributes:
        ahead: Seconds by which it is ahead of this machine's; 0 if no difference could be measured.
    """

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> float:
        """What time it is there, in seconds since the epoch."""
        return time.time() + self.ahead

    def date(self) -> datetime:
        """What time it is there, as a UTC time."""
        return datetime.fromtimestamp(self.now(), UTC)

    def of_ours(self, moment: float) -> float:
        """What time it was there at a moment by this machine's clock.

        Args:
            moment: Seconds since the epoch.
        """
        return moment + self.ahead


def clock_at(address: str) -> ServerClock:
    """The clock of the service at an address, as it was measured last.

    Args:
        address: Host and port.
    """
    return _clocks.setdefault(address, ServerClock())


def clock_of(client: Client) -> ServerClock:
    """The clock of a client's service, as it was measured last."""
    return clock_at(sdk.address_of(client))


async def read_clock(client: Client) -> ServerClock:
    """Measure the clock of a client's service; takes two round trips.

    Args:
        client: Client of a namespace that exists. Where it may not poll, nothing is measured.
    """
    clock = clock_of(client)
    with contextlib.suppress(RPCError, TimeoutError):
        async with asyncio.timeout(MEASURING):
            least, most = await _bounds(client)
        # What a request takes is no difference: equal clocks are to stay equal.
        clock.ahead = 0.0 if least <= 0 <= most else (least + most) / 2
    return clock


async def _bounds(client: Client) -> tuple[float, float]:
    """Least and most seconds by which the server's clock is ahead."""
    service, queue = client.workflow_service, TaskQueue(name=_QUEUE)
    poller = uuid.uuid4().hex
    poll = PollWorkflowTaskQueueRequest(namespace=client.namespace, task_queue=queue, identity=poller)
    describe = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=queue,
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    began = time.time()
    polling = asyncio.ensure_future(service.poll_workflow_task_queue(poll, timeout=_POLL))
    try:
        while True:
            answer = await service.describe_task_queue(describe)
            for each in answer.pollers:
                if each.identity == poller:
                    noted = each.last_access_time.ToNanoseconds() / 1e9
                    return noted - time.time(), noted - began
            if polling.done():
                polling.result()  # raises why it may not poll
                raise TimeoutError
            await asyncio.sleep(0.002)
    finally:
        await give_up(polling)
