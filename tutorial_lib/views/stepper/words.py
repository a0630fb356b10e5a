"""A step of a replay in plain sentences: what the history delivered, what the code then did and asked for.

The same sentences are under the stepper, in its static picture and in the alternative text. They hold
no ids, times or values of the server's making, so that a lesson's output is the same at each run.
"""

from __future__ import annotations

from collections.abc import Sequence

from tutorial_lib.replay.steps import Command, Divergence, Job, Recording, Step, Task, Waiting

_MOST = 3  # things of one kind told one by one; more are counted

_DELIVERED = {
    "initialize_workflow": "the start of the workflow",
    "update_random_seed": "a new random seed, after a reset",
    "cancel_workflow": "a request to cancel",
    "signal_workflow": "signal `{name}`",
    "do_update": "update `{name}`",
    "notify_has_patch": "the marker of patch `{name}`",
    "fire_timer": "a timer that fired",
    "resolve_activity": "{outcome} of activity `{name}`",
    "resolve_child_workflow_execution_start": "{outcome} of child workflow `{name}`",
    "resolve_child_workflow_execution": "{outcome} of child workflow `{name}`",
    "resolve_signal_external_workflow": "{outcome} of a signal to another workflow",
    "resolve_request_cancel_external_workflow": "{outcome} of cancelling another workflow",
    "resolve_nexus_operation_start": "{outcome} of a Nexus operation",
    "resolve_nexus_operation": "{outcome} of a Nexus operation",
}
_OUTCOMES = {
    "completed": "the result",
    "failed": "the failure",
    "cancelled": "the cancellation",
    "canceled": "the cancellation",
    "timed_out": "the timeout",
    "backoff": "a retry to come",
    "started": "the start",
    "succeeded": "the start",
    "": "the outcome",
}
_ASKED = {
    "schedule_activity": "schedules activity `{name}`",
    "request_cancel_activity": "asks to cancel activity `{name}`",
    "schedule_local_activity": "runs local activity `{name}`",
    "request_cancel_local_activity": "asks to cancel local activity `{name}`",
    "start_timer": "starts a timer of {detail}",
    "cancel_timer": "cancels a timer",
    "start_child_workflow_execution": "starts child workflow `{name}`",
    "cancel_child_workflow_execution": "asks to cancel child workflow `{name}`",
    "signal_external_workflow_execution": "sends signal `{name}` to another workflow",
    "request_cancel_external_workflow_execution": "asks to cancel another workflow",
    "cancel_signal_workflow": "takes back a signal to another workflow",
    "complete_workflow_execution": "completes the workflow",
    "fail_workflow_execution": "fails the workflow",
    "cancel_workflow_execution": "closes the workflow as canceled",
    "continue_as_new_workflow_execution": "continues as new",
    "set_patch_marker": "records patch `{name}`",
    "upsert_workflow_search_attributes": "sets search attributes",
    "modify_workflow_properties": "sets the memo",
    "schedule_nexus_operation": "schedules Nexus operation `{name}`",
    "request_cancel_nexus_operation": "asks to cancel a Nexus operation",
}
_UPDATE = {
    "accepted": "accepts update `{name}`",
    "rejected": "rejects update `{name}`",
    "completed": "completes update `{name}`",
    "failed": "fails update `{name}`",
}


NEXT = "No worker has begun with this: it is what the code would do in the next workflow task."
REBUILT = "The workflow is not in the worker's memory: a new instance starts again at the first event."


def delivered(job: Job) -> str:
    """What the history delivered: "the result of activity `charge`"."""
    words = _DELIVERED.get(job.kind)
    if words is None:
        return job.text
    told = words.format(name=job.name, outcome=_OUTCOMES.get(job.status, "the outcome"))
    told = told.replace("activity", "local activity") if job.is_local else told
    return told.replace(" ``", "")  # where a kind has no name


def asked(command: Command) -> str:
    """What the code asked for: "schedules activity `charge`"."""
    words = _ASKED.get(command.kind)
    if command.kind == "update_response":
        words = _UPDATE.get(command.detail)
    if words is None:
        return f"asks to {command.text}"
    return words.format(name=command.name, detail=command.detail).replace(" ``", "").removesuffix(" of ")


def where(line: int, end: int | None = None) -> str:
    """A place: `line 12` or `lines 12 to 15`."""
    return f"lines {line} to {end}" if end and end != line else f"line {line}"


def awaits(tasks: Sequence[Task]) -> list[str]:
    """Where each coroutine of the workflow waits: "line 12", innermost frame first in the code's order."""
    places = [task.frames[-1].place for task in tasks if task.frames]
    return list(dict.fromkeys(where(place.line, place.end) for place in places))


def listed(words: Sequence[str], rest: str = "more") -> str:
    """Words as one: `a, b and c`, and `a, b, c and 4 more` where there are many."""
    told = list(words[:_MOST]) if len(words) > _MOST + 1 else list(words)
    if len(words) > len(told):
        told.append(f"{len(words) - len(told)} {rest}")
    return " and ".join(filter(None, (", ".join(told[:-1]), *told[-1:])))


def counted(words: Sequence[str]) -> list[str]:
    """Equal words once, with how often."""
    often = {word: list(words).count(word) for word in dict.fromkeys(words)}
    return [word if times == 1 else f"{word} ({times} times)" for word, times in often.items()]


def story(step: Step, diverged: Divergence | None = None) -> str:
    """A step in two to four sentences.

    Args:
        step: The step.
        diverged: The divergence, if it is in this step.
    """
    jobs = counted([delivered(job) for job in step.jobs])
    told = [f"The history delivers {listed(jobs)}." if jobs else "The history delivers nothing new."]
    if not step.begun:
        told.insert(0, NEXT)
    if step.lines:
        many = "1 line runs" if len(step.lines) == 1 else f"{len(step.lines)} lines run"
        told.append(f"{'More than ' if step.truncated else ''}{many}.")
    if step.failure:
        at = f" in {where(step.failed_at.line)}" if step.failed_at else ""
        told.append(f"The workflow task fails{at}: {step.failure.splitlines()[0]}")
    elif diverged:
        told.append(parting(diverged))
    else:
        told.append(_answer(step))
    return " ".join(told)


def parting(divergence: Divergence) -> str:
    """The divergence in a sentence."""
    event, command = divergence.expected, divergence.command
    ours, theirs = beside(divergence)
    seen = (
        f"event {event.id} is {event.type}{_named(event.label)}{ours}" if event else "there is nothing more"
    )
    made = f"the code {asked(command)}{theirs}" if command else "the code asks for no such thing"
    at = f" in {where(divergence.line)}" if divergence.line else ""
    return f"Code and history part: in the history {seen}, but {made}{at}."


def beside(divergence: Divergence) -> tuple[str, str]:
    """What differs beside names that are equal, in the history and in the code: " with id `a`".

    Where the names differ, nothing: ids may be of the server's making.
    """
    event, command, ids = divergence.expected, divergence.command, divergence.ids
    if event is None or command is None or ids is None or command.name not in ("", event.label):
        return "", ""
    word = "of" if command.kind == "schedule_nexus_operation" else "with id"
    # A timer is called by its id.
    return "" if event.label == ids[0] else f" {word} `{ids[0]}`", f" {word} `{ids[1]}`"


def produced(divergence: Divergence) -> str:
    """What the code asked for, as a command: "schedule activity charge"; empty if it asked for nothing."""
    command, ids = divergence.command, divergence.ids
    if command is None or ids is None or command.detail == ids[1]:
        return command.text if command else ""
    return command.text + beside(divergence)[1].replace("`", "")


def _named(name: str) -> str:
    return f" `{name}`" if name else ""


def _answer(step: Step) -> str:
    asks = counted([asked(command) + _at(command) for command in step.commands])
    waits = listed(awaits(step.tasks), "places")
    if not waits:
        return f"The code {listed(asks, 'more commands')}." if asks else "The code asks for nothing."
    first = f"The code {listed(asks, 'more commands')} and" if asks else "The code asks for nothing new and"
    return f"{first} waits in {waits}."


def _at(command: Command) -> str:
    return f" ({where(command.place.line)})" if command.place else ""


def waits_for(waiting: Waiting) -> str:
    """What is open: "activity `charge`"."""
    return f"{waiting.kind} `{waiting.name}`" if waiting.name else waiting.kind


def summary(recording: Recording) -> str:
    """A whole recording in a sentence: the alternative text of its picture begins with it."""
    name = recording.history.workflow_type
    tasks = begun(recording.steps)
    if recording.divergence:
        number = task_numbers(recording.steps)[recording.divergence.step]
        return f"Replay of workflow `{name}`: code and history diverge in workflow task {number}."
    if recording.history.status == "Running":
        return f"Replay of workflow `{name}`, which is still running."
    ended = "and the code agrees with the history to its end" if not recording.error else "and it ends early"
    return f"Replay of workflow `{name}`: {tasks} workflow task{'s' if tasks != 1 else ''}, {ended}."


def begun(steps: Sequence[Step]) -> int:
    """How many workflow tasks a worker has begun with."""
    return len({step.started_id for step in steps if step.begun})


def task_numbers(steps: Sequence[Step]) -> list[int]:
    """For each step the number of its workflow task, from 1, in the order of the history."""
    order = {started: n for n, started in enumerate(sorted({step.started_id for step in steps}), start=1)}
    return [order[step.started_id] for step in steps]
