"""Static pictures: SVG as strings, on an opaque light background, and the `<img>` that carries them.

An `<img>` with a data address and an alternative text is the only form that survives an untrusted notebook;
inline `<svg>` is stripped there, with its labels.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

SANS: Final = "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
MONO: Final = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"

# The light half of static/theme.css, where each name is `--tt-NAME`; a test holds the two together.
COLOURS: Final = {
    "ink": "#1f2328",
    "muted": "#57606a",
    "line": "#d8dee4",
    "surface": "#ffffff",
    "raised": "#f6f8fa",
    "accent": "#3d5ad1",
    "workflow": "#4b5563",
    "task": "#57606a",
    "activity": "#2467c8",
    "timer": "#8f5f00",
    "child": "#7447c4",
    "signal": "#14795a",
    "update": "#0a7083",
    "nexus": "#a3378a",
    "failed": "#c62a1f",
    "done": "#17702f",
    "warning": "#865a00",
}

# The dark half of it, for pages and images that ask for dark colours.
DARK: Final = {
    "ink": "#e6edf3",
    "muted": "#a3adb8",
    "line": "#3b424b",
    "surface": "#14171c",
    "raised": "#1e2329",
    "accent": "#8ea2ff",
    "workflow": "#b6c0cb",
    "task": "#a3adb8",
    "activity": "#74aaff",
    "timer": "#e0b04a",
    "child": "#bb9af7",
    "signal": "#4fd1a5",
    "update": "#56c8dc",
    "nexus": "#ee8fd4",
    "failed": "#ff8a80",
    "done": "#5bd27a",
    "warning": "#e3b341",
}
IN_THE_DARK: Final = {light: DARK[name] for name, light in COLOURS.items()}

# Width of a character over the font's size, for a wide sans serif (DejaVu Sans); the rest count as 0.61.
_NARROW = dict.fromkeys("ijlI.,:;'|!", 0.3) | dict.fromkeys("ftr()[]-/ `", 0.39)
_WIDE = dict.fromkeys("mwMW@%", 0.93) | dict.fromkeys("ABCDEGHKNOPQRSUVXYZ_#&", 0.72)
_WIDTHS = _NARROW | _WIDE
_SLIMMEST: Final = min(_WIDTHS.values())


@dataclass(frozen=True)
class Picture:
    """A static picture and its meaning in words.

    Attributes:
        svg: The SVG document.
        alt: A sentence or two on what the picture shows; the same for each run of the same workflow.
    """

    svg: str
    alt: str

    def img(self) -> str:
        """The `<img>` element, with the picture inside."""
        # A half of a surrogate pair is no character: it is shown as the escape that it was written as.
        data = base64.b64encode(self.svg.encode(errors="backslashreplace")).decode()
        alt = html.escape(self.alt, quote=True)
        style = "max-width:100%;color-scheme:light"  # the course's JupyterLab asks for dark ones in the dark
        return f'<img alt="{alt}" style="{style}" src="data:image/svg+xml;base64,{data}">'


def number(value: float) -> str:
    """A number as short as a hundredth of a pixel allows."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def tag(name: str, /, *inside: str, **attributes: float | str | None) -> str:
    """An SVG element.

    Args:
        name: E.g. "rect".
        inside: Markup of its children, already escaped.
        attributes: Attributes; "_" means "-", a trailing "_" is dropped, None leaves one out.
    """
    parts = [f"<{name}"]
    for key, value in attributes.items():
        if value is None:
            continue
        text = html.escape(value, quote=True) if isinstance(value, str) else number(value)
        parts.append(f' {key.rstrip("_").replace("_", "-")}="{text}"')
    return "".join([*parts, ">", *inside, f"</{name}>"]) if inside else "".join([*parts, "/>"])


def text(
    x: float, y: float, words: str, *, size: float = 12, fill: str = "ink", **attributes: float | str | None
) -> str:
    """A line of text.

    Args:
        x: Left edge; `text_anchor="end"` or "middle" makes it the right edge or the middle.
        y: The baseline.
        words: The text, not yet escaped.
        size: Font size in pixels, not below 11.
        fill: A name of `COLOURS`, or a colour.
        attributes: Further attributes, e.g. `font_weight=600`.
    """
    colour = COLOURS.get(fill, fill)
    return tag("text", html.escape(words), x=x, y=y, font_size=size, fill=colour, **attributes)


def width_of(words: str, size: float = 12) -> float:
    """About how many pixels wide a text is in a common sans serif."""
    return size * sum(_WIDTHS.get(each, 0.61 if each < "\u2e80" else 1.0) for each in words)


def fit(words: str, room: float, size: float = 12) -> str:
    """A text cut to a width, with "…" where it was cut.

    Args:
        words: The text.
        room: Pixels.
        size: Font size in pixels.
    """
    if len(words) * size * _SLIMMEST <= room and width_of(words, size) <= room:
        return words
    left = room - width_of("…", size)
    for at, each in enumerate(words):
        left -= width_of(each, size)
        if left < 0:
            return words[:at].rstrip() + "…"
    return words if width_of(words, size) <= room else words.rstrip() + "…"


def document(
    width: float, height: float, *body: str, title: str = "", dark: Mapping[str, str] = IN_THE_DARK
) -> str:
    """A whole SVG document: opaque, with its fonts, and scaled down where there is less room.

    In an `<img>`, "dark" is what its page asks for with `color-scheme`, or else the reader's system.

    Args:
        width: In pixels.
        height: In pixels.
        body: Markup.
        title: What a viewer shows of it by name.
        dark: What each colour is in the dark.
    """
    paper = tag("rect", width=width, height=height, fill=COLOURS["surface"])
    head = [tag("title", html.escape(title))] if title else []
    return tag(
        "svg",
        *head,
        _dark_style("".join([paper, *body]), dark),
        paper,
        *body,
        xmlns="http://www.w3.org/2000/svg",
        width=width,
        height=height,
        viewBox=f"0 0 {number(width)} {number(height)}",
        font_family=SANS,
    )


def _dark_style(body: str, dark: Mapping[str, str]) -> str:
    """A style that replaces the colours of a body where dark ones are asked for."""
    rules = "".join(
        f'[{attribute}="{light}"]{{{attribute}:{other}}}'
        for light, other in sorted(dark.items())
        for attribute in ("fill", "stroke")
        if f'{attribute}="{light}"' in body
    )
    return tag("style", f"@media (prefers-color-scheme:dark){{{rules}}}")
