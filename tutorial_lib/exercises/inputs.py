"""What a check was given, looked at before anything runs: each mix-up gets a sentence of its own."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from temporalio.client import WorkflowHandle

from tutorial_lib import sdk
from tutorial_lib.exercises.attempted import newest
from tutorial_lib.exercises.outcome import NotYet

__all__ = ["Takes", "a_function", "a_handle", "a_value", "a_workflow", "accept", "an_activity"]


@dataclass(frozen=True)
class Takes:
    """One thing that a check wants.

    Attributes:
        name: What the starter cell calls it.
        what: In words: "a workflow class".
        wrong: Returns what is wrong with a given object, or None.
    """

    name: str
    what: str
    wrong: Callable[[Any], str | None]


def accept(call: str, takes: Sequence[Takes], answers: Sequence[Any]) -> None:
    """Refuse what cannot be checked.

    Args:
        call: How the check is called, `ex.greet.check`.
        takes: What it wants.
        answers: What it got.

    Raises:
        NotYet: With a sentence on what is wrong.
    """
    line = f"`await {call}({', '.join(each.name for each in takes)})`"
    if len(answers) != len(takes):
        raise NotYet(f"the check got {_count(len(answers))}, and wants {_count(len(takes))}", f"it is {line}")
    for wanted, answer in zip(takes, answers, strict=True):
        if problem := wanted.wrong(answer):
            raise NotYet(f"{problem}", f"the check wants {wanted.what}: {line}")
        if (now := newest(answer)) is not answer and callable(now):
            raise NotYet(
                f"this `{wanted.name}` is an older one: its cell was run again since",
                f"run {line} with the new one",
            )


def a_workflow(name: str) -> Takes:
    """A class decorated with `@workflow.defn`."""

    def wrong(answer: Any) -> str | None:
        if sdk.is_workflow(answer):
            return None
        if isinstance(answer, type):
            return (
                f"`{answer.__name__}` is a class, but no workflow: `@workflow.defn` does not stand above it"
            )
        if sdk.is_workflow(type(answer)):
            kind = type(answer).__name__
            return f"this is an instance of `{kind}`; a worker takes the class itself, without ()"
        if sdk.is_activity(answer):
            return f"`{_name(answer)}` is an activity"
        return f"{_described(answer)} is no workflow class"

    return Takes(name, "a workflow class", wrong)


def an_activity(name: str) -> Takes:
    """A function decorated with `@activity.defn`."""

    def wrong(answer: Any) -> str | None:
        if sdk.is_workflow(answer):
            return f"`{answer.__name__}` is a workflow"
        if callable(answer) and sdk.is_activity(answer):
            return None
        if inspect.iscoroutine(answer):
            answer.close()
            return (
                "this is the result of calling the activity; a worker takes the function itself, without ()"
            )
        if callable(answer):
            return (
                f"`{_name(answer)}` is a function, but no activity: `@activity.defn` does not stand above it"
            )
        return f"{_described(answer)} is no activity"

    return Takes(name, "an activity function", wrong)


def a_function(name: str) -> Takes:
    """A plain function."""

    def wrong(answer: Any) -> str | None:
        if inspect.isfunction(answer):
            return None
        if inspect.iscoroutine(answer):
            answer.close()
            return f"this is the result of calling `{name}`; the check wants the function itself, without ()"
        return f"{_described(answer)} is no function"

    return Takes(name, "a function", wrong)


def a_handle(name: str) -> Takes:
    """A workflow handle."""

    def wrong(answer: Any) -> str | None:
        return None if isinstance(answer, WorkflowHandle) else f"{_described(answer)} is no workflow handle"

    return Takes(name, "the handle of a workflow execution", wrong)


def a_value(name: str, kind: type | tuple[type, ...], what: str) -> Takes:
    """A plain value.

    Args:
        name: What the starter cell calls it.
        kind: Its type or types; `bool` is no `int` here.
        what: In words: "a number".
    """
    kinds = kind if isinstance(kind, tuple) else (kind,)

    def wrong(answer: Any) -> str | None:
        if isinstance(answer, kinds) and (bool in kinds or not isinstance(answer, bool)):
            return None
        return f"{_described(answer)} is not {what}"

    return Takes(name, what, wrong)


def _name(thing: Any) -> str:
    return str(getattr(thing, "__name__", type(thing).__name__))


def _described(thing: Any) -> str:
    if thing is None:
        return "`None`"
    if isinstance(thing, (str, int, float, bool)):
        return f"`{thing!r}`"[:80]
    return f"this `{type(thing).__name__}`"


def _count(number: int) -> str:
    return "nothing" if number == 0 else f"{number} thing{'s' if number > 1 else ''}"
