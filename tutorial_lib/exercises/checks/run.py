"""An execution of the learner's workflow that has ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from temporalio.client import WorkflowHandle

from tutorial_lib.exercises.checks.expectations import Expectations
from tutorial_lib.exercises.checks.replays import same_road
from tutorial_lib.history import History

if TYPE_CHECKING:
    from tutorial_lib.replay.steps import Recording

__all__ = ["Run"]


@dataclass(frozen=True)
class Run:
    """An execution of the learner's workflow that has ended.

    Attributes:
        result: What it returned; None if it failed.
        failure: The exception behind its failure, as a client sees it; None if it completed.
        history: What happened.
        handle: Its handle.
    """

    result: Any
    failure: BaseException | None
    history: History
    handle: WorkflowHandle[Any, Any]

    @property
    def expect(self) -> Expectations:
        """Its history, to be asked in sentences."""
        return Expectations(self.history)

    async def replays_with(self, workflow: type, *, hint: str = "") -> Recording:
        """Demand that a replay of its history with a class takes the same road.

        Raises:
            NotYet: With the event at which they part, and the replay to step through.
        """
        return await same_road(self.history, workflow, hint=hint)
