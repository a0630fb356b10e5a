"""Answers that are words: one means the same in capitals, with a full stop, or as its synonym."""

from __future__ import annotations

from typing import Any

__all__ = ["in_one_form"]

_ARTICLES = ("a", "an", "the", "it")


def in_one_form(said: Any, **synonyms: str) -> str:
    """An answer as checks compare it: "A new run." is "new run".

    Args:
        said: What the learner wrote.
        synonyms: Other words for an answer, each with the answer that it means.
    """
    words = str(said).casefold().replace("-", " ").replace("_", " ").strip(" .!").split()
    if words[:1] and words[0] in _ARTICLES:
        words = words[1:]
    form = " ".join(words)
    return synonyms.get(form, form)
