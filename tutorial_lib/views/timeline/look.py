"""What the marks of a static timeline look like, and the legend that explains them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from tutorial_lib.views.execution.attempts import UNKNOWN
from tutorial_lib.views.kit.svg import COLOURS, number, tag, text, width_of

COLOUR_OF: Final = {
    "local": "activity",
    "external": "nexus",
    "marker": "task",
    "properties": "task",
    "other": "task",
}
# Strokes in a square of 16; the same as in static/draw.js, which a test compares.
GLYPHS: Final = {
    "workflow": "M8 2.5a5.5 5.5 0 1 0 .01 0M8 6.5a1.5 1.5 0 1 0 .01 0",
    "task": "M3.5 3v10M6.5 6v7M9.5 3v10M12.5 6v7",
    "activity": "M3 3h10v10h-10zM6.5 5.5l4 2.5l-4 2.5z",
    "local": "M3 5.5v-2.5h2.5M10.5 3h2.5v2.5M13 10.5v2.5h-2.5M5.5 13h-2.5v-2.5M6.5 5.5l4 2.5l-4 2.5z",
    "timer": "M8 2.5a5.5 5.5 0 1 0 .01 0M8 5v3l2.2 1.5",
    "child": "M2.5 2.5h7v7h-7zM6.5 9.5v4h7v-7h-4",
    "signal": "M9 2l-5 7h4l-1 5l5-7h-4z",
    "update": "M5 13v-10M5 3l-2.3 2.6M5 3l2.3 2.6M11 3v10M11 13l-2.3-2.6M11 13l2.3-2.6",
    "nexus": "M8 2l5.2 3v6l-5.2 3l-5.2-3v-6z",
    "external": "M9 3h4v4M13 3l-6 6M11 9v4h-8v-8h4",
    "marker": "M4 14v-11h8l-2.5 3l2.5 3h-8",
    "properties": "M3 3h5l5.5 5.5l-5 5l-5.5-5.5zM5.7 5.7v.01",
    "other": "M8 6a2 2 0 1 0 .01 0",
}


def stroke(colour: str) -> dict[str, str | float]:
    """How a sign is drawn."""
    return {
        "fill": "none",
        "stroke": colour,
        "stroke_width": 1.5,
        "stroke_linejoin": "round",
        "stroke_linecap": "round",
    }


def look(shape: str, colour: str) -> dict[str, str | float]:
    """Fill and outline of a bar."""
    surface, failed = COLOURS["surface"], COLOURS["failed"]
    looks: dict[str, dict[str, str | float]] = {
        "run": {"fill": colour},
        "bad": {"fill": failed},
        "off": {"fill": surface, "stroke": colour, "stroke_width": 1.5, "stroke_dasharray": "2 2"},
        "open": {"fill": colour, "fill_opacity": 0.3, "stroke": colour},
        "failed": {"fill": surface, "stroke": failed, "stroke_width": 1.25},
        "reckoned": {"fill": surface, "stroke": failed, "stroke_width": 1.25, "stroke_dasharray": "3 2"},
        "unseen": {"fill": surface, "stroke": COLOURS["muted"], "stroke_dasharray": "3 2"},
        "unknown": {"fill": surface, "stroke": COLOURS["muted"], "stroke_dasharray": "3 2"},
    }
    return looks[shape]


def thread(style: str, x: float, y: float, width: float, colour: str) -> str:
    """The line of a pause: dots while it waits for a worker, red dashes before another attempt."""
    looks: dict[str, str | float]
    if style == "wait":
        looks = {"stroke": colour, "stroke_width": 2.0, "stroke_dasharray": "1 3"}
    else:
        looks = {"stroke": COLOURS["failed"], "stroke_width": 1.5, "stroke_dasharray": "5 4"}
    return tag("path", d=f"M{number(x)} {number(y)}h{number(width)}", fill="none", **looks)


def hatch() -> str:
    """The pattern of what did not work, to be referred to as `url(#hatch)`."""
    line = tag("path", d="M0 0v5", stroke=COLOURS["failed"], stroke_opacity=0.45)
    return tag(
        "pattern",
        line,
        id="hatch",
        width=5,
        height=5,
        patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )


def legend(y: float, styles: Collection[str]) -> str:
    """Words for the looks that occur."""
    entries: list[tuple[str, str]] = []
    box = {"x": 0, "y": -6, "width": 26, "height": 12, "rx": 3}
    if "wait" in styles:
        entries.append((thread("wait", 0, 0, 26, COLOURS["activity"]), "waits for a worker"))
    for style, words in (
        ("failed", "failed attempt"),
        ("reckoned", "failed attempt, times reckoned from the retry policy"),
        ("unseen", "attempts whose times are not known"),
    ):
        if style in styles:
            sample = tag("rect", **box, **look(style, "")) + tag("rect", **box, fill="url(#hatch)")
            entries.append((sample, words))
    if "unknown" in styles:
        entries.append((tag("rect", **box, **look("unknown", "")), UNKNOWN))
    if "backoff" in styles:
        entries.append((thread("backoff", 0, 0, 26, ""), "pause before the next attempt"))
    x, parts = 16.0, []
    for shape, words in entries:
        parts.append(tag("g", shape, transform=f"translate({number(x)} {number(y - 4)})"))
        parts.append(text(x + 34, y, words, size=11, fill="muted"))
        x += 34 + width_of(words, 11) + 24
    return "".join(parts)
