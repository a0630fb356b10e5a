"""The stepper without a browser: one step as an SVG, its sentence, and all steps as text that folds out.

Drawn from the same layout as the widget. It shows the step where code and history part, or two versions
first differ, or else the last one.
"""

from __future__ import annotations

import html
from typing import Any

from tutorial_lib.views.kit.svg import COLOURS, Picture, document, fit, tag, text
from tutorial_lib.views.stepper import picture_parts as svg
from tutorial_lib.views.stepper.excerpt import event_rows, excerpt, state_at
from tutorial_lib.views.stepper.words import listed

WIDTH = 1080.0
GAP = 16.0
_SHARE = 0.58  # of the width for the code, beside its history
_TEXT_STEPS = 60  # told in the list
_SIDES = ("Left", "Right")


def draw(data: dict[str, Any]) -> Picture:
    """The picture of a layout."""
    tick = picture_tick(data)
    if tick is None:
        words = f"Replay of workflow {data['sides'][0]['workflow']}: no workflow task yet."
        return Picture(document(WIDTH, 40, text(GAP, 25, words, size=14)), words)
    pairs = [
        (side, None if index is None else side["steps"][index])
        for side, index in zip(data["sides"], data["axis"][tick], strict=True)
    ]
    y, head = _head(data, tick, pairs)
    parts = [head]
    draw_body = _one if len(pairs) == 1 else _two
    y, body = draw_body(pairs, y)
    parts.append(body)
    return Picture(document(WIDTH, y, *parts, dark=svg.IN_THE_DARK), _alt(data, pairs))


def picture_tick(data: dict[str, Any]) -> int | None:
    """The tick to draw: the first difference, else the divergence, else the last one; None without steps."""
    if not data["axis"]:
        return None
    if data["differs"]:
        return int(data["differs"]["tick"])
    for tick, pair in enumerate(data["axis"]):
        for side, index in zip(data["sides"], pair, strict=True):
            if side["divergence"] and side["divergence"]["step"] == index:
                return tick
    return len(data["axis"]) - 1


def details(data: dict[str, Any]) -> str:
    """All steps of one recording as HTML text; nothing while it runs, for it would differ from run to run."""
    side = data["sides"][0]
    if len(data["sides"]) > 1 or side["status"] == "Running" or not side["steps"]:
        return ""
    items = [
        f"<li>Workflow task {step['n']}: {_marked(side['pool'][step['story']])}</li>"
        for step in side["steps"][:_TEXT_STEPS]
    ]
    rest = len(side["steps"]) - len(items)
    more = f"<li>and {rest} more</li>" if rest > 0 else ""
    return f"<details><summary>The steps as text</summary><ul>{''.join(items)}{more}</ul></details>"


def _marked(words: str) -> str:
    parts = html.escape(words).split("`")
    return "".join(f"<code>{part}</code>" if k % 2 else part for k, part in enumerate(parts))


def _alt(data: dict[str, Any], pairs: list[tuple[dict[str, Any], dict[str, Any] | None]]) -> str:
    side, step = next((side, step) for side, step in pairs if step)
    if len(pairs) > 1:
        start = f"Two versions of workflow `{side['workflow']}` replayed side by side."
        if not data["differs"]:
            return f"{start} They take the same road in all {len(data['axis'])} steps."
        return f"{start} They first differ in workflow task {step['n']}. {data['differs']['told']}"
    if side["status"] == "Running" and not side["divergence"]:
        return str(side["summary"])
    last = f"In {_task(side, step)}: " if not side["divergence"] else ""
    source = side["divergence"]["source"] if side["divergence"] else ""
    at = f" The line: `{source}`." if source else ""
    story = side["pool"][step["story"]]
    story = story if not last else story[:1].lower() + story[1:]
    return f"{side['summary']} {last}{story}{at}"


def _task(side: dict[str, Any], step: dict[str, Any]) -> str:
    return "the next workflow task" if step.get("next") else f"workflow task {step['n']} of {side['tasks']}"


def _head(
    data: dict[str, Any], tick: int, pairs: list[tuple[dict[str, Any], dict[str, Any] | None]]
) -> tuple[float, str]:
    """Where we are, and the step in sentences. Returns the y below it."""
    side, step = next((side, step) for side, step in pairs if step)
    facts = [f"event {step['s']}", "replaying" if step.get("r") else "live"]
    if step.get("next"):
        facts = ["not begun"]
    if side["lives"] > 1:
        facts.append(f"instance {step.get('life', 0) + 1} of {side['lives']}")
    name = _task(side, step)
    title = tag("tspan", name[:1].upper() + name[1:], font_size=16.0, font_weight=600)
    rest = tag("tspan", html.escape(" · ".join(facts)), dx=14.0, fill=COLOURS["muted"])
    parts = [
        tag("text", title, rest, x=GAP, y=27.0, font_size=13.0, fill=COLOURS["ink"]),
        text(WIDTH - GAP, 27, f"{side['workflow']} · {side['status']}", fill="muted", text_anchor="end"),
    ]
    told = side["pool"][step["story"]] if len(pairs) == 1 else ""
    if data["differs"] and data["differs"]["tick"] == tick:
        told = f"First difference: {data['differs']['told']}"
    y, words = svg.paragraph(GAP, 50, WIDTH - 2 * GAP, told.replace("`", ""), size=13)
    return y + 6, "".join([*parts, words])


def _one(pairs: list[tuple[dict[str, Any], dict[str, Any] | None]], y: float) -> tuple[float, str]:
    ((side, step),) = pairs
    assert step is not None  # noqa: S101 - one side has a step at each tick
    left = (WIDTH - 3 * GAP) * _SHARE
    right = WIDTH - 3 * GAP - left
    box = svg.divergence_box(GAP, y, WIDTH - 2 * GAP, side, step)
    y += box[0]
    rows = excerpt(side, step)
    events = event_rows([(side, step)], max(10, len(rows) + 1))
    height = 30 + max(len(rows), len(events)) * svg.LINE + 8
    parts = [
        box[1],
        svg.panel(GAP, y, left, height, "Code"),
        svg.code(GAP, y + 30, left, rows),
        svg.panel(2 * GAP + left, y, right, height, "History"),
        svg.history(2 * GAP + left, y + 30, right, events),
    ]
    y, facts = _facts(side, step, GAP, y + height + 20, WIDTH - 2 * GAP)
    y, legend = svg.legend(GAP, y + 4)
    return y + 10, "".join([*parts, facts, legend])


def _two(pairs: list[tuple[dict[str, Any], dict[str, Any] | None]], y: float) -> tuple[float, str]:
    wide = (WIDTH - 3 * GAP) / 2
    excerpts = [excerpt(side, step) if step else [] for side, step in pairs]
    height = 30 + max(map(len, excerpts)) * svg.LINE + 8
    parts = []
    for k, (side, step) in enumerate(pairs):
        if step:
            high, box = svg.divergence_box(GAP, y, WIDTH - 2 * GAP, side, step, side["label"] or _SIDES[k])
            y += high
            parts.append(box)
    bottom = y
    for k, ((side, step), rows) in enumerate(zip(pairs, excerpts, strict=True)):
        x = GAP + k * (wide + GAP)
        parts += [svg.panel(x, y, wide, height, side["label"] or _SIDES[k]), svg.code(x, y + 30, wide, rows)]
        below = y + height + 20
        if step:
            below, facts = _facts(side, step, x, below, wide)
            parts.append(facts)
        else:
            parts.append(text(x, below, "This side goes no further.", fill="muted"))
        bottom = max(bottom, below)
    y, legend = svg.legend(GAP, bottom + 8)
    return y + 10, "".join([*parts, legend])


def _facts(side: dict[str, Any], step: dict[str, Any], x: float, y: float, room: float) -> tuple[float, str]:
    """What self holds, what was asked for and what is open, a line each."""
    pool = side["pool"]
    held = [f"{name} = {value}" for name, value in state_at(side, step).items()]
    made = [pool[words] + (f" (line {line})" if line else "") for words, _, line, _ in step.get("c", [])]
    waits = [pool[index][0] for index in step.get("w", [])]
    lines = [("self", ", ".join(held) or "no attributes"), ("Commands", listed(made) or "none")]
    lines.append(("Waits for", listed(waits) or "nothing"))
    parts = []
    for name, words in lines:
        parts.append(text(x, y, name, fill="muted", font_weight=600))
        parts.append(text(x + 90, y, fit(words.replace("`", ""), room - 100)))
        y += 19
    return y, "".join(parts)
