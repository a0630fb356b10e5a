"""The shop with a learner's button: it is pressed, and what was asked of the server is noted."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable
from typing import Any

from temporalio.client import (
    Client,
    Interceptor,
    OutboundInterceptor,
    StartWorkflowInput,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from tutorial_lib.course.lesson_05.payments import Handle
from tutorial_lib.exercises.checks import threads
from tutorial_lib.exercises.checks.ledger import Ledger
from tutorial_lib.exercises.checks.workbench import Workbench
from tutorial_lib.exercises.outcome import NotYet

_DESK_SECONDS = 10.0  # until all of them are ready to press


class _Starts(Interceptor):
    """A client's interceptor: what was really asked of the server, and which run resulted."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        """Workflow id and run id of each start that was not refused."""
        self.mixed: str | None = None
        """A policy that was given for the other one; both are numbers, so the server does not see it."""

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002 - the SDK's name
        starts = self

        class Watching(OutboundInterceptor):
            async def start_workflow(self, input: StartWorkflowInput) -> Handle:  # noqa: A002 - the SDK's name
                starts.mixed = starts.mixed or _mixed(input)
                handle = await super().start_workflow(input)
                starts.asked.append((handle.id, handle.result_run_id or ""))
                return handle

        return Watching(next)


def _mixed(start: StartWorkflowInput) -> str | None:
    """Which argument of a start has a policy of the other kind; None if neither."""
    if isinstance(start.id_conflict_policy, WorkflowIDReusePolicy):
        return f"`id_conflict_policy` is given a reuse policy, {start.id_conflict_policy.name}"
    if isinstance(start.id_reuse_policy, WorkflowIDConflictPolicy):
        return f"`id_reuse_policy` is given a conflict policy, {start.id_reuse_policy.name}"
    return None


class Shop:
    """The learner's button, pressed; and the results."""

    def __init__(self, bench: Workbench, press_pay: Callable[..., Any], ledger: Ledger) -> None:
        self.bench = bench
        self.ledger = ledger
        self.presses = 0
        self._button = press_pay
        self._starts = _Starts()
        self._client = Client(
            bench.client.service_client, namespace=bench.client.namespace, interceptors=[self._starts]
        )

    async def press_at_once(self, payment: str, desks: int) -> list[str]:
        """A press at each of so many desks, at the same moment. Returns the answer to each customer."""
        all_there = threading.Barrier(desks)

        @functools.wraps(self._button)
        async def pressed(*args: Any) -> Any:
            all_there.wait(_DESK_SECONDS)  # each desk has a thread and a loop of its own
            return await self._button(*args)

        return await asyncio.gather(*(self.press(payment, pressed) for _ in range(desks)))

    async def press(self, payment: str, button: Callable[..., Any] | None = None) -> str:
        """One press. Returns the answer to the customer; "refused" if the server's refusal got through.

        Raises:
            NotYet: If the button breaks, or returns something else.
        """
        self.presses += 1
        before = self.started
        try:
            said = await threads.call(button or self._button, self._client, payment, 100)
        except NotYet as answer:
            self._each_policy_in_its_place()
            if isinstance(answer.cause, WorkflowAlreadyStartedError):
                return "refused"
            if isinstance(answer.cause, TimeoutError) and self.started > before:
                raise NotYet(
                    f"{answer.seen}, though the transfer is started: it waits for the bank",
                    "a customer does not wait that long at the button; which call starts and returns at "
                    "once?",
                ) from None
            raise
        self._each_policy_in_its_place()
        if said not in ("on its way", "already paid"):
            raise NotYet(
                f"`press_pay` returned {said!r}"[:120], "the customer is told `on its way` or `already paid`"
            )
        return str(said)

    def _each_policy_in_its_place(self) -> None:
        if mixed := self._starts.mixed:
            raise NotYet(
                mixed,
                "the conflict policy is for an open run, the reuse policy for a closed one. Both are "
                "numbers, and this one means something else there",
            )

    def runs(self, number: int = 0) -> list[tuple[str, str]]:
        """Workflow id and run id of what was started or found since the nth start, each once."""
        return list(dict.fromkeys(self._starts.asked[number:]))

    @property
    def started(self) -> int:
        """How many starts the server did not refuse."""
        return len(self._starts.asked)

    def handle(self, run: tuple[str, str]) -> Handle:
        """A handle of a run."""
        return self.bench.client.get_workflow_handle(run[0], run_id=run[1])
