"""Sentences about events that are still coming: what each needs to know of the events before it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from temporalio.client import WorkflowHistory

from tutorial_lib.history.events import Event, History
from tutorial_lib.history.explain import explain
from tutorial_lib.history.follow import FollowState


class Past:
    """The events so far, by run.

    Args:
        history: A history that is whole; None for one that arrives in batches.
    """

    def __init__(self, history: History | None = None) -> None:
        self._whole = history
        self._runs: dict[int, list[Event]] = {}
        self._histories: dict[int, History] = {}
        self._said: dict[int, str] = {}  # of a whole history, by event id: several views say the same

    def add(self, events: Sequence[Event], state: FollowState) -> None:
        """Take in a batch, before any of it is explained."""
        for event in events:
            self._runs.setdefault(event.run, []).append(event)
        for run in {event.run for event in events}:
            self._histories[run] = History(
                workflow_id=state.workflow_id,
                run_id=state.run_id,
                workflow_type=state.workflow_type,
                task_queue=state.task_queue,
                started=state.started or datetime.now(UTC),
                events=tuple(self._runs[run]),
                source=WorkflowHistory(state.workflow_id, []),  # nobody replays what has not ended
            )

    def say(self, event: Event, *, names: bool = True) -> str:
        """One plain sentence about an event.

        Args:
            event: One that was added.
            names: Whether to name workers and clients; a picture that is kept does not name them.
        """
        if self._whole is None:
            return explain(event, self._histories[event.run], names=names)
        if not names:
            return explain(event, self._whole, names=False)
        said = self._said.get(event.id)
        if said is None:
            said = self._said[event.id] = explain(event, self._whole)
        return said
