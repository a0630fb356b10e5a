"""Short texts of a learner's values: never long, never slow, never raising, the same in every run."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import re
import reprlib
from typing import Any

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_LONGEST = 160  # characters of one text or of one object's repr
_MOST = 12  # members of one list, dict, set or dataclass


class _Shortener(reprlib.Repr):
    """`reprlib`, but dicts and dataclasses keep their order and are cut before they are formatted."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = self.maxlong = _LONGEST
        self.maxlist = self.maxdict = self.maxset = self.maxfrozenset = self.maxtuple = self.maxdeque = _MOST
        self.maxlevel = 4

    def repr_dict(self, x: dict[Any, Any], level: int) -> str:
        if not x:
            return "{}"
        if level <= 0:
            return "{...}"
        shown = [
            f"{self.repr1(key, level - 1)}: {self.repr1(value, level - 1)}"
            for key, value in itertools.islice(x.items(), self.maxdict)
        ]
        return "{" + ", ".join(shown + ["..."] * (len(x) > self.maxdict)) + "}"

    def repr_instance(self, x: Any, level: int) -> str:
        if isinstance(x, asyncio.Future):
            return _awaitable(x)
        # Only the generated `__repr__`: one that the learner wrote says more.
        made = getattr(type(x), "__dataclass_params__", None)
        if made is not None and made.repr and not isinstance(x, type) and _is_generated(type(x)):
            if level <= 0:
                return f"{type(x).__qualname__}(...)"
            fields = [field for field in dataclasses.fields(x) if field.repr]
            shown = [
                f"{field.name}={self.repr1(getattr(x, field.name), level - 1)}" for field in fields[:_MOST]
            ]
            return f"{type(x).__qualname__}({', '.join(shown + ['...'] * (len(fields) > _MOST))})"
        return _cut(repr(x))


def _awaitable(x: asyncio.Future[Any]) -> str:
    """A task or future without its callbacks, number and run id: `<Task 'producer' pending>`."""
    state = "cancelled" if x.cancelled() else "done" if x.done() else "pending"
    if not isinstance(x, asyncio.Task):
        return f"<Future {state}>"
    return f"<Task {task_name(x)!r} {state}>"


def task_name(task: asyncio.Task[Any]) -> str:
    """The name that a task was given, else that of its function; asyncio's own number means nothing."""
    name = task.get_name().split(" (workflow: ")[0]
    return str(getattr(task.get_coro(), "__qualname__", "")) if name.startswith("Task-") else name


def _is_generated(made: type) -> bool:
    code = getattr(getattr(made.__repr__, "__wrapped__", made.__repr__), "__code__", None)
    return code is not None and code.co_filename == "<string>"


def _cut(text: str) -> str:
    text = _ADDRESS.sub("", text)
    if len(text) <= _LONGEST:
        return text
    half = (_LONGEST - 3) // 2
    return f"{text[:half]}...{text[-half:]}"


_shortener = _Shortener()


def short(value: object) -> str:
    """The value's `repr`, shortened, without memory addresses.

    A `__repr__` that raises is shown as such: what is being looked at may be half made.
    """
    try:
        return _ADDRESS.sub("", _shortener.repr(value))
    except Exception as error:  # noqa: BLE001 - the learner's own __repr__ may raise anything
        return f"<{type(value).__name__}: its repr raised {type(error).__name__}>"
