"""The timeline as a static picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tutorial_lib.views.execution.lane_kinds import Lane, Stretch, TaskMark
from tutorial_lib.views.execution.lanes import TASKS, WORKFLOW, Lanes
from tutorial_lib.views.execution.words import SYMBOLS, verdict, waits
from tutorial_lib.views.kit.svg import COLOURS, document, fit, number, tag, text, width_of
from tutorial_lib.views.kit.time import duration, ticks
from tutorial_lib.views.timeline.look import COLOUR_OF, GLYPHS, hatch, legend, look, stroke, thread

WIDTH: Final = 920
GUTTER: Final = 208
RIGHT: Final = 16
ROW: Final = 24
TOP: Final = 66
SLIMMEST: Final = 3.0  # pixels of a bar
ROOM_FOR_A_CROSS: Final = 10
ROOM_FOR_A_RUN: Final = 52
WAITING: Final = 1.0  # seconds that a run which only waits is drawn over
NOBODY: Final = "waits for a worker"
MOST_LANES: Final = 20  # beside the execution and its workflow tasks


def draw_timeline(lanes: Lanes, head: Mapping[str, Any]) -> str:
    """The SVG of a timeline; long lists end with a line on what was left out."""
    if not lanes.lanes:
        return document(WIDTH, 40, text(16, 25, "No events yet.", fill="muted"), title="Timeline")
    picked, left_out = _pick(lanes.lanes)
    scale = _Scale(_shown(lanes))
    height = TOP + len(picked) * ROW + (ROW if left_out else 0) + 34
    rows = [_row(TOP + k * ROW, lane, lanes.tasks, scale) for k, lane in enumerate(picked)]
    if left_out:
        rows.append(text(16, TOP + len(picked) * ROW + 16, _left_out(left_out), fill="muted"))
    return document(
        WIDTH,
        height,
        tag("defs", hatch()),
        _title(lanes, head),
        _axis(scale, len(picked), lanes.runs),
        *rows,
        legend(height - 14, _styles(picked, scale)),
        title="Timeline",
    )


def _shown(lanes: Lanes) -> float:
    """Seconds to show: what only waits takes none by its events, and has to be seen waiting."""
    waits = lanes.lanes[WORKFLOW]["mood"] == "open" and lanes.end < WAITING
    return WAITING if waits else lanes.end


# ---- the parts of the picture --------------------------------------------------------------------------


class _Scale:
    """Seconds to pixels."""

    def __init__(self, end: float) -> None:
        self.now = max(end, 1e-3)
        self.end = self.now * 1.03
        self.left, self.right = GUTTER, WIDTH - RIGHT

    def __call__(self, seconds: float) -> float:
        return self.left + seconds / self.end * (self.right - self.left)


def _styles(lanes: Sequence[Lane], scale: _Scale) -> set[str]:
    """The styles of bars that can be seen."""
    bars = [bar for lane in lanes for bar in lane["bars"]]
    shown = {style for start, end, style, _ in bars if scale(end or scale.end) - scale(start) >= SLIMMEST}
    return shown | {style for *_, style, _ in bars if style not in {"wait", "backoff"}}


def _pick(lanes: Sequence[Lane]) -> tuple[list[Lane], list[Lane]]:
    """The lanes to draw, in order, and those left out: the first ones, and what failed."""
    fixed, rest = list(lanes[: TASKS + 1]), lanes[TASKS + 1 :]
    if len(rest) <= MOST_LANES:
        return [*fixed, *rest], []
    failed = [lane["lane"] for lane in rest[MOST_LANES:] if lane["mood"] == "bad"][: MOST_LANES // 4]
    chosen = {lane["lane"] for lane in rest[: MOST_LANES - len(failed)]} | set(failed)
    return [*fixed, *(lane for lane in rest if lane["lane"] in chosen)], [
        lane for lane in rest if lane["lane"] not in chosen
    ]


def _left_out(lanes: Sequence[Lane]) -> str:
    states = Counter(lane["state"] or "single events" for lane in lanes)
    what = ", ".join(f"{many} {state}" for state, many in states.most_common())
    return f"… and {len(lanes)} more {'lane' if len(lanes) == 1 else 'lanes'}: {what}"


def _title(lanes: Lanes, head: Mapping[str, Any]) -> str:
    main, end = lanes.lanes[WORKFLOW], lanes.end
    name = fit(main["name"], 420, 14)
    state = f"{SYMBOLS[main['mood']]} {main['state']}"
    tone = {"good": "done", "bad": "failed"}.get(main["mood"], "muted")
    x = 16 + width_of(name, 14) * 1.08 + 12  # bold is wider
    parts = [
        text(16, 25, name, size=14, font_weight="600"),
        text(x, 25, state, size=13, fill=tone, font_weight="600"),
    ]
    took = (end < 5e-4 and waits(lanes)) or duration(end)  # noqa: PLR2004 - "0 s" says nothing
    told = f"{took} · {fit(str(head.get('id', '')), 300, 12)}"
    parts.append(text(WIDTH - RIGHT, 25, told, fill="muted", text_anchor="end"))
    return "".join(parts)


def _axis(scale: _Scale, rows: int, runs: Sequence[float]) -> str:
    marks = ticks(0, scale.end, (scale.right - scale.left) / 90)
    step = marks[1] - marks[0] if len(marks) > 1 else scale.end
    bottom = TOP + rows * ROW
    parts = [
        tag("rect", x=0, y=TOP - 26, width=WIDTH, height=24, fill=COLOURS["raised"]),
        text(16, TOP - 9, "time since the start", size=11, fill="muted"),
    ]
    for mark in marks:
        x = scale(mark)
        anchor = "start" if x < GUTTER + 10 else "end" if x > scale.right - 16 else "middle"
        parts.append(text(x, TOP - 9, duration(mark, step), size=11, fill="muted", text_anchor=anchor))
    lines = "".join(f"M{number(scale(mark))} {TOP - 2}V{bottom}" for mark in marks)
    parts.append(tag("path", d=lines, stroke=COLOURS["line"], fill="none"))
    if breaks := "".join(f"M{number(scale(start))} {TOP - 2}V{bottom}" for start in runs[1:]):
        parts.append(tag("path", d=breaks, stroke=COLOURS["muted"], stroke_dasharray="3 3", fill="none"))
    return "".join(parts)


def _row(top: float, lane: Lane, tasks: Sequence[TaskMark], scale: _Scale) -> str:
    middle = top + ROW / 2
    kind = lane["kind"]
    colour = COLOURS.get(COLOUR_OF.get(kind, kind), COLOURS["task"])
    weight = "600" if kind == "workflow" else None
    label = lane["name"] if kind != "workflow" else "workflow execution"
    room = GUTTER - 16 - 22 - 8
    parts = [
        tag(
            "path",
            d=GLYPHS.get(kind, GLYPHS["other"]),
            transform=f"translate(14 {number(middle - 8)})",
            **stroke(colour),
        ),
        text(38, middle + 4, fit(label, room), font_weight=weight),
    ]
    named = width_of(label)
    if lane["summary"] and named + 40 < room:
        parts.append(
            text(
                38 + named + 8, middle + 4, fit(lane["summary"], room - named - 8, 11), size=11, fill="muted"
            )
        )
    if kind == "task":
        parts += _task_ticks(tasks, middle, scale, colour, scale.now)
    elif lane["bars"]:
        parts += _bars(lane, middle, scale, colour, scale.now)
    else:
        parts += _points(lane, middle, scale, colour)
    return "".join(parts)


def _bars(lane: Lane, middle: float, scale: _Scale, colour: str, now: float) -> list[str]:
    parts = [_bar(lane, bar, middle, scale, colour, now) for bar in lane["bars"]]
    first, last = lane["bars"][0], lane["bars"][-1]
    right = max(scale(now if last[1] is None else last[1]), scale(last[0]) + SLIMMEST)
    if lane["kind"] == "workflow" and len(lane["bars"]) > 1:
        parts += _runs(lane, middle, scale, now)
    return [*parts, *_verdict(lane, scale(first[0]), right, middle, scale)]


def _runs(lane: Lane, middle: float, scale: _Scale, now: float) -> list[str]:
    """Which run of a chain a bar is, on each that has room beside the words at the end of the last."""
    parts = []
    for bar in lane["bars"]:
        start, end, _, words = bar
        left, right = scale(start), scale(now if end is None else end)
        beside = width_of(verdict(lane)) + 12 if bar is lane["bars"][-1] else 0
        if right - left >= ROOM_FOR_A_RUN + beside:
            parts.append(text(left + 8, middle + 4, words, fill="ink" if end is None else "surface"))
    return parts


def _bar(lane: Lane, bar: Stretch, middle: float, scale: _Scale, colour: str, now: float) -> str:
    start, end, style, _ = bar
    x = scale(start)
    width = scale(now if end is None else end) - x
    if style in {"wait", "backoff"}:
        return thread(style, x, middle, width, colour) if width >= 1 else ""
    shape = style
    if style == "run":
        goes_on = end is None and lane["mood"] == "open"
        shape = "open" if goes_on else {"bad": "bad", "off": "off"}.get(lane["mood"], "run")
    width = max(SLIMMEST, width)
    box = {"x": x, "y": middle - 6, "width": width, "height": 12.0, "rx": min(3, width / 2)}
    drawn = tag("rect", **box, **look(shape, colour))
    if shape in {"failed", "reckoned", "unseen"}:
        drawn += tag("rect", **box, fill="url(#hatch)")
        if shape != "unseen" and width >= ROOM_FOR_A_CROSS:
            at = x + width / 2
            drawn += text(
                at, middle + 4, "✗", size=11, fill="failed", text_anchor="middle", font_weight="700"
            )
    return drawn


def _verdict(lane: Lane, left: float, right: float, middle: float, scale: _Scale) -> list[str]:
    """Symbol and word beside the bar; on it, or left out, where there is no room."""
    words = verdict(lane)
    if not words:
        return []
    room = width_of(words) + 12
    tone = "failed" if lane["mood"] == "bad" else "muted"
    if right + room <= scale.right:
        return [text(right + 8, middle + 4, words, fill=tone)]
    if left - room >= scale.left:
        return [text(left - 8, middle + 4, words, fill=tone, text_anchor="end")]
    last = lane["bars"][-1]
    if last[2] in {"run", "wait", "backoff", "unknown"} and right - scale(last[0]) >= room:
        if last[2] != "run" or lane["mood"] == "off":  # the line of a pause, or a hollow bar
            return [_broken(right - 8, middle, words, tone)]
        inside = "ink" if lane["mood"] == "open" else "surface"
        return [text(right - 8, middle + 4, words, fill=inside, text_anchor="end")]
    cut = fit(words, scale.right - right - 12)
    return [text(right + 8, middle + 4, cut, fill=tone)] if len(cut) > 2 else []  # noqa: PLR2004 - more than "✗…"


def _broken(right: float, middle: float, words: str, tone: str) -> str:
    """Words that break a line or an outline, as a title breaks a frame."""
    return text(
        right,
        middle + 4,
        words,
        fill=tone,
        text_anchor="end",
        paint_order="stroke",
        stroke=COLOURS["surface"],
        stroke_width=4,
    )


def _points(lane: Lane, middle: float, scale: _Scale, colour: str) -> list[str]:
    xs = sorted({round(scale(event[0])) for event in lane["events"]})
    d = "".join(f"M{x} {number(middle - 6)}l6 6l-6 6l-6-6z" for x in xs)
    return [tag("path", d=d, fill=colour, stroke=COLOURS["surface"])]


def _task_ticks(
    tasks: Sequence[TaskMark], middle: float, scale: _Scale, colour: str, now: float
) -> list[str]:
    good, bad, waits = [], [], []
    drawn = -9.0
    for task in tasks:
        if task["started"] is None:
            if task["ended"] is None:
                since = scale(task["scheduled"])
                waits.append(thread("wait", since, middle, scale(now) - since, colour))
                if scale(now) - since > width_of(NOBODY) + 16:
                    waits.append(_broken(scale(now) - 8, middle, NOBODY, "muted"))
            continue
        x, end = scale(task["started"]), scale(now if task["ended"] is None else task["ended"])
        width = max(2.0, end - x)
        if task["mood"] == "bad":
            bad.append(
                tag("rect", x=x, y=middle - 7, width=max(3.0, width), height=14, fill=COLOURS["failed"])
            )
            bad.append(text(x + max(3.0, width) + 3, middle + 4, "✗", fill="failed", font_weight="700"))
        elif x + width - drawn >= 1.5:  # noqa: PLR2004 - one tick a pixel and a half is what can be told apart
            good.append(f"M{number(x)} {number(middle - 6)}h{number(width)}v12h{number(-width)}z")
            drawn = x + width
    ticks_drawn = [tag("path", d="".join(good), fill=colour)] if good or bad else []
    return [*ticks_drawn, *bad, *waits]
