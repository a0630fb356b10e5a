"""What is made of the explanations: the page `notebooks/glossary.md`, and the terms of JupyterLab's hover."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from nbformat import NotebookNode

from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.reading.prose import plain_text
from tutorial_lib.authoring.terms.explained import Explanation, Lesson, explanations
from tutorial_lib.authoring.terms.words import load_terms

__all__ = ["HOVER", "PAGE", "read_lessons", "renew_glossary", "stale_files"]

PAGE = Path("notebooks") / "glossary.md"
HOVER = Path("tutorial_lib", "jupyter", "labextensions", "temporal-course", "static", "terms.json")

_HEAD = """\
# The words

Temporal's words in this course, each in the sentence that explains it where it is first met.
In a lesson, point at a word that is underlined with dots.

<!-- `tutorial author glossary` writes this page from the lessons. -->
"""
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


def read_lessons(paths: Sequence[Path]) -> list[Lesson]:
    """Notebooks in the order of the course, to be read only: each is parsed once while its file is the same.

    Args:
        paths: Of the notebooks.
    """
    stats = ((path, path.stat()) for path in sorted(paths))
    return [(path, _parsed(path, stat.st_mtime_ns, stat.st_size)) for path, stat in stats]


def stale_files(root: Path) -> list[Path]:
    """The files that are not what the lessons make of them.

    Args:
        root: The checkout.
    """
    made = {path: text for path, text in _made(root).items() if path.parent.is_dir()}
    return [path for path, text in made.items() if not path.exists() or _read(path) != text]


def renew_glossary(root: Path) -> list[Path]:
    """Writes page and hover anew; returns the files that this changed.

    Args:
        root: The checkout.
    """
    made, stale = _made(root), stale_files(root)
    for path in stale:
        path.write_text(made[path], encoding="utf-8")
    return stale


@lru_cache(maxsize=128)
def _parsed(path: Path, _changed: int, _size: int) -> NotebookNode:
    # The check of each lesson reads all those before it: 37 lessons are 37 files, not 1,369.
    return committed_form.read(path)


def _made(root: Path) -> dict[Path, str]:
    lessons = read_lessons([*(root / "notebooks").glob("[0-9][0-9]_*.ipynb")])
    known = explanations(lessons, load_terms())
    ordered = sorted(known.values(), key=lambda each: each.term.name)
    return {root / PAGE: _page(ordered), root / HOVER: _hover(ordered)}


def _page(known: Sequence[Explanation]) -> str:
    return "\n".join([_HEAD, *(f"{_entry(each)}\n" for each in known)])


def _entry(each: Explanation) -> str:
    sentence = _LINK.sub(r"\1", each.sentence)
    title, target = f"lesson {each.lesson.name[:2]}", each.lesson.name
    if heading := plain_text(each.heading):
        title += f", {heading}"
        target += f"#{quote(heading.replace(' ', '-'), safe='-:,')}"  # JupyterLab's own form of an anchor
    return f"- *{each.term.name}*: {sentence} ([{title}]({target}))"


def _hover(known: Sequence[Explanation]) -> str:
    terms = [
        {
            "term": each.term.name,
            "forms": list(each.term.forms),
            "sentence": plain_text(each.sentence),
            "lesson": each.lesson.name[:2],
        }
        for each in known
        if not each.term.everyday
    ]
    return json.dumps(terms, indent=1, ensure_ascii=False) + "\n"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
