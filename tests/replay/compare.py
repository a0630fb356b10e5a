"""Compares a live recording with a replay of the same run, step by step."""

from __future__ import annotations

from collections.abc import Iterator

from temporalio.client import Client

from tutorial_lib.history.events import History
from tutorial_lib.history.reading import fetch_history
from tutorial_lib.replay.steps import Line, Recording, Step

# Core hands patch markers over on replay only: live, the code makes them.
ONLY_ON_REPLAY = {"notify_has_patch"}
# An update that is in the history was accepted: nobody asks its validator again.
ONLY_LIVE = {"Updates.is_positive"}
SAME = ("started_id", "completed_id", "time", "lines", "state", "changed", "tasks", "waiting", "last")


async def runs_of(client: Client) -> list[History]:
    """The histories of all runs of a namespace."""
    found = [
        client.get_workflow_handle(execution.id, run_id=execution.run_id)
        async for execution in client.list_workflows()
    ]
    return [await fetch_history(handle) for handle in found]


def told(step: Step) -> dict[str, object]:
    """What must be equal, with fewer words."""
    return {
        **{name: getattr(step, name) for name in SAME},
        "lines": tuple(line for line in step.lines if line.function not in ONLY_LIVE),
        "jobs": tuple(job for job in step.jobs if job.kind not in ONLY_ON_REPLAY),
        "commands": step.commands,
    }


def kept(recording: Recording) -> list[Step]:
    """The steps that a history can tell: not those of failed tasks, nor of updates that were rejected.

    Of several lives the newest one has them all.
    """
    return [
        step
        for step in recording.lives[-1]
        if step.completed_id is not None and step.failure is None and not is_rejected(step)
    ]


def is_rejected(step: Step) -> bool:
    return bool(step.commands) and all(
        command.kind == "update_response" and command.detail == "rejected" and command.event_id is None
        for command in step.commands
    )


def differences(live: Recording, replayed: Recording) -> Iterator[str]:
    """Where two recordings of one run differ, in words; nothing if they are equal."""
    ours, theirs = kept(live), kept(replayed)
    if len(ours) != len(theirs):
        yield f"{[s.started_id for s in ours]} live, {[s.started_id for s in theirs]} replayed"
    for one, other in zip(ours, theirs, strict=False):
        a, b = told(one), told(other)
        for name in a:
            if a[name] != b[name]:
                yield f"task {one.started_id}: {name}: live {short(a[name])}, replayed {short(b[name])}"


def short(value: object) -> str:
    """Few words for a failed comparison: CI prints the beginning of a long message only."""
    if isinstance(value, tuple) and value and all(isinstance(one, Line) for one in value):
        return " ".join(f"{one.function}:{one.line}{'+' * one.resumed}{one.changed or ''}" for one in value)
    return repr(value)
