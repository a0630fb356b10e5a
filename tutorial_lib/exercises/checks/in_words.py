"""Answers that are words: one means the same in capitals, with a full stop, or as its synonym."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from tutorial_lib.exercises.outcome import NotYet

__all__ = ["in_one_form", "one_word_a_line"]

_ARTICLES = ("a", "an", "the", "it")
_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six")


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


def one_word_a_line(
    given: Mapping[Any, Any],
    lines: Iterable[str],
    words: Sequence[str],
    *,
    name: str,
    form: Callable[[Any], str] = in_one_form,
) -> dict[str, str]:
    """A learner's dictionary that gives one of a few words to each line, in the form that checks compare.

    Args:
        given: What the learner wrote.
        lines: The keys that it must have.
        words: The answers there are, six at most.
        name: The dictionary's, in the starter.
        form: How an answer is brought to the form of `words`.

    Raises:
        NotYet: If a line is missing, or has another word.
    """
    asked = list(lines)
    if missing := [line for line in asked if line not in given]:
        raise NotYet(f"`{name}` has no line {missing[0]!r}", "keep the lines of the starter cell")
    said = {line: form(given[line]) for line in asked}
    if odd := [line for line, word in said.items() if word not in words]:
        *most, last = map(repr, words)
        raise NotYet(
            f"{given[odd[0]]!r}, at {odd[0]!r}, is none of the {_NUMBERS[len(words)]} answers",
            f"they are the texts {', '.join(most)} and {last}",
        )
    return said
