"""The list of terms, `course/terms.toml`, and how to find them in prose."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import tutorial_lib.course
from tutorial_lib.authoring.reading.prose import without_fences

__all__ = ["LIST", "Term", "Terms", "load_terms", "sentences_of"]

LIST = Path(tutorial_lib.course.__file__).with_name("terms.toml")

_TABLE_ROW = re.compile(r"^\|.*\|\s*$", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6} .*$", re.MULTILINE)
_ITEM = re.compile(r"^\s*(?:[-*+]|\d+\.)\s+", re.MULTILINE)
# A sentence ends with a sign, behind which bold, a quote or a bracket may end, too.
_END = re.compile(r"(?<=[.!?])([*\")]*)\s+(?=[A-Z*`\[(\"])")
_LINK = re.compile(r"!?\[[^\]]*\]\([^)]*\)")
_CODE = re.compile(r"`[^`]*`")
_BOLD = re.compile(r"\*\*([^*]+?)[.:]?\*\*")


@dataclass(frozen=True)
class Term:
    """One of Temporal's words.

    Attributes:
        name: As it is listed: "task queue".
        forms: All its written forms, in lower case.
        everyday: Whether it is plain English as well.
    """

    name: str
    forms: tuple[str, ...]
    everyday: bool


@dataclass(frozen=True)
class Terms:
    """All terms."""

    terms: tuple[Term, ...]

    @cached_property
    def by_form(self) -> dict[str, Term]:
        """The term of each form."""
        return {form: term for term in self.terms for form in term.forms}

    def used_in(self, sentence: str) -> Iterator[Term]:
        """The terms of a sentence of Markdown, in order; not those in code or in the text of a link.

        The longest form counts: "workflow task" is no use of "workflow".
        """
        prose = _CODE.sub(" ", _LINK.sub(" ", sentence))
        for match in self._pattern.finditer(prose):
            yield self.by_form[match[0].lower()]

    def bold_in(self, sentence: str) -> Iterator[Term]:
        """The terms that a sentence of Markdown has in bold."""
        for match in _BOLD.finditer(sentence):
            if term := self.by_form.get(" ".join(match[1].lower().split())):
                yield term

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        forms = sorted(self.by_form, key=len, reverse=True)
        return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, forms))})(?![\w-])", re.IGNORECASE)


def load_terms(path: Path = LIST) -> Terms:
    """Reads the list.

    Args:
        path: The file.
    """
    listed = tomllib.loads(path.read_text(encoding="utf-8"))
    return Terms(
        tuple(
            Term(
                name,
                tuple(dict.fromkeys((name, _plural(name), *marks.get("forms", ())))),
                marks.get("everyday", False),
            )
            for name, marks in listed.items()
        )
    )


def sentences_of(source: str) -> list[str]:
    """The sentences of a Markdown cell's prose: no headings, no tables, no blocks of code.

    Args:
        source: Of the cell.
    """
    prose = _HEADING.sub("\n", _TABLE_ROW.sub("\n", without_fences(source)))
    blocks = re.split(r"\n\s*\n", _ITEM.sub("\n\n", prose))
    found: list[str] = []
    for block in blocks:
        parts = _split(" ".join(block.split()))
        for part in parts:
            # "**Worker.** It polls.": a lead in bold is no sentence without the next.
            if found and re.fullmatch(r"\*\*[^*]+\*\*", found[-1]) and part is not parts[0]:
                found[-1] += f" {part}"
            else:
                found.append(part)
    return found


def _split(block: str) -> list[str]:
    """The sentences of one line of prose; a full stop in code ends none."""
    masked = _CODE.sub(lambda code: "`" + "x" * (len(code[0]) - 2) + "`", block)
    ends = [match.end(1) for match in _END.finditer(masked)]
    parts = (block[start:end] for start, end in zip([0, *ends], [*ends, None], strict=True))
    return [part.strip() for part in parts if part.strip()]


def _plural(name: str) -> str:
    if re.search(r"[^aeiou]y$", name):
        return f"{name[:-1]}ies"
    return f"{name}es" if re.search(r"(s|x|ch|sh)$", name) else f"{name}s"
