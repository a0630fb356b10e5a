"""Views on a page of their own: one HTML file that needs no kernel, no server and no network."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from string import Template

from tutorial_lib.views.kit.view import KIT, View, own_style, script, theme

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
    pairs = [view if isinstance(view, tuple) else ("", view) for view in views]
    names = list(dict.fromkeys(view.script for _, view in pairs))
    template = Template((KIT / "page.html").read_text(encoding="utf-8"))
    return template.substitute(
        title=html.escape(title),
        style=theme() + "".join(own_style(name) for name in names),
        views="\n".join(_section(heading, view) for heading, view in pairs),
        scripts="\n".join(_script(name) for name in names),
    )


def _section(heading: str, view: View) -> str:
    state = json.dumps(view.page_state(), ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    above = f"<h2>{html.escape(heading)}</h2>" if heading else ""
    return (
        f'<section>{above}<noscript>{view.static_html()}</noscript><div data-tt-view="{view.script}">'
        f'<script type="application/json">{state}</script></div></section>'
    )


def _script(name: str) -> str:
    body = _DEFAULT.sub("const view =", script(name)) + _START.format(name=name)
    body = body.replace("</script", "<\\/script")  # the same to JavaScript; HTML would end the element
    return f'<script type="module">{body}</script>'
