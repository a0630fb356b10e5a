"""Words of a new lesson that are to be written anew; `tutorial author check` reports what is left of them."""

from __future__ import annotations

__all__ = ["PLACEHOLDERS", "ROW_PLACEHOLDERS"]

# As templates/notebook.py.txt has them.
PLACEHOLDERS = (
    "What this lesson is about, in one sentence.",
    "What to draw on the board before the first scene.",
    "## A scene: what happens?",
    "One question, in one sentence.",
    "The first thing that they ask about, and the one look that helps.",
    "One sentence of answer: what was seen, and its name.",
    "What they forget, and the one look that helps.",
    "- What was seen, in one line.",
    "## Extra: what is worth keeping, and not the lesson's idea",
)

# In the README's row: as the scaffold writes it, and as the check proposes it.
ROW_PLACEHOLDERS = ("say what this lesson is about", "do this and that")
