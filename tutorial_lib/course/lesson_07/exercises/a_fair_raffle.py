"""Repair three lines that give another result in a replay."""

from __future__ import annotations

import re
from typing import Any

from temporalio.client import WorkflowHandle, WorkflowQueryFailedError
from temporalio.service import RPCError

from tutorial_lib.exercises.checks.expectations import Expectations
from tutorial_lib.exercises.checks.replays import recorded
from tutorial_lib.exercises.checks.workbench import Run, Workbench
from tutorial_lib.exercises.exercise import Exercise
from tutorial_lib.exercises.inputs import a_workflow
from tutorial_lib.exercises.outcome import NotYet
from tutorial_lib.history import History, fetch_history

_PARTS = ("winner", "number", "time")  # of a protocol, a line each
_FUNCTION = re.compile(r"<(?:function|bound method) (?:\w+\.)*(\w+)")


class AFairRaffle(Exercise):
    """Repair three lines that give another result in a replay."""

    title = "A fair raffle"
    task = (
        "Whoever asks for the protocol of this raffle must always hear the same winner, number and time, "
        "whichever worker answers. The sandbox refuses the code as it is: repair it."
    )
    starter = """
import random
import uuid
from datetime import datetime

from temporalio import workflow


@workflow.defn
class Raffle:
    @workflow.run
    async def run(self, tickets: int) -> list[str]:
        winner = random.randint(1, tickets)
        number = uuid.uuid4()
        self.lines = [
            f"ticket {winner} wins",
            f"raffle no. {number}",
            f"drawn at {datetime.now()}",
        ]
        return self.lines

    @workflow.query
    def protocol(self) -> list[str]:
        return self.lines
"""
    takes = (a_workflow("Raffle"),)
    hints = (
        (
            "Repair one line and run the check: it names the next one that the sandbox refuses. There are "
            "three things that would come out differently the second time."
        ),
        "For dice, ids and the clock the SDK has its own: the table under *Fix it* has them side by side.",
    )
    solution_code = """
@workflow.defn
class Raffle:
    @workflow.run
    async def run(self, tickets: int) -> list[str]:
        winner = workflow.random().randint(1, tickets)
        number = workflow.uuid4()
        self.lines = [
            f"ticket {winner} wins",
            f"raffle no. {number}",
            f"drawn at {workflow.now()}",
        ]
        return self.lines

    @workflow.query
    def protocol(self) -> list[str]:
        return self.lines
"""
    why = (
        "The dice of `workflow.random()` are thrown from a seed that belongs to the run, and "
        "`workflow.now()` is the time of the event that started the workflow task. Both come out of the "
        "history, so they are the same in every replay, and others in every other raffle."
    )
    tickets = 10**9  # so many that nobody draws the same one twice by chance

    async def verify(self, bench: Workbench, *answers: Any) -> str:
        """A worker without a cache has to replay the raffle for its protocol; another one must differ."""
        (raffle,) = answers
        await bench.worker(workflows=[raffle], max_cached_workflows=0)
        first, second = [await self._drawn(bench, raffle) for _ in range(2)]
        last = first.history.events[-1]
        for now, before in zip(await self._protocol(first.handle), first.result, strict=False):
            if now != before:
                raise NotYet(
                    f"event {last.id} says {before!r}, and in a replay the same raffle says {now!r}",
                    "this line still asks somebody else than Temporal",
                    view=await self._stepper(first.history, raffle),
                )
        for line, one, other in zip(_PARTS, first.result, second.result, strict=True):
            if one == other:
                raise NotYet(
                    f"two raffles, one after the other, have the same {line}: {one!r}",
                    (
                        "the same in every replay, but not in every raffle: which "
                        "dice, ids and clock does the SDK have?"
                    ),
                )
        await first.replays_with(raffle)
        return (
            f"Event {last.id} has the protocol, and a worker that had forgotten the raffle replayed it and "
            "said the same, word for word. A second raffle came out differently, as a raffle should."
        )

    async def _drawn(self, bench: Workbench, raffle: type) -> Run:
        handle = await bench.start(raffle, self.tickets)
        try:
            run = await bench.ended(handle, seconds=5)
        except NotYet:
            asked = Expectations(await fetch_history(handle)).scheduled()
            if not asked:
                raise
            raise NotYet(
                (
                    f"event {asked[0].id} asks for activity `{asked[0].name}`, "
                    "which the worker of this check does not have"
                ),
                (
                    "an activity would do it, too; but dice, ids and the "
                    "clock are things that the SDK has itself"
                ),
            ) from None
        run.expect.status("Completed")
        if isinstance(run.result, str):
            raise NotYet(f"the raffle returned one text: {run.result!r}", "return the list of three itself")
        if not isinstance(run.result, list) or len(run.result) != len(_PARTS):
            raise NotYet(
                f"the raffle returned {run.result!r}",
                "it is to return the three lines of its protocol, as before",
            )
        for part, line in zip(_PARTS, run.result, strict=True):
            if uncalled := _FUNCTION.search(str(line)):
                name = uncalled[1]
                raise NotYet(
                    f"the {part} is the function `{name}`, not what it returns",
                    f"call it: `workflow.{name}()`",
                )
        return run

    @staticmethod
    async def _protocol(handle: WorkflowHandle[Any, Any]) -> list[Any]:
        try:
            told = await handle.query("protocol")
        except (WorkflowQueryFailedError, RPCError) as error:
            raise NotYet(
                f"the raffle does not answer the query `protocol`: {error}",
                "the query only tells what `run` has drawn: leave it as the starter has it",
            ) from None
        if not isinstance(told, list) or not told:
            raise NotYet(f"the query `protocol` answers {told!r}", "it is to return the same lines as `run`")
        return told

    @staticmethod
    async def _stepper(history: History, workflow: type) -> Any:
        from tutorial_lib.views import Stepper

        return Stepper.of(await recorded(history, workflow))
