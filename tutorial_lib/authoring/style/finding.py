"""One breach of a house rule."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Finding"]


@dataclass(frozen=True)
class Finding:
    """One breach of a house rule.

    Attributes:
        cell: Number of the cell of any kind, from 1, as in its id; 0 for the notebook as a whole.
        rule: Short name of the rule.
        message: What was seen, and what is expected.
        cure: What to do, in one line; "" where the rule's own cure holds.
    """

    cell: int
    rule: str
    message: str
    cure: str = ""

    def __str__(self) -> str:
        """For example "cell-07 [length] 31 lines of code; at most 25"."""
        where = f"cell-{self.cell:02}" if self.cell else "notebook"
        return f"{where} [{self.rule}] {self.message}"
