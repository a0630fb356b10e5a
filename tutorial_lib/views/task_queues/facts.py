"""Task queues of a namespace as plain facts: who polls, what waits, who needs them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Side:
    """One kind of task of a queue: workflow tasks, or activity tasks.

    Attributes:
        pollers: Identities of the workers that poll for it.
        backlog: How many tasks wait, by the server's own (approximate) count.
        since: Since when the oldest waits, in seconds since the epoch; 0 if none does.
        needed_by: Ids of open executions (workflow tasks) or types of pending activities (activity tasks)
            that depend on it.
        polled_in: Other namespaces in which a worker polls a queue of this name, if nobody does here.
        waits_in: Other namespaces in which work waits in a queue of this name that nobody polls.
    """

    pollers: tuple[str, ...] = ()
    backlog: int = 0
    since: float = 0.0
    needed_by: tuple[str, ...] = ()
    polled_in: tuple[str, ...] = ()
    waits_in: tuple[str, ...] = ()

    @property
    def stuck(self) -> bool:
        """Whether work waits that somebody needs and nobody polls for."""
        return bool(self.backlog and self.needed_by and not self.pollers)


@dataclass(frozen=True, slots=True)
class Queue:
    """A task queue.

    Attributes:
        name: Its name.
        workflow: Its workflow tasks.
        activity: Its activity tasks.
        namespace: The namespace that it is in.
    """

    name: str
    workflow: Side = field(default_factory=Side)
    activity: Side = field(default_factory=Side)
    namespace: str = ""
