"""An HTML page taken apart: what it refers to, and whether that is outside itself."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser


class Page(HTMLParser):
    """What a page refers to, and its parts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.styles = ""
        self.images: list[dict[str, str | None]] = []
        self.text = ""
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self._inside = tag
        for name in ("src", "href", "action", "data", "poster", "srcset", "formaction"):
            if told.get(name):
                self.addresses.append(told[name] or "")
        if tag == "script":
            self.scripts.append((told, ""))
        if tag == "img":
            self.images.append(told)

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            told, before = self.scripts[-1]
            self.scripts[-1] = (told, before + data)
        elif self._inside == "style":
            self.styles += data
        else:
            self.text += data

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the parser names it
        self._inside = ""

    @property
    def states(self) -> list[dict]:
        return [json.loads(text) for told, text in self.scripts if told.get("type") == "application/json"]

    @property
    def programs(self) -> list[str]:
        return [text for told, text in self.scripts if told.get("type") == "module"]


def elsewhere(page: Page) -> list[str]:
    """All addresses outside the page that it could ask for."""
    code = "\n".join([*page.programs, page.styles]).replace("http://www.w3.org/2000/svg", "")
    found = [address for address in page.addresses if not address.startswith(("data:", "#"))]
    found += re.findall(r"\b(?:https?|wss?|file):/[^\s\"'`]*", code)
    found += re.findall(
        r"url\((?!\s*[\"'`]?#)[^)]*\)|@import[^;]*|\bimport\s*\([^)]*\)|\bfrom\s+[\"'][^\"']+", code
    )
    found += re.findall(r"\b(?:fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts)\b", code)
    return found
