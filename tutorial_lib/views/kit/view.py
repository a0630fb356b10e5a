"""The base of all views: one widget, its static picture, and its files joined without a build step."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Self

import anywidget

from tutorial_lib.views.kit.svg import Picture

KIT = Path(__file__).parent / "static"  # what all views share
_VIEWS = KIT.parents[1]  # a folder for each view, with its own `static`

_IMPORT = re.compile(
    r"""^import\s*\{[^}]*\}\s*from\s*["'](\.[\w./]+\.js)["'][ \t]*;?[ \t]*(?://.*)?$\n?""", re.MULTILINE
)
_OTHER_IMPORT = re.compile(r"^\s*import\b.*", re.MULTILINE)
_FORM = 'write `import { h, s } from "../../kit/static/common.js"`, names in braces and a relative path'
_EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)


@cache
def script(name: str) -> str:
    """The ES module of a view: NAME/static/view.js, and in front of it the files that it imports.

    The files are real modules, so that editors and tests understand them. A widget is sent one module, which
    cannot import files: they are joined in one scope, without a build step.

    Raises:
        ValueError: If a file imports something in another form than `import { h, s } from "./file.js"`.
    """
    parts: dict[Path, str] = {}

    def take(part: Path) -> None:
        if part not in parts:
            source = part.read_text(encoding="utf-8")
            for needed in _IMPORT.findall(source):
                take((part.parent / needed).resolve())
            parts[part] = _EXPORT.sub("", _IMPORT.sub("", source))
            if left := _OTHER_IMPORT.search(parts[part]):
                raise ValueError(f"{part}: {left[0].strip()!r} cannot be joined; {_FORM}")

    take((_VIEWS / name / "static" / "view.js").resolve())
    return "\n".join(parts.values())


@cache
def theme() -> str:
    """Colours, type and controls that all views share: kit/static/theme.css."""
    return (KIT / "theme.css").read_text(encoding="utf-8")


@cache
def own_style(name: str) -> str:
    """What NAME/static/view.css adds to the theme; nothing if there is no such file."""
    path = _VIEWS / name / "static" / "view.css"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def as_json(value: Any) -> str:
    """A value as compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class View(anywidget.AnyWidget):
    """A widget with a static picture.

    A subclass names its folder (`script = "timeline"` for its static/view.js and .css), holds all it shows
    in traits, and draws `picture()` from the same layout. Where no widget can live (an untrusted notebook,
    GitHub, nbconvert), the picture of the moment it was displayed is what is left.
    """

    script: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if cls.__dict__.get("script"):
            cls._esm = script(cls.script)
            cls._css = theme() + own_style(cls.script)
        super().__init_subclass__(**kwargs)

    def picture(self) -> Picture:
        """The static picture of what the view shows now."""
        raise NotImplementedError

    def static_html(self) -> str:
        """What is shown where no widget lives: the picture; a subclass may add deterministic HTML."""
        return self.picture().img()

    def before_display(self) -> None:
        """Called when the view is about to be shown: send traits that were changed quietly."""

    def page_state(self) -> dict[str, Any]:
        """The view's own traits, as its script sees them: all that a page without a kernel needs."""
        own = self.own_traits()
        return {name: value for name, value in self.get_state().items() if name in own}

    def page_json(self) -> Iterator[str]:
        """`page_state` as JSON, in pieces."""
        yield as_json(self.page_state())

    @classmethod
    def own_traits(cls) -> frozenset[str]:
        """Names of the synchronised traits that are the view's, not the widget machinery's."""
        inherited = set(View.class_trait_names())
        return frozenset(
            name
            for name in cls.class_trait_names(sync=True)
            if name not in inherited and not name.startswith("_")
        )

    def __await__(self) -> Generator[None, None, Self]:
        """Itself at once: `await` stands before each picture, also before one that has nothing to ask."""
        yield from ()
        return self

    def __repr__(self) -> str:
        return self.picture().alt

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The widget, and beside it the picture and its sentence for where there is no widget."""
        self.before_display()
        bundle = super()._repr_mimebundle_(**kwargs) or ({}, {})
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "text/html": self.static_html(), "text/plain": self.picture().alt}, metadata
