"""What a snapshot took from the notebook, and how: a table that a lesson can show."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Iterator, Sequence
from typing import Literal, overload

How = Literal[
    "runs again in the sandbox",
    "imported",
    "imported, passed through",
    "passed through",
    "copied",
    "stays outside",
]


@dataclasses.dataclass(frozen=True)
class Entry:
    """One name that a workflow uses."""

    name: str
    how: How
    source: str
    """Where it comes from: `In[3], line 9: class Greeting:`, an import statement, or a type's name."""
    hint: str = ""
    """What to change, where there is something to gain."""

    def __str__(self) -> str:
        return f"{self.name}: {self.how} ({self.source})"


class Report(Sequence[Entry]):
    """The entries of a snapshot, in the order in which the sandbox sets them up.

    Shows itself as a table, in a notebook as HTML and elsewhere as text.
    """

    def __init__(self, title: str, entries: Sequence[Entry]) -> None:
        self.title = title
        self._entries = tuple(entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | Sequence[Entry]:
        return self._entries[index]

    def how(self, name: str) -> How | None:
        """How the name reached the sandbox; None when the workflow does not use it."""
        return next((entry.how for entry in self if entry.name == name), None)

    def __repr__(self) -> str:
        wide = max([len(entry.name) for entry in self], default=0)
        how = max([len(entry.how) for entry in self], default=0)
        lines = [f"{e.name:{wide}}  {e.how:{how}}  {e.source}".rstrip() for e in self]
        hints = [f"{entry.name}: {entry.hint}" for entry in self if entry.hint]
        return "\n".join([self.title, *(f"  {line}" for line in [*lines, *hints])])

    def _repr_html_(self) -> str:
        def row(entry: Entry) -> str:
            hint = f"<br><em>{html.escape(entry.hint)}</em>" if entry.hint else ""
            cells = (
                f"<td><code>{html.escape(entry.name)}</code></td>",
                f"<td>{html.escape(entry.how)}{hint}</td>",
                f"<td><code>{html.escape(entry.source)}</code></td>",
            )
            return f'<tr style="text-align:left">{"".join(cells)}</tr>'

        head = "".join(f'<th scope="col" style="text-align:left">{h}</th>' for h in ("name", "how", "from"))
        return (
            f'<table><caption style="text-align:left">{html.escape(self.title)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{''.join(map(row, self))}</tbody></table>"
        )
