"""The static picture of a failure's chain: a box an exception, each deeper than the one that it caused."""

from __future__ import annotations

from typing import Any, Final

from tutorial_lib.views.failure.layout import Layout
from tutorial_lib.views.kit.grid import broken
from tutorial_lib.views.kit.svg import COLOURS, Picture, document, fit, tag, text, width_of

WIDTH: Final = 860.0
_PAD = 12.0
_STEP = 26.0  # pixels that a box stands further in than the one above
_DEEPEST = 5  # steps
_LINE = 18.0
_TOP = 40.0
_GAP = 12.0  # between boxes
_TONES: Final = {"bad": "failed", "good": "done"}


def failure_picture(layout: Layout) -> Picture:
    """Draw the chain.

    Args:
        layout: As `failure_layout` makes it.
    """
    name = fit(layout["title"], 420, 14)
    tone = _TONES.get(layout["mood"], "muted")
    body = [
        text(_PAD, 24, name, size=14, font_weight=600),
        text(_PAD + width_of(name, 14) * 1.08 + 12, 24, layout["state"], size=13, fill=tone, font_weight=600),
    ]
    y = _TOP
    for depth, link in enumerate(layout["links"]):
        y = _box(body, link, min(depth, _DEEPEST) * _STEP, y, arrow=depth > 0)
    for line in broken(layout["note"], WIDTH - 2 * _PAD) if layout["note"] else ():
        y += _LINE
        body.append(text(_PAD, y - 2, line))
    return Picture(document(WIDTH, y + 10, *body, title=f"Failure of {layout['title']}"), layout["alt"])


def _box(body: list[str], link: dict[str, Any], left: float, y: float, *, arrow: bool) -> float:
    """Draw a box; returns where the next one begins."""
    x, colour = _PAD + left, "failed" if link["reason"] else "line"
    room = WIDTH - x - 2 * _PAD - 8
    facts = " · ".join(link["facts"])
    lines = [
        (line, "muted") for words in (facts, _unquoted(link["from"])) if words for line in broken(words, room)
    ]
    height = 30 + _LINE * len(lines) + (4 if lines else 0)
    if arrow:
        at = x - _STEP / 2
        path = f"M{at} {y - _GAP}V{y + 16}H{x - 2}m-5 -4l5 4l-5 4"
        body.append(tag("path", d=path, fill="none", stroke=COLOURS["muted"]))
    width = 2 if link["reason"] else 1
    body.append(
        tag("rect", x=x, y=y, width=WIDTH - x - _PAD, height=height, rx=6, fill=COLOURS["raised"],
            stroke=COLOURS[colour], stroke_width=width)
    )  # fmt: skip
    head = f"{'✗ ' if link['reason'] else ''}{link['name']}"
    side = link["path"]
    body.append(
        text(x + _PAD, y + 20, head, size=13, font_weight=600, fill="failed" if link["reason"] else "ink")
    )
    edge = x + _PAD + width_of(head, 13) * 1.08 + 10
    right = WIDTH - 2 * _PAD
    if side:
        body.append(text(right, y + 20, side, size=11, fill="muted", text_anchor="end"))
    body.append(text(edge, y + 20, fit(link["message"], right - edge - width_of(side, 11) - 16)))
    for number, (line, fill) in enumerate(lines):
        body.append(text(x + _PAD, y + 20 + _LINE * (number + 1), line, fill=fill))
    return y + height + _GAP


def _unquoted(words: str) -> str:
    return words.replace("`", "")
