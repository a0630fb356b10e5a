"""The workers that cells have made with `Worker(...)`: what each ran under, for replays of its runs."""

from __future__ import annotations

import threading
import weakref
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from temporalio.client import Client
from temporalio.worker import Worker

_MOST: Final = 50  # workers that are remembered


@dataclass(frozen=True)
class MadeWorker:
    """A worker's making.

    Attributes:
        client: The client that it was given.
        task_queue: The task queue that it polls.
        workflows: Its workflow classes.
        options: All arguments of `temporalio.worker.Worker`, by name.
        identity: The name by which the server knows it as a poller.
    """

    client: Client
    task_queue: str
    workflows: Sequence[type]
    options: Mapping[str, Any] = field(repr=False)
    identity: str = ""


_made: deque[MadeWorker] = deque(maxlen=_MOST)
_here: weakref.WeakSet[Worker] = weakref.WeakSet()  # those of the cells' own thread


def note(worker: Worker, client: Client, options: Mapping[str, Any]) -> None:
    """Notes a worker that was made.

    Args:
        worker: The worker.
        client: The client that it was given.
        options: The other arguments of `temporalio.worker.Worker`, as they were given.
    """
    if threading.current_thread() is threading.main_thread():
        _here.add(worker)
    _made.append(
        MadeWorker(
            client,
            str(options.get("task_queue", "")),
            tuple(options.get("workflows") or ()),
            {name: value for name, value in options.items() if name != "activities"},
            str(options.get("identity") or client.identity),
        )
    )


def made_workers() -> Iterable[MadeWorker]:
    """The workers that were made, the latest first."""
    return tuple(reversed(_made))


def running_here() -> list[Worker]:
    """Those made in the cells' own thread that run now; the lab's have threads of their own."""
    return [each for each in _here if each.is_running]
