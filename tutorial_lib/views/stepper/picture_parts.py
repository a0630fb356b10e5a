"""The parts of the stepper's static picture: lines of code, rows of the history, boxes."""

from __future__ import annotations

import html
from typing import Any, Final

from tutorial_lib.views.kit import svg
from tutorial_lib.views.kit.svg import COLOURS, MONO, fit, tag, text, width_of
from tutorial_lib.views.stepper.excerpt import CodeRow, EventRow

LINE: Final = 19.0  # pixels from line to line
_CHARACTER: Final = 7.25  # width of a monospaced character at 12 pixels

# The light half of static/view.css, where each name is `--st-NAME`; a test holds the two together.
TINTS: Final = {
    "ran": "#e7effd",
    "ran-bar": "#5b8def",
    "waits": "#fff1c9",
    "waits-bar": "#bf8700",
    "waits-ink": "#6b4700",
    "asked": "#dff5e8",
    "asked-ink": "#0f5f33",
    "in": "#e7effd",
    "in-ink": "#1a4fb0",
    "diverged": "#fdeae8",
    "diverged-ink": "#a3180e",
    "keyword": "#7a2fa8",
    "string": "#0a5c3a",
    "number": "#0b55a4",
    "comment": "#57606a",
    "defined": "#1f46c2",
    "decorator": "#824600",
    "builtin": "#0b5f78",
}
# The dark half of it.
DARK_TINTS: Final = {
    "ran": "#1a2740",
    "ran-bar": "#5d8fe8",
    "waits": "#3a2f10",
    "waits-bar": "#d9a520",
    "waits-ink": "#f2cc60",
    "asked": "#14301f",
    "asked-ink": "#6fdd95",
    "in": "#1a2740",
    "in-ink": "#9cc2ff",
    "diverged": "#421c1a",
    "diverged-ink": "#ff9f96",
    "keyword": "#d3a6ff",
    "string": "#8fdcae",
    "number": "#8ec5ff",
    "comment": "#a3adb8",
    "defined": "#a9bcff",
    "decorator": "#ffbe73",
    "builtin": "#7fd3e8",
}
IN_THE_DARK: Final = svg.IN_THE_DARK | {light: DARK_TINTS[name] for name, light in TINTS.items()}
_SYNTAX = {"k": "keyword", "s": "string", "n": "number", "c": "comment", "d": "defined", "a": "decorator"}
_SYNTAX |= {"v": "comment", "b": "builtin"}


def panel(x: float, y: float, width: float, height: float, title: str) -> str:
    """A frame with a heading."""
    return (
        tag("rect", x=x, y=y, width=width, height=height, rx=8.0, fill="none", stroke=COLOURS["line"])
        + text(x + 12, y + 19, title, font_weight=600)
        + tag("line", x1=x, y1=y + 27, x2=x + width, y2=y + 27, stroke=COLOURS["line"])
    )


def code(x: float, y: float, width: float, rows: list[CodeRow]) -> str:
    """Lines of code with their marks, from y downwards."""
    parts = []
    for number, runs, mark, note, asked in rows:
        if not number:
            parts.append(text(x + 62, y + 13, "⋯", fill="muted"))
            y += LINE
            continue
        if mark:
            tint = "ran" if mark == "asked" else mark
            bar = TINTS.get(f"{tint}-bar", TINTS["diverged-ink"])
            parts.append(tag("rect", x=x + 1, y=y, width=width - 2, height=LINE, fill=TINTS[tint]))
            parts.append(tag("rect", x=x + 1, y=y, width=4.0, height=LINE, fill=bar))
            symbol = "◆" if asked and mark != "diverged" else _SYMBOLS[mark]
            ink = TINTS["asked-ink"] if symbol == "◆" else TINTS.get(f"{tint}-ink", TINTS["in-ink"])
            parts.append(text(x + 17, y + 13.5, symbol, size=11, fill=ink, text_anchor="middle"))
        parts.append(text(x + 50, y + 13.5, str(number), fill="muted", text_anchor="end", font_family=MONO))
        room = width - 62 - (width_of(note, 11) + 24 if note else 8)
        parts.append(_code_line(x + 60, y + 13.5, runs, int(room / _CHARACTER)))
        if note:
            ink = TINTS["diverged-ink"] if mark == "diverged" else TINTS["waits-ink"]
            ink = ink if mark in {"waits", "diverged"} else TINTS["asked-ink"]
            parts.append(text(x + width - 10, y + 13.5, note, size=11, fill=ink, text_anchor="end"))
        y += LINE
    return "".join(parts)


_SYMBOLS = {"ran": "●", "waits": "❚❚", "asked": "◆", "diverged": "≠"}


def _code_line(x: float, y: float, runs: list[str], room: int) -> str:
    spans = []
    for kind, words in zip(runs[::2], runs[1::2], strict=True):
        shown = words if len(words) <= room else words[: max(0, room - 1)] + "…"
        room -= len(words)
        colour = TINTS[_SYNTAX[kind]] if kind else COLOURS["ink"]
        # Spaces would be folded into one.
        spans.append(tag("tspan", html.escape(shown.replace(" ", "\u00a0")), fill=colour))
        if room <= 0:
            break
    return tag("text", *spans, x=x, y=y, font_size=12.0, font_family=MONO) if spans else ""


def history(x: float, y: float, width: float, rows: list[EventRow]) -> str:
    """Rows of the history, from y downwards."""
    parts = []
    for kind, symbol, number, name, words in rows:
        middle = y + 13.5
        if kind == "divider":
            half = width_of(name, 11) / 2 + 10
            for first, last in ((x + 10, x + width / 2 - half), (x + width / 2 + half, x + width - 10)):
                ends = {"x1": first, "x2": last, "y1": y + 9.5, "y2": y + 9.5}
                parts.append(tag("line", **ends, stroke=COLOURS["muted"], stroke_dasharray="5 4"))
            parts.append(text(x + width / 2, middle, name, size=11, fill="muted", text_anchor="middle"))
            y += LINE
            continue
        ink = TINTS.get(f"{kind}-ink", COLOURS["muted"])
        if kind in TINTS:
            parts.append(tag("rect", x=x + 1, y=y, width=width - 2, height=LINE, fill=TINTS[kind]))
            parts.append(tag("rect", x=x + 1, y=y, width=4.0, height=LINE, fill=ink))
        parts.append(text(x + 16, middle, symbol, fill=ink, text_anchor="middle", font_weight=700))
        parts.append(text(x + 52, middle, number, fill="muted", text_anchor="end"))
        room = width - 62 - (width_of(words, 11) + 20 if words else 10)
        style = "italic" if kind == "unknown" else None
        fill = "muted" if kind == "unknown" else "ink"
        parts.append(text(x + 60, middle, fit(name, room), fill=fill, font_style=style))
        if words:
            parts.append(text(x + width - 10, middle, words, size=11, fill=ink, text_anchor="end"))
        y += LINE
    return "".join(parts)


def divergence_box(
    x: float, y: float, width: float, side: dict[str, Any], step: dict[str, Any], label: str = ""
) -> tuple[float, str]:
    """The box that shows how code and history part. Returns the height it takes, 0 where they do not."""
    parts = side["divergence"]
    if not parts or side["steps"][parts["step"]] is not step:
        return 0.0, ""
    at = f"  in line {parts['line']}:  {parts['source']}" if parts["line"] else ""
    facts = [
        ("The history has", parts["expected"]),
        ("The code produced", parts["produced"] + at),
        ("Core says", parts["core"]),
    ]
    lines = []
    below = y + 45
    for name, words in facts:
        lines.append(text(x + 18, below, name, fill="muted"))
        below, told = paragraph(x + 140, below, width - 156, words)
        lines.append(told)
    height = below - y - 4
    ink = TINTS["diverged-ink"]
    frame = tag("rect", x=x, y=y, width=width, height=height, rx=8.0, fill=TINTS["diverged"], stroke=ink)
    bar = tag("rect", x=x, y=y, width=6.0, height=height, rx=3.0, fill=ink)
    words = f"Code and history part here: {label}" if label else "Code and history part here"
    title = text(x + 18, y + 23, f"≠ {words}", size=14, fill=ink, font_weight=600)
    return height + 12, "".join([frame, bar, title, *lines])


def paragraph(x: float, y: float, room: float, words: str, *, size: float = 12) -> tuple[float, str]:
    """Text over as many lines as it needs. Returns the baseline of the line after it."""
    lines = [""]
    room *= 0.93  # fonts differ
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width_of(longer, size) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    parts = [
        text(x, y + k * (size + 6), fit(line, room * 1.07, size), size=size) for k, line in enumerate(lines)
    ]
    return y + len(lines) * (size + 6), "".join(parts)


def legend(x: float, y: float) -> tuple[float, str]:
    """What the symbols mean. Returns the y below it."""
    entries = [
        ("●", "in-ink", "ran in this task"),
        ("❚❚", "waits-ink", "waits here"),
        ("◆", "asked-ink", "asked for a command, and its event"),
        ("→", "in-ink", "delivered now"),
    ]
    spans: list[str] = []
    for symbol, ink, words in entries:
        spans.append(tag("tspan", symbol, fill=TINTS[ink], dx=18.0 if spans else 0.0))
        spans.append(tag("tspan", words, fill=COLOURS["muted"], dx=6.0))
    return y + 18, tag("text", *spans, x=x, y=y + 12, font_size=12.0)
