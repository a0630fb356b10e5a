"""The four timeouts over an activity's attempts, as plain data: one lane each, all times from scheduling.

Before there is a run, each span is as long as it may be: the worst that these options allow. Drawn by
static/view.js and by `timeouts_picture`.
"""

from __future__ import annotations

from typing import Any, Final

from tutorial_lib.views.execution.retry_plan import planned
from tutorial_lib.views.execution.tries import (
    HEARTBEAT,
    RUNNING,
    SCHEDULE_TO_CLOSE,
    SCHEDULE_TO_START,
    START_TO_CLOSE,
    ObservedActivity,
    Try,
)
from tutorial_lib.views.kit.time import in_full
from tutorial_lib.views.timeouts.options import AFTERWARDS, NAMES, SPANS, Options
from tutorial_lib.views.timeouts.verdict import lines, real_words, stretched

ATTEMPTS: Final = "attempts"
FIRST: Final = 3  # attempts that are drawn of a policy before there is a run
_NEAR: Final = 4.0  # times what is drawn anyway: up to there the end of a span is worth a longer axis
PLANNED, KEPT, FIRED, OPEN, UNSET = "planned", "kept", "fired", "running", "not set"
IDLE: Final = "not begun"  # of a real activity
SYMBOLS: Final = {PLANNED: "○", IDLE: "○", KEPT: "✓", FIRED: "✕", OPEN: "●", UNSET: "·"}
_BARS: Final = {"completed": KEPT, RUNNING: OPEN, PLANNED: PLANNED}

Layout = dict[str, Any]
Span = dict[str, Any]


def timeouts_layout(options: Options, run: ObservedActivity | None = None) -> Layout:
    """What the picture shows.

    Args:
        options: What the activity is called with.
        run: The real attempts so far.

    Returns:
        "rows": a dict for "attempts" and for each timeout, with "name", "length" (in seconds; None), "state",
        "symbol", "words" (what it is), "spans": dicts with "from", "to" (None while it lasts), "deadline"
        (None for attempts), "state", "label" and "beats" (times of heartbeats); "zero" (time of scheduling,
        in seconds since the epoch), "end" (of the axis), "closed", "activity", "options" and "warning" (in
        words), "lines" (what fired and what followed) and "real" (how it ended, in words).
    """
    rows = _planned_rows(options) if run is None else _real_rows(options, run)
    spans = [span for row in rows for span in row["spans"]]
    end = max([0.5 if spans else 1.0, *(span["to"] or span["from"] for span in spans)])
    end = max([end, *(s["deadline"] for s in spans if s["deadline"] and s["deadline"] <= end * _NEAR)])
    return {
        "rows": rows,
        "zero": run.scheduled if run is not None else 0.0,
        "end": end * 1.04,
        "closed": run.closed if run is not None else "",
        "activity": run.name if run is not None else "",
        "options": options.sentence(),
        "warning": options.warning(),
        "lines": lines(run) if run is not None else _plan(options),
        "real": real_words(run),
    }


def _row(name: str, options: Options, state: str, spans: list[Span]) -> dict[str, Any]:
    length = options.taken.get(name) if name in options.given else None
    if state == FIRED and length is None and spans and spans[-1]["deadline"]:
        length = spans[-1]["deadline"] - spans[-1]["from"]  # the server has set it: see `Options.warning`
    if name == ATTEMPTS:
        words = "each attempt, as a worker makes it"
    elif length is None:
        state, spans = UNSET, []
        words = f"{SPANS[name]}; not set"
    else:
        words = f"{SPANS[name]}; {in_full(length)}; when it fires: {AFTERWARDS[name]}"
    return {
        "name": name,
        "length": length,
        "state": state,
        "symbol": SYMBOLS.get(state, ""),
        "words": words,
        "spans": spans,
    }


def _span(begin: float, end: float | None, length: float | None, state: str, label: str) -> Span:
    deadline = None if length is None else begin + length
    return {
        "from": begin,
        "to": end,
        "deadline": deadline,
        "state": state,
        "label": label,
        "beats": [],
    }


# ---- before it runs ----------------------------------------------------------------------------------


def _planned_rows(options: Options) -> list[dict[str, Any]]:
    """The rows if everything lasts as long as it may."""
    spans: dict[str, list[Span]] = {name: [] for name in (ATTEMPTS, *NAMES)}
    taken, last = options.taken, 0.0
    for number, due, start, end in () if options.refused else _worst(options):
        label = f"attempt {number}"
        spans[ATTEMPTS].append(_span(start, end, None, PLANNED, label))
        spans[START_TO_CLOSE].append(_span(start, end, taken.get(START_TO_CLOSE), PLANNED, label))
        spans[SCHEDULE_TO_START].append(_span(due, start, taken.get(SCHEDULE_TO_START), PLANNED, label))
        spans[HEARTBEAT].append(_span(start, end, taken.get(HEARTBEAT), PLANNED, label))
        last = end
    if spans[ATTEMPTS]:
        spans[SCHEDULE_TO_CLOSE].append(
            _span(0.0, last, taken.get(SCHEDULE_TO_CLOSE), PLANNED, "all attempts")
        )
    return [_row(name, options, PLANNED, each) for name, each in spans.items()]


def _worst(options: Options) -> list[tuple[int, float, float, float]]:
    """Number, due time, start and end of the first attempts, if everything lasts as long as it may."""
    taken = options.taken
    whole = taken.get(SCHEDULE_TO_CLOSE, float("inf"))
    long = min(taken[START_TO_CLOSE], taken.get(HEARTBEAT, float("inf")))
    found: list[tuple[int, float, float, float]] = []
    ended = 0.0
    for each in planned(options.policy):
        due = ended + each.wait
        start = due + taken.get(SCHEDULE_TO_START, 0.0)
        if len(found) == FIRST or (found and due >= whole) or start >= whole:
            break
        ended = min(start + long, whole)
        found.append((each.number, due, start, ended))
    return found


def _plan(options: Options) -> list[str]:
    if options.refused:
        return []
    most = options.policy.maximum_attempts
    words = "Drawn as if no attempt ever answered."
    if SCHEDULE_TO_CLOSE in options.given:
        return [f"{words} No attempt begins after the schedule-to-close timeout."]
    if not most:
        return [f"{words} And so on: retried without limit, as no option ends it."]
    return [f"{words} At most {most} attempts." if most > 1 else f"{words} One attempt, no retry."]


# ---- as it runs --------------------------------------------------------------------------------------


def _real_rows(options: Options, run: ObservedActivity) -> list[dict[str, Any]]:
    """The rows of the attempts that are known."""
    zero, taken = run.scheduled, run.timeouts
    spans: dict[str, list[Span]] = {name: [] for name in (ATTEMPTS, *NAMES)}
    waits = {each.number: each.wait for each, _ in zip(planned(run.policy), range(1000), strict=False)}
    due: float | None = 0.0
    for number in sorted(run.tries):
        attempt = run.tries[number]
        start = attempt.started - zero if attempt.started else None
        end = attempt.ended - zero if attempt.ended else None
        if end is None and attempt.state != RUNNING:
            end = start  # when it ended is not known: a moment is drawn
        if start is not None:
            if due is not None:
                _add(spans, SCHEDULE_TO_START, taken, due, start, KEPT, number)
            _add_attempt(spans, taken, attempt, start, end, zero)
        due = None if end is None else end + waits.get(number + 1, 0.0)
    ended = run.ended - zero if run.ended else None
    if run.next_at:
        due = run.next_at - zero
    if due is not None and (not run.closed or run.fired == SCHEDULE_TO_START):
        state = FIRED if run.fired == SCHEDULE_TO_START else OPEN
        _add(spans, SCHEDULE_TO_START, taken, due, ended, state, max(run.tries, default=0) + 1)
    whole = FIRED if stretched(run) else KEPT if run.closed else OPEN
    _add(spans, SCHEDULE_TO_CLOSE, taken, 0.0, ended, whole, 0)
    return [_row(name, options, _state(each), each) for name, each in spans.items()]


def _add_attempt(
    spans: dict[str, list[Span]],
    taken: Any,
    attempt: Try,
    start: float,
    end: float | None,
    zero: float,
) -> None:
    """An attempt with its two timeouts."""
    label = f"attempt {attempt.number}"
    state = _BARS.get(attempt.state, FIRED)
    spans[ATTEMPTS].append(_span(start, end, None, state, label))
    running = OPEN if end is None else KEPT

    def fired(name: str) -> str:
        return FIRED if attempt.timeout == name else running

    _add(spans, START_TO_CLOSE, taken, start, end, fired(START_TO_CLOSE), attempt.number)
    beats = [each - zero for each in attempt.beats]
    if HEARTBEAT in taken:
        last = beats[-1] if beats else start
        span = _span(last, end, taken[HEARTBEAT], fired(HEARTBEAT), label)
        spans[HEARTBEAT].append(span | {"from": start, "beats": beats})


def _add(
    spans: dict[str, list[Span]],
    name: str,
    taken: Any,
    begin: float,
    end: float | None,
    state: str,
    number: int,
) -> None:
    if name in taken:
        label = f"attempt {number}" if number else "all attempts"
        spans[name].append(_span(begin, end, taken[name], state, label))


def _state(spans: list[Span]) -> str:
    """Of a row: what its spans have in common, the most telling first."""
    states = [span["state"] for span in spans]
    return next((each for each in (FIRED, OPEN, KEPT) if each in states), IDLE)
