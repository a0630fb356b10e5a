"""Views on a page of their own: one HTML file that needs no kernel, no server and no network."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from string import Template

from tutorial_lib.views.kit.view import KIT, View, own_style, script, theme

_VIEWS = "\0"  # stands for them in the template; no page holds it
_DEFAULT = re.compile(r"^export default\b", re.MULTILINE)

# In a module script of its own per kind of view, so that the names of two views never meet.
_START = """
for (const place of document.querySelectorAll('[data-tt-view="{name}"]')) {{
  const state = JSON.parse(place.querySelector("script").textContent);
  place.replaceChildren();
  view.render({{ model: stillModel(state), el: place }});
}}
"""


def standalone_html(views: Sequence[View | tuple[str, View]], title: str) -> str:
    """A self-contained page: it refers to no address outside itself.

    Args:
        views: What to show, from top to bottom; a pair gives a view its heading.
        title: Title of the page.

    Returns:
        The HTML. Without scripts it shows each view's static picture.
    """
    return "".join(standalone_parts(views, title))


def standalone_parts(views: Sequence[View | tuple[str, View]], title: str) -> Iterator[str]:
    """`standalone_html` in pieces: a page of a long history is not to be in memory several times.

    Args:
        views: What to show, from top to bottom; a pair gives a view its heading.
        title: Title of the page.
    """
    pairs = [view if isinstance(view, tuple) else ("", view) for view in views]
    names = list(dict.fromkeys(view.script for _, view in pairs))
    template = Template((KIT / "page.html").read_text(encoding="utf-8"))
    page = template.substitute(
        title=html.escape(title).replace(_VIEWS, ""),
        style=theme() + "".join(own_style(name) for name in names),
        views=_VIEWS,
        scripts="\n".join(_script(name) for name in names),
    )
    before, _, after = page.partition(_VIEWS)
    yield before
    for number, (heading, view) in enumerate(pairs):
        yield "\n" if number else ""
        yield from _section(heading, view)
    yield after


def _section(heading: str, view: View) -> Iterator[str]:
    above = f"<h2>{html.escape(heading)}</h2>" if heading else ""
    yield f'<section>{above}<noscript>{view.static_html()}</noscript><div data-tt-view="{view.script}">'
    yield '<script type="application/json">'
    for piece in view.page_json():
        yield piece.replace("<", "\\u003c")
    yield "</script></div></section>"


def _script(name: str) -> str:
    body = _DEFAULT.sub("const view =", script(name)) + _START.format(name=name)
    body = body.replace("</script", "<\\/script")  # the same to JavaScript; HTML would end the element
    return f'<script type="module">{body}</script>'
