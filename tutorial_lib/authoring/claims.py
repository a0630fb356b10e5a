"""Which cell of the course shows which statement (`make claims`).

The statements are data, in `claims.toml`. A lesson shows one in a code cell with the tag
`claim:<id>`. That counts only where a wrong output would fail: the cell has a committed output,
and nbval neither skips it nor ignores what it prints.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tutorial_lib.authoring import committed_form
from tutorial_lib.authoring.cell_marks import CLAIM_TAG, is_ignored, is_skipped, tags

__all__ = ["VERDICTS", "Claim", "Sighting", "find_sightings", "load_claims", "planned", "problems"]

DATA = Path(__file__).with_name("claims.toml")
VERDICTS = ("holds", "holds in part", "wrong today")


@dataclass(frozen=True)
class Claim:
    """One statement.

    Attributes:
        id: What a cell is tagged with, after `claim:`.
        statement: The statement.
        verdict: One of `VERDICTS`.
        now: What is so instead, or what the statement leaves out; may be empty.
        lessons: Numbers of the lessons that show it, "00" first.
    """

    id: str
    statement: str
    verdict: str
    now: str
    lessons: tuple[str, ...]


@dataclass(frozen=True)
class Sighting:
    """A cell that carries a claim's tag.

    Attributes:
        claim: The id in the tag.
        lesson: Number of the notebook, "00".
        cell: Number of the code cell, from 1, as its prompt shows it; 0 for another kind of cell.
        objection: Why it does not count; empty when it does.
    """

    claim: str
    lesson: str
    cell: int
    objection: str = ""


def load_claims(path: Path = DATA) -> dict[str, Claim]:
    """All statements by their id, in the order of the file."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        key: Claim(key, table["statement"], table["verdict"], table.get("now", ""), tuple(table["lessons"]))
        for key, table in tables.items()
    }


def planned(claims: dict[str, Claim], lesson: str) -> list[Claim]:
    """The statements that a lesson is to show.

    Args:
        claims: All statements.
        lesson: Its number, "08".
    """
    return [claim for claim in claims.values() if lesson in claim.lessons]


def find_sightings(path: Path) -> list[Sighting]:
    """Every claim tag of a notebook, with what speaks against it."""
    lesson, number, found = path.name[:2], 0, []
    for cell in committed_form.read(path).cells:
        number += cell.cell_type == "code"
        objection = ""
        if cell.cell_type != "code":
            objection = "a text shows nothing"
        elif is_skipped(cell):
            objection = "the cell is skipped"
        elif is_ignored(cell):
            objection = "its output is not compared"
        elif cell.execution_count is None or not cell.outputs:
            objection = "it has no committed output"
        shown = number if cell.cell_type == "code" else 0
        found += [
            Sighting(tag.removeprefix(CLAIM_TAG), lesson, shown, objection)
            for tag in tags(cell)
            if tag.startswith(CLAIM_TAG)
        ]
    return found


def problems(claims: dict[str, Claim], sightings: Sequence[Sighting], lessons: Sequence[str]) -> list[str]:
    """What is wrong, in sentences: unknown tags, tags that do not count, statements nobody shows.

    Args:
        claims: All statements.
        sightings: All tags found.
        lessons: Numbers of the lessons there are; a statement is due in each of its own among them.
    """
    found = []
    for sighting in sightings:
        where = f"lesson {sighting.lesson}, cell [{sighting.cell or 'text'}]"
        if sighting.claim not in claims:
            found.append(f"{where}: there is no claim {sighting.claim!r}")
        elif sighting.objection:
            found.append(f"{where}: {CLAIM_TAG}{sighting.claim} does not count: {sighting.objection}")
    shown = {(sighting.claim, sighting.lesson) for sighting in sightings if not sighting.objection}
    for claim in claims.values():
        found += [
            f"lesson {lesson} has no cell that shows {claim.id!r}: {claim.statement}"
            for lesson in claim.lessons
            if lesson in lessons and (claim.id, lesson) not in shown
        ]
    return found
