"""Who heard that an execution was to stop, as plain data: read from its history alone.

    cancel ─> server ─ workflow task ─> the workflow's code ─ request ─> server ─ heartbeat ─> activity
    terminate ─> server, and the code never hears                        server ─ result() ─> who awaits it

Drawn by static/view.js and by `heard_picture`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from tutorial_lib.history.events import Event, History
from tutorial_lib.history.explain import explain
from tutorial_lib.history.kinds import CLOSING

Layout = dict[str, Any]

HEARS, LATER, NEVER, NOTHING = "●", "○", "✗", ""  # what stands before the words of a cell
MEANINGS: Final = {HEARS: "hears", LATER: "will hear", NEVER: "does not hear"}
LISTENERS: Final = {
    "code": "the workflow's code",
    "activities": "its activities",
    "caller": "who awaits the result",
}

_REQUEST: Final = "WorkflowExecutionCancelRequested"
_HANDED_ON: Final = "ActivityTaskCancelRequested"
# What the code awaits is asked to stop: an activity, a child workflow, a Nexus operation.
_ASKS: Final = {
    _HANDED_ON,
    "RequestCancelExternalWorkflowExecutionInitiated",
    "NexusOperationCancelRequested",
}
_TERMINATED: Final = "WorkflowExecutionTerminated"
_ACTIVITY_ENDS: Final = ("Completed", "Failed", "TimedOut", "Canceled")
_RESETTER: Final = "history-resetter"  # who ends a run that is reset while it is open

# What `result()` brings to whoever awaits it.
_BRINGS: Final = {
    "WorkflowExecutionCompleted": "the result",
    "WorkflowExecutionCanceled": "`WorkflowFailureError` from `CancelledError`",
    "WorkflowExecutionFailed": "`WorkflowFailureError`: it failed",
    "WorkflowExecutionTimedOut": "`WorkflowFailureError` from `TimeoutError`",
    _TERMINATED: "`WorkflowFailureError` from `TerminatedError`",
    "WorkflowExecutionContinuedAsNew": "nothing yet: a next run goes on",
}


def heard_layout(history: History) -> Layout:
    """What the picture shows of one run.

    Args:
        history: The run's.

    Returns:
        "id", "title" (the workflow's type), "state"; "rows": for each event by which somebody heard, or was
        passed over, "event" (its id), "time" (seconds since the first of them), "what" (a sentence), and for
        each of `LISTENERS` a dict of "mark" and "words"; "note": a sentence if there are none; "alt": all of
        it in words.
    """
    rows = list(_Run(history).rows())
    first = rows[0]["time"] if rows else 0.0
    layout: Layout = {
        "id": history.workflow_id,
        "title": history.workflow_type,
        "state": _state(history),
        "rows": [row | {"time": round(row["time"] - first, 6)} for row in rows],
        "note": "" if rows else "Nobody asked it to stop.",
    }
    return layout | {"alt": _in_words(layout)}


class _Run:
    """Reads a run's events in order."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._events = history.events
        self._asked = next((event for event in self._events if event.type == _REQUEST), None)
        self._delivered = self._task_after(self._asked)

    def rows(self) -> Iterator[Layout]:
        for event in self._events:
            if event is self._asked:
                yield self._row(event, code=_is_told(self._delivered))
            elif event is self._delivered:
                yield self._row(event, code=self._brought(event))
            elif event.type == _HANDED_ON:
                yield self._row(event, activities=(LATER, f"`{event.name}`: by a heartbeat, if it sends any"))
            elif (told := self._ended(event)) is not None:
                yield self._row(event, activities=told)
            elif event.attributes.get("cause") == "ResetWorkflow":
                yield self._row(
                    event,
                    code=(NOTHING, "hears nothing: it is replayed, and goes on"),
                    caller=(NOTHING, "of the run before: how that ended"),
                )
            elif event.type in CLOSING and (self._asked or event.type == _TERMINATED):
                yield self._closing(event)

    def _brought(self, delivered: Event) -> tuple[str, str]:
        """What a workflow task that brought a request meant for the code.

        Where the only answer is to ask what the code awaits, the history leaves open whether the `await` has
        raised: with `WAIT_CANCELLATION_COMPLETED` it waits on, and may never raise.
        """
        made = [
            command.type
            for answer in self._history.answers(delivered.opened_by or 0)
            for command in self._history.commands(answer.id)
        ]
        if made and _ASKS.issuperset(made):
            return NOTHING, "its `await` hands it on, and may wait"
        return HEARS, "told at its `await`"

    def _task_after(self, asked: Event | None) -> Event | None:
        """The start of the first workflow task that brought a request to the code."""
        if asked is None:
            return None
        answered = {
            event.opened_by
            for event in self._events
            if event.type == "WorkflowTaskCompleted" and event.id > asked.id
        }
        return next(
            (
                event
                for event in self._events
                if event.type == "WorkflowTaskStarted" and event.id > asked.id and event.opened_by in answered
            ),
            None,
        )

    def _ended(self, event: Event) -> tuple[str, str] | None:
        """What the end of an activity means for a request handed on to it; None if there was none."""
        if not event.type.startswith("ActivityTask") or not event.type.endswith(_ACTIVITY_ENDS):
            return None
        answers = self._history.answers(event.opened_by) if event.opened_by else ()
        if not any(each.type == _HANDED_ON for each in answers):
            return None
        if not event.type.endswith("Canceled"):
            return NEVER, f"`{event.name}` had not heard when it ended"
        if any(each.type == "ActivityTaskStarted" for each in answers):
            return HEARS, f"`{event.name}` heard, and has ended"
        return NOTHING, f"`{event.name}` had not begun"

    def _closing(self, event: Event) -> Layout:
        ended = event.type == _TERMINATED
        unheard = self._asked is not None and self._delivered is None
        what = "of this run: " if event.worker == _RESETTER else ""
        open_ = ", ".join(f"`{name}`" for name in self._open())
        return self._row(
            event,
            code=(NEVER, "nobody tells it") if ended or unheard else (NOTHING, ""),
            activities=(LATER, f"{open_}: by a heartbeat, if it sends any") if open_ else (NOTHING, ""),
            caller=(HEARS, what + _BRINGS[event.type]) if event.type in _BRINGS else (NOTHING, ""),
        )

    def _open(self) -> Sequence[str]:
        """The activities that had not ended with the run."""
        ended = {event.opened_by for event in self._events if event.type.endswith(_ACTIVITY_ENDS)}
        return [
            event.name
            for event in self._events
            if event.type == "ActivityTaskScheduled" and event.id not in ended
        ]

    def _row(self, event: Event, **cells: tuple[str, str]) -> Layout:
        told = {name: cells.get(name, (NOTHING, "")) for name in LISTENERS}
        return {
            "event": event.id,
            "time": event.time,
            "what": explain(event, self._history, names=False),
            **{name: {"mark": mark, "words": words} for name, (mark, words) in told.items()},
        }


def _is_told(delivered: Event | None) -> tuple[str, str]:
    return LATER, "by a workflow task" if delivered else "by a workflow task, when a worker takes one"


def _state(history: History) -> str:
    words = {"TimedOut": "timed out", "ContinuedAsNew": "continued as new"}
    return words.get(history.status, history.status.lower())


def _in_words(layout: Layout) -> str:
    head = f"Who heard of it: workflow {layout['title']}, {layout['state']}."
    told = [
        f"Event {row['event']}: {row['what']} "
        + " ".join(
            _cell_in_words(who, cell) for name, who in LISTENERS.items() if (cell := row[name])["words"]
        )
        for row in layout["rows"]
    ]
    return " ".join([head, *(line.strip() for line in told), layout["note"]]).strip()


def _cell_in_words(who: str, cell: Layout) -> str:
    words = cell["words"].replace("`", "")
    heard = MEANINGS.get(cell["mark"])
    return f"{who[:1].upper()}{who[1:]}: " + (f"{heard} ({words})." if heard else f"{words}.")
