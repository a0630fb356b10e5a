"""The chain of exceptions behind a failed execution, as plain data: read from its history alone.

    error                WorkflowFailureError   raised by handle.result()
      .cause             ActivityError          raised in the workflow, where it awaits the activity
        .cause           ApplicationError       raised by the activity's code

Drawn by static/view.js and by `failure_picture`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tutorial_lib.history.events import Event, Failure, History
from tutorial_lib.history.explain_words import WHY_NO_RETRY, Words, is_closed_task, one_line

Layout = dict[str, Any]

CLASSES: Final = {
    "application": "ApplicationError",
    "timeout": "TimeoutError",
    "canceled": "CancelledError",
    "terminated": "TerminatedError",
    "server": "ServerError",
    "activity": "ActivityError",
    "child workflow": "ChildWorkflowError",
    "nexus": "NexusOperationError",
    "nexus handler": "HandlerError",
}
_ENVELOPES: Final = {"activity": "activity", "child workflow": "child workflow", "nexus": "Nexus operation"}
_MOODS: Final = {"Running": ("open", "▸"), "Completed": ("good", "✓"), "ContinuedAsNew": ("off", "→")}
_TRIED: Final = "its workflow task failed in event {}, and is offered again until the code is mended"
MOST: Final = 8  # links of a chain that are shown; a longer one is cut


@dataclass(frozen=True)
class _Place:
    """Whose code a failure is from: this workflow's, at first.

    Attributes:
        kind: "workflow", "activity", "child workflow" or "Nexus operation".
        name: Its type.
        here: Whether the events of it are in this history.
    """

    kind: str
    name: str
    here: bool = True


def failure_layout(history: History) -> Layout:
    """What the picture shows.

    Args:
        history: A run's.

    Returns:
        "title": the workflow's type; "state": symbol and word; "mood": "bad", "open", "good" or "off";
        "links": for each exception from the outermost, "path" (how Python gets at it: "error.cause"; "" where
        nobody gets it), "name" (its class), "message", "from" (who raised it), "facts" (what else
        it has, a list) and "reason" (whether it is the error itself, not an envelope); "note": a sentence
        if there is no chain, or it is a workflow task's; "alt": all of it in words.
    """
    state = history.status
    mood, symbol = _MOODS.get(state, ("bad", "✗"))
    end = history.events[-1]
    links: list[dict[str, Any]] = []
    note = ""
    if mood == "bad":
        closing = _closing(end)
        links = [_outermost(end), *_chain(closing, history, "error.cause", end)]
    elif (failed := _failed_task(history)) is not None:
        links = _chain(failed.failure or Failure("(no message)"), history, "", failed)
        note = f"The workflow has not failed: {_TRIED.format(failed.id)}. Its caller waits."
    else:
        note = f"No failure to show: the workflow {_is(state)}."
    layout: Layout = {
        "title": history.workflow_type,
        "state": f"{symbol} {_word(state)}",
        "mood": mood,
        "links": _cut(links),
        "note": note,
    }
    return layout | {"alt": _in_words(layout)}


def _outermost(end: Event) -> dict[str, Any]:
    return {
        "path": "error",
        "name": "WorkflowFailureError",
        "message": "Workflow execution failed",
        "from": f"raised by `handle.result()`, in the client, for event {end.id}, {end.type}",
        "facts": [],
        "reason": False,
    }


def _closing(end: Event) -> Failure:
    """What the SDK makes of the event that closed a run: not each of them has a failure."""
    if end.failure is not None:
        return end.failure
    if end.type == "WorkflowExecutionTimedOut":
        return Failure("Workflow timed out", kind="timeout", timeout_type="StartToClose")
    if end.type == "WorkflowExecutionTerminated":
        return Failure(str(end.attributes.get("reason") or "Workflow terminated"), kind="terminated")
    return Failure("Workflow cancelled", kind="canceled", details=end.payloads.get("details", ()))


def _failed_task(history: History) -> Event | None:
    """The failed workflow task that holds a run up: none has been completed since, or closed for a reset."""
    for event in reversed(history.events):
        if event.type == "WorkflowTaskCompleted" or is_closed_task(event):
            return None
        if event.type == "WorkflowTaskFailed" and event.failure is not None:
            return event
    return None


def _chain(failure: Failure, history: History, path: str, end: Event) -> list[dict[str, Any]]:
    """A link for each failure, from the outermost."""
    place, before, told = _Place("workflow", history.workflow_type), "", False
    links: list[dict[str, Any]] = []
    each: Failure | None = failure
    while each is not None:
        reason = not told and (each.kind not in _ENVELOPES or each.cause is None)
        told = told or reason
        links.append(
            {
                "path": path,
                # Where no exception reaches anybody, it has the name that the code gave it.
                "name": CLASSES.get(each.kind, "FailureError") if path else each.type or "Failure",
                "message": one_line(each.message),
                "from": _from(each, place, before, end),
                "facts": _facts(each, place, history, named=not path),
                "reason": reason,
            }
        )
        if each.kind in _ENVELOPES:
            child = each.kind != "activity"
            place = _Place(_ENVELOPES[each.kind], each.name, here=place.here and not child)
        path, before, each = f"{path}.cause" if path else "", each.kind, each.cause
    return links


def _from(failure: Failure, place: _Place, before: str, end: Event) -> str:
    """Who raised it."""
    what = f"{place.kind} `{place.name}`" if place.name else place.kind
    if failure.kind in _ENVELOPES:
        name = f" `{failure.name}`" if failure.name else ""
        return f"raised in {what}, where it awaits the {_ENVELOPES[failure.kind]}{name}"
    if end.type == "WorkflowTaskFailed":
        return f"raised by the code of {what}, in event {end.id}"
    if failure.kind == "terminated":
        by_server = place.here and Words(end, None, names=False).by_server
        return f"{'the server' if by_server else 'somebody'} terminated {what}"
    if failure.kind in {"timeout", "server"}:
        return f"the server's word about {what}"
    if failure.kind == before == "application":
        return "the exception behind it: `raise ... from`, or one that was being handled"
    return f"raised by the code of {what}"


def _facts(failure: Failure, place: _Place, history: History, *, named: bool) -> list[str]:
    """What it has beside its message."""
    facts = []
    if failure.kind == "activity" and place.here and failure.opened_by:
        started = [each.attempt for each in history.answers(failure.opened_by) if each.attempt]
        if started:
            facts.append("1 attempt" if started[-1] == 1 else f"{started[-1]} attempts")
    if failure.kind in _ENVELOPES and (why := _given_up(failure)):
        facts.append(f"given up: {why}")
    if failure.type and not named:
        facts.append(f"type={failure.type!r}")
    if failure.non_retryable:
        facts.append("non_retryable=True")
    if failure.benign:
        facts.append("category=BENIGN")
    if failure.timeout_type:
        facts.append(f"type={_shouted(failure.timeout_type)}")
    if failure.details:
        facts.append(one_line(f"details={failure.details!r}"))
    return facts


def _given_up(failure: Failure) -> str:
    cause = failure.cause
    if failure.retry_state == "NonRetryableFailure" and cause is not None and cause.kind == "application":
        if cause.non_retryable:
            return "it was raised as non-retryable"
        return f"its retry policy lists {cause.type!r}"
    return WHY_NO_RETRY.get(failure.retry_state, "")


def _cut(links: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The links, without those in the middle if they are many."""
    if len(links) <= MOST:
        return links
    left = len(links) - MOST + 1
    middle = {"path": "", "name": "…", "message": f"{left} more", "from": "", "facts": [], "reason": False}
    return [*links[: MOST - 2], middle, links[-1]]


def _in_words(layout: Layout) -> str:
    told = [
        f"{link['name']}: {link['message'].rstrip('.')}"
        + (f" ({', '.join(facts)})" if (facts := link["facts"]) else "")
        for link in layout["links"]
    ]
    head = f"Failure of workflow {layout['title']}, {_plain(layout['state'])}."
    chain = f" {'; caused by '.join(told)}." if told else ""
    return f"{head}{chain}" + (f" {layout['note']}" if layout["note"] else "")


def _plain(state: str) -> str:
    return state.split(" ", 1)[1]


def _word(state: str) -> str:
    return {"TimedOut": "timed out", "ContinuedAsNew": "continued as new"}.get(state, state.lower())


def _is(state: str) -> str:
    return {"Running": "is running", "Completed": "completed"}.get(state, _word(state))


def _shouted(name: str) -> str:
    """A name of an enum as Python has it: "StartToClose" is START_TO_CLOSE."""
    return "".join(f"_{each}" if each.isupper() and at else each for at, each in enumerate(name)).upper()
